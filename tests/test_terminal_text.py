"""Nothing that a step writes may do anything to a terminal but show text and colours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.terminal_text import LogFilter, plain, plain_lines

SGR = re.compile(r"\x1b\[[0-9;:]*m")
OURS = "\r\x1b[K"

SEQUENCES = [
    b"\x1b[2J", b"\x1b[H", b"\x1b[10;10H", b"\x1b[1A", b"\x1b[3T", b"\x1b[?1049h", b"\x1b[?25l", b"\x1b[6n", b"\x1b[c",
    b"\x1b[!p", b"\x1b[5i", b"\x1b[8;1;1t", b"\x1b[21t", b"\x1b]0;title\x07", b"\x1b]2;title\x1b\\",
    b"\x1b]52;c;eA==\x07",
    b"\x1b]4;1;?\x07", b"\x1b]8;;http://x\x07", b"\x1b]1337;File=:eA==\x07", b"\x1bP+q544e\x1b\\",
    b"\x1b_Gf=100;eA==\x1b\\",
    b"\x1b^private\x1b\\", b"\x1bXstring\x1b\\", b"\x1bc", b"\x1b7", b"\x1b8", b"\x1bD", b"\x1bM", b"\x1b(0", b"\x1b#8",
    b"\x1b%G", b"\x1b=", b"\x1b>", b"\x07", b"\x08", b"\x0b", b"\x0c", b"\x0e", b"\x0f", b"\x05", b"\x7f", b"\x00",
    "\u009b2J".encode(), "\u009d0;t\u009c".encode(), "\u0090q\u009c".encode(), "\u202e".encode(), "\u2066".encode(),
    b"\x9b2J", b"\x1b[38;5;8;8m", b"\x1b[8m", b"\x1b[08m", b"\x1b[0;8m",
]  # fmt: skip


def shown(*chunks: bytes, colours: bool = True, redraw: bool = True) -> str:
    """Return what a terminal is given for a log that comes in ``chunks``."""
    log = LogFilter(colours=colours, redraw=redraw)
    return "".join(log.feed(chunk) for chunk in chunks) + log.finish()


def is_harmless(text: str) -> bool:
    """Return whether ``text`` holds nothing but printable text, line ends, tabs, colours and our own redrawing."""
    rest = SGR.sub("", text.replace(OURS, ""))
    return all(character in "\n\t" or (character >= " " and not 0x7F <= ord(character) < 0xA0) for character in rest)


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_known_sequences_do_nothing_and_hide_nothing(sequence: bytes) -> None:
    text = shown(b"before " + sequence + b" after\n")
    assert is_harmless(text)
    assert "before" in text
    assert "after" in text
    assert not re.search(r"\x1b\[(?:[0-9;]*;)?0*8(?:;[0-9;]*)?m", SGR.sub(_without_extended, text))


def _without_extended(sequence: re.Match[str]) -> str:
    """Return an SGR sequence without its extended colours, in which an 8 is a colour."""
    return re.sub(r"[345]8;5;\d+;?", "", sequence[0])


@given(st.lists(st.binary(max_size=40) | st.sampled_from(SEQUENCES), max_size=12), st.booleans(), st.booleans())
def test_any_bytes_in_any_pieces_are_harmless(chunks: list[bytes], colours: bool, redraw: bool) -> None:
    text = shown(*chunks, colours=colours, redraw=redraw)
    assert is_harmless(text)
    if not colours:
        assert not SGR.search(text)


@given(st.lists(st.sampled_from([*SEQUENCES, b"text", b"\n", b"\x1b[31m", "é".encode()]), max_size=10), st.data())
def test_where_a_log_is_cut_into_pieces_does_not_matter(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cut = data.draw(st.integers(0, len(whole)))
    assert shown(whole[:cut], whole[cut:]) == shown(whole)


def test_an_unterminated_control_string_does_not_swallow_the_log() -> None:
    text = shown(b"\x1b]0;" + b"x" * 10_000 + b"\n", b"the error\n")
    assert "the error\n" in text


def test_colours_stay_or_go() -> None:
    assert shown(b"\x1b[1;31mred\x1b[0m\n") == "\x1b[1;31mred\x1b[0m\n\x1b[0m"
    assert shown(b"\x1b[1;31mred\x1b[0m\n", colours=False) == "red\n"


def test_concealed_text_is_shown_and_colour_eight_stays() -> None:
    assert shown(b"\x1b[38;5;8;8mx\n") == "\x1b[38;5;8mx\n\x1b[0m"
    assert shown(b"\x1b[8mx\n") == "\x1b[28mx\n\x1b[0m"


def test_of_a_progress_bar_the_last_state_is_shown() -> None:
    assert shown(b"10%\r50%\r100%\nnext\n", colours=False) == "100%\nnext\n"
    assert shown(b"windows\r\nlines\r\n", colours=False) == "windows\nlines\n"


def test_a_later_state_of_a_progress_bar_overwrites_the_earlier_one() -> None:
    assert shown(b"10%", b"\r50%", b"\r100%\n", colours=False) == f"10%{OURS}50%{OURS}100%\n"
    assert shown(b"10%", b"\r50%\n", colours=False, redraw=False) == "10%\n50%\n"


def test_titles_are_one_line_without_control_characters() -> None:
    assert plain("a\nb\x1b[31mc\x1b]0;t\x07d\u202ee") == "a bcde"
    assert plain("naïve 模型 🚀") == "naïve 模型 🚀"


def test_previews_keep_their_lines() -> None:
    assert plain_lines("a\tb\n\x1b[2Jc") == ["a       b", "c"]
