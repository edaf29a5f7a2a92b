"""Where the lines of a huge file are, in a few bytes for each 64 KiB of it.

Only the number of newlines before each block is kept (8 bytes a block: 0.13 MB for a gigabyte). A line is found by
bisection and one read of one block. The index reads nothing itself while it grows: bytes are handed to it in order,
so that it serves a finished file, a growing one and several files merged alike. A line ends with a line feed; the
bytes after the last one are a line too.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable

BLOCK = 64 * 1024
"""Bytes in a block."""

NONE = -1
"""The offset of a newline that is not there."""

Read = Callable[[int, int], bytes]
"""Reads ``size`` bytes at ``offset``: what the index was made from, as often as it is asked."""


class LineIndex:
    """A sparse index of newlines. Lines are counted from 0, offsets are bytes.

    One thread may extend the index while others ask it: what is covered is valid at any time.

    Args:
        block: Bytes in a block; another number than the default is for tests.
    """

    def __init__(self, block: int = BLOCK) -> None:
        self._block = block
        self._before = array("Q", [0])
        self._newlines = 0
        self._covered = 0
        self._last_newline = NONE

    @property
    def covered(self) -> int:
        """How many bytes, from the start, the index knows."""
        return self._covered

    @property
    def newlines(self) -> int:
        """How many newlines lie in what is covered."""
        return self._newlines

    @property
    def lines(self) -> int:
        """How many lines lie in what is covered; an unfinished last one counts."""
        return self._newlines + (self._covered > self._last_newline + 1)

    def extend(self, data: bytes) -> None:
        """Count the newlines of ``data``, the bytes that follow on what is covered."""
        start = 0
        while start < len(data):
            room = self._block - self._covered % self._block
            end = min(start + room, len(data))
            self._newlines += data.count(b"\n", start, end)
            last = data.rfind(b"\n", start, end)
            if last != -1:
                self._last_newline = self._covered + last - start
            if end - start == room:
                self._before.append(self._newlines)
            self._covered += end - start
            start = end

    def line_at(self, offset: int, read: Read) -> int:
        """Return the number of the line that the byte at ``offset`` belongs to; ``offset`` must be covered."""
        block = min(offset // self._block, len(self._before) - 1)
        start = block * self._block
        return self._before[block] + read(start, offset - start).count(b"\n")

    def start_of(self, line: int, read: Read) -> int:
        """Return the offset of the first byte of ``line``.

        Raises:
            IndexError: The index knows no such line.
        """
        if line == 0:
            return 0
        if not 0 < line <= self._newlines:
            raise IndexError(line)
        block = bisect_left(self._before, line) - 1
        data = read(block * self._block, self._block)
        position = NONE
        for _ in range(line - self._before[block]):
            position = data.find(b"\n", position + 1)
        return block * self._block + position + 1

    def newline_from(self, offset: int, read: Read) -> int:
        """Return the offset of the first covered newline at or after ``offset``, or ``NONE``."""
        block = offset // self._block
        end = min((block + 1) * self._block, self._covered)
        found = read(offset, end - offset).find(b"\n") if end > offset else NONE
        if found != NONE:
            return offset + found
        if block + 1 >= len(self._before):
            return NONE
        # Blocks without a newline are skipped: a line of a gigabyte costs no more than a short one.
        block = bisect_right(self._before, self._before[block + 1], block + 1) - 1
        start = block * self._block
        found = read(start, min(self._block, self._covered - start)).find(b"\n")
        return NONE if found == NONE else start + found

    def newline_before(self, offset: int, read: Read) -> int:
        """Return the offset of the last covered newline before ``offset``, or ``NONE``."""
        offset = min(offset, self._covered)
        if offset <= 0:
            return NONE
        block = (offset - 1) // self._block
        start = block * self._block
        found = read(start, offset - start).rfind(b"\n")
        if found != NONE:
            return start + found
        if self._before[block] == 0:
            return NONE
        block = bisect_left(self._before, self._before[block], 0, block + 1) - 1
        start = block * self._block
        found = read(start, self._block).rfind(b"\n")
        return NONE if found == NONE else start + found
