"""Every kind of sequence by which text does more in a terminal than being shown."""

from __future__ import annotations

INTRODUCERS = [b"\x1b[", "\u009b".encode(), b"\x9b"]
CSI_FINALS = [bytes([final]) for final in range(0x40, 0x7F)]
PARAMETERS = [
    b"",
    b"0",
    b"1",
    b"2",
    b"3",
    b"5;5",
    b"?25",
    b"?1049",
    b"?2004",
    b">4;2",
    b"=1",
    b"!",
    b"200",
    b"38;5;1",
    b"?6",
    b"1 ",
]
STRINGS = [
    b"]0;title", b"]2;title", b"]52;c;eA==", b"]52;p;!", b"]8;;http://x", b"]4;1;?", b"]10;?", b"]133;A", b"]9;note",
    b"]777;notify;a;b", b"]1337;File=:eA==", b"P$q q", b"P+q544e", b"P0;1|17/17", b"Pq#0~", b"_Gf=100;eA==",
    b"^private", b"Xtext",
]  # fmt: skip
ENDS = [b"\x07", b"\x1b\\", "\u009c".encode()]
CHARACTER_SETS = [b"(", b")", b"*", b"+", b"#", b"%", b" "]
SINGLE = [
    *(b"\x1b" + bytes([byte]) for byte in range(0x30, 0x7F) if bytes([byte]) not in b"[]PX^_"),
    *(b"\x1b" + first + second for first in CHARACTER_SETS for second in (b"0", b"8", b"G", b"A")),
    *(bytes([byte]) for byte in range(0x20) if byte not in b"\n\r\x1b"),
    b"\x7f",
    *(chr(code).encode() for code in range(0x80, 0xA0)),
]
MARKS = [mark.encode() for mark in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]

CORPUS = [
    *(first + middle + last for first in INTRODUCERS for middle in PARAMETERS for last in CSI_FINALS),
    *(b"\x1b" + string + end for string in STRINGS for end in ENDS[:2]),
    *SINGLE,
    *MARKS,
]  # fmt: skip
"""Each does something to a terminal, or hides what follows, where it is written as it is."""
