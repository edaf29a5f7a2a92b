"""Times before a log's lines, for ``logs --times``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from orchest_tui.log_times import LineTimes

FORMAT = "%Y-%m-%d %H:%M:%S"
LONGEST_LINE = 1 << 20
"""Bytes after which a line without an end is passed on in parts."""

BLANK = " " * len("2024-05-01 14:02:07 ")


class LineStamps:
    """When each line of a log was written, asked for in the order of the lines.

    Args:
        log: The log.
    """

    def __init__(self, log: Path) -> None:
        times = LineTimes(log)
        self.known = times.available
        try:
            self._size = log.stat().st_size
        except FileNotFoundError:
            self._size = 0
        self._records = times.records(0)
        self._next = next(self._records, None)
        self._moment: float | None = None
        self._shown: tuple[int, str] | None = None

    def at(self, offset: int) -> str:
        """Return the time of the line at ``offset`` as a column: blank where it is not known.

        What the log did not hold yet when this object was made comes just now.
        """
        if offset >= self._size:
            return self._words(time.time())
        while self._next is not None and self._next[0] <= offset:
            self._moment = self._next[1]
            self._next = next(self._records, None)
        return BLANK if self._moment is None else self._words(self._moment)

    def _words(self, moment: float) -> str:
        if self._shown is None or self._shown[0] != int(moment):
            self._shown = int(moment), time.strftime(f"{FORMAT} ", time.localtime(moment))
        return self._shown[1]


def stamped(chunks: Iterator[bytes], offset: int, stamps: LineStamps) -> Iterator[tuple[str, bytes]]:
    """Yield a log's lines, each with its time; a part that goes on with a very long line has none.

    Args:
        chunks: The log's bytes as they come.
        offset: Where in the log they begin; the start of a line.
        stamps: Times of the lines.
    """
    line, begun = b"", False
    for chunk in chunks:
        *whole, rest = (line + chunk).split(b"\n")
        for text in whole:
            yield "" if begun else stamps.at(offset), text + b"\n"
            offset += len(text) + 1
            begun = False
        line = rest
        if len(line) > LONGEST_LINE:
            yield "" if begun else stamps.at(offset), line
            offset += len(line)
            line, begun = b"", True
    if line:
        yield "" if begun else stamps.at(offset), line
