"""Finds matching lines in a process of its own; run as a script, standard library only.

A regular expression can't be interrupted in Python and holds the interpreter's lock while it works, some take years
on one line. In a process of its own a search never delays a key, is ended by ending the process, and a gigabyte is
gone through on another core.

The first line of standard input is the query: JSON with ``patterns`` (any of which may match), ``regex``
and ``ignore_case``. Every further
line is an order ``descriptor start end offset``: look at these bytes of the inherited file; they lie at ``offset`` of
the log. Bytes that follow on those of the order before complete its last line. Standard output has records, in this
machine's byte order: a block number (64 bits), a count (32 bits), and so many offsets of matching lines within the
block of 64 KiB (16 bits each). A count of 0 says that all up to the offset in the first field has been seen; the
order is done when that is the end of its bytes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import BinaryIO

RECORD = struct.Struct("=QI")
"""Head of a record of the answer."""

CHUNK = 256 * 1024
"""Bytes read at a time."""

_SET_PARENT_DEATH_SIGNAL = 1
"""``PR_SET_PDEATHSIG`` of linux/prctl.h."""

TOLD_EVERY = 4 * 1024 * 1024
"""Bytes without a match after which it is told how far the search is; each time wakes the one who asked."""

PIECE_LIMIT = 8 * 1024 * 1024
"""Bytes of one line that are looked at in one piece; a longer line is looked at in several."""

_UNSEEN = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\r(?=\n|\Z)|^[^\n]*\r(?=[^\r\n])", re.MULTILINE)
"""What does not show: control sequences, and the states of a progress bar before the last one."""

Find = Callable[[bytes, int], int]
"""Returns where the first match in the data at or after a position starts, or -1. Positions asked for only ascend."""


def finder(patterns: Sequence[str], *, regex: bool, ignore_case: bool) -> Find:
    """Return the function that finds any of ``patterns``; raises ``re.error`` for a bad regular expression."""
    if regex:
        source = b"|".join(pattern.encode() for pattern in patterns)
        return _regex_finder(re.compile(source, re.MULTILINE | (re.IGNORECASE if ignore_case else 0)))
    ignore_case = ignore_case and any(pattern.lower() != pattern.upper() for pattern in patterns)
    if len(patterns) == 1 and not ignore_case:
        literal = patterns[0].encode()
        return lambda data, start: data.find(literal, start)
    return _LiteralFinder([pattern.encode() for pattern in patterns], ignore_case=ignore_case)


class _LiteralFinder:
    """Finds any of some texts; three times as fast as a regular expression of alternatives."""

    def __init__(self, literals: Sequence[bytes], *, ignore_case: bool) -> None:
        self._ignore_case = ignore_case
        self._literals = [literal.lower() if ignore_case else literal for literal in literals]
        self._data: bytes | None = None
        self._searched = b""
        self._next: list[int] = []

    def __call__(self, data: bytes, start: int) -> int:
        """Return where the first of the texts stands; remembers the others, so that none is looked for twice."""
        if data is not self._data:
            self._data = data
            self._searched = data.lower() if self._ignore_case else data
            self._next = [self._searched.find(literal) for literal in self._literals]
        for number, place in enumerate(self._next):
            if -1 < place < start:
                self._next[number] = self._searched.find(self._literals[number], start)
        return min((place for place in self._next if place != -1), default=-1)


def _regex_finder(compiled: re.Pattern[bytes]) -> Find:
    """Return the function that finds what ``compiled`` matches within a line."""

    def find(data: bytes, start: int) -> int:
        match = compiled.search(data, start)
        while match is not None:
            end_of_line = data.find(b"\n", match.start())
            end_of_line = len(data) if end_of_line == -1 else end_of_line
            if match.end() <= end_of_line or compiled.search(data, match.start(), end_of_line):
                return match.start()
            match = compiled.search(data, end_of_line + 1) if end_of_line < len(data) else None
        return -1

    return find


def matching_lines(data: bytes, find: Find) -> list[int]:
    """Return the places in ``data``, which begins with a line, where matching lines start."""
    if b"\x1b" not in data and b"\r" not in data:
        return _line_starts(data, find)
    # Lines stay lines when what does not show is taken out, so a line's number leads back to its place.
    seen = _UNSEEN.sub(b"", data)
    places = []
    place = counted = 0
    for start in _line_starts(seen, find):
        for _ in range(seen.count(b"\n", counted, start)):
            place = data.find(b"\n", place) + 1
        counted = start
        places.append(place)
    return places


def _line_starts(data: bytes, find: Find) -> list[int]:
    """Return where the lines with a match start."""
    starts = []
    position = 0
    while -1 < (match := find(data, position)) < len(data):
        starts.append(data.rfind(b"\n", 0, match) + 1)
        position = data.find(b"\n", match) + 1
        if position == 0:
            break
    return starts


class Scanner:
    """Goes through a log's bytes in order and answers with the lines that match.

    Args:
        find: Finds the first match.
        answer: Where the records go.
    """

    def __init__(self, find: Find, answer: BinaryIO) -> None:
        self._find = find
        self._answer = answer
        self._end = (-1, -1)
        self._line = 0
        self._told = -1

    def scan(self, descriptor: int, start: int, end: int, offset: int) -> None:
        """Look at the bytes ``start`` to ``end`` of a file, which lie at ``offset`` of the log."""
        shift = offset - start
        if (descriptor, offset) == self._end:
            start = self._line - shift
        self._line = start + shift
        size, untold = CHUNK, 0
        # Each read begins at a line, so that nothing is put together or cut: that copying would cost more than finding.
        while start < end:
            data = os.pread(descriptor, min(size, end - start), start)
            if not data:
                break
            whole = data.rfind(b"\n") + 1
            if not whole and len(data) == size < PIECE_LIMIT:  # a line that is longer than what was read
                size = min(2 * size, PIECE_LIMIT)
                continue
            size = CHUNK
            found = self._look(data, start + shift, whole or len(data))
            start += whole or len(data)
            if whole:
                self._line = start + shift
                untold += whole
                if found or untold >= TOLD_EVERY:
                    untold = 0
                    self._tell(min(self._line, end + shift - 1), b"")
        self._end = (descriptor, end + shift)
        self._tell(end + shift, b"")

    def _look(self, data: bytes, offset: int, size: int) -> bool:
        """Tell the matching lines of the first ``size`` bytes of ``data``, which lies at ``offset`` of the log.

        Return whether there are any.

        ``data`` begins with a line, or with a further piece of the line that begins at ``self._line``.
        """
        places = [offset + start if start else self._line for start in matching_lines(data, self._find) if start < size]
        if places and places[0] <= self._told:  # an unfinished line that matched before it went on
            del places[0]
        if not places:
            return False
        self._told = places[-1]
        start = 0
        while start < len(places):
            block = places[start] >> 16
            end = bisect_left(places, (block + 1) << 16, start)
            self._tell(block, array("H", [place & 0xFFFF for place in places[start:end]]).tobytes())
            start = end
        return True

    def _tell(self, field: int, low: bytes) -> None:
        """Write one record."""
        if low:
            self._answer.write(RECORD.pack(field, len(low) // 2) + low)
        else:
            self._answer.write(RECORD.pack(field, 0))
            self._answer.flush()


def end_with_parent() -> None:
    """Have the kernel end this process with its parent: in an expression that takes years nothing here would see it.

    On Linux (prctl(2)); elsewhere the end of standard input has to do. The parent is the *thread* that began this
    process, so it has to be one that lives as long as the search.
    """
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, int(signal.SIGKILL))


def main() -> None:
    """Answer the orders on standard input until it ends."""
    end_with_parent()
    query = json.loads(sys.stdin.buffer.readline())
    find = finder(query["patterns"], regex=query["regex"], ignore_case=query["ignore_case"])
    scanner = Scanner(find, sys.stdout.buffer)
    for order in sys.stdin.buffer:
        descriptor, start, end, offset = (int(number) for number in order.split())
        scanner.scan(descriptor, start, end, offset)


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        # The one who asked has gone; what is buffered for them has nowhere to go either.
        os._exit(0)
