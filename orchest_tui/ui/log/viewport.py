"""Which rows of a log are on the screen: a place in its lines and a height, and how they move.

A row is a line, or a part of one where lines are wrapped. The place is that of the topmost row; nothing here knows
how many lines there are, so moving about in ten million lines is as quick as in ten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from orchest_tui.ui.log.lines import Lines


class Row(NamedTuple):
    """One row of the screen.

    Attributes:
        line: The offset of its line.
        part: Which part of the wrapped line it is, from 0.
    """

    line: int
    part: int


class Viewport:
    """The rows that are seen.

    Args:
        lines: The lines that can be seen; may be exchanged at any time.
        parts: How many rows a line takes.
    """

    def __init__(self, lines: Lines, parts: Callable[[int], int]) -> None:
        self.lines = lines
        self.height = 1
        self.top: Row | None = None
        self._parts = parts

    def rows(self) -> list[Row]:
        """Return the rows that are seen, at most as many as the viewport is high."""
        row = self.top or self._first()
        found: list[Row] = []
        while row is not None and len(found) < self.height:
            found.append(row)
            row = self._below(row)
        return found

    @property
    def at_end(self) -> bool:
        """Whether the last row is on the screen."""
        rows = self.rows()
        return not rows or self._below(rows[-1]) is None

    def move(self, rows: int) -> None:
        """Move down by ``rows``, up where negative; never past either end."""
        if rows < 0:
            self._move_up(-rows)
            return
        seen = self.rows()
        if not seen:
            return
        self.top, bottom = seen[0], seen[-1]
        for _ in range(rows):
            below, top = self._below(bottom), self._below(self.top)
            if below is None or top is None:
                return
            self.top, bottom = top, below

    def to_start(self) -> None:
        """Show the first row on top."""
        self.top = self._first()

    def to_end(self) -> None:
        """Show the last row at the bottom."""
        last = self.lines.last()
        self.top = None if last is None else Row(last, self._parts(last) - 1)
        self._move_up(self.height - 1)

    def show(self, line: int) -> None:
        """Bring the line at the offset ``line`` on the screen, a third from the top where it is not there yet."""
        rows = self.rows()
        if Row(line, 0) in rows:
            return
        self.top = Row(line, 0)
        self._move_up(self.height // 3)
        self.fill()

    def settle(self) -> None:
        """Keep the place when lines are wrapped anew, filtered, or no longer there."""
        if self.top is None:
            return
        line = self.lines.nearest(self.top.line)
        if line is None:
            self.top = None
        else:
            self.top = Row(line, min(self.top.part, self._parts(line) - 1) if line == self.top.line else 0)
        self.fill()

    def fill(self) -> None:
        """Leave no empty rows below the last one while there are others above."""
        missing = self.height - len(self.rows())
        if missing > 0:
            self._move_up(missing)

    def _move_up(self, rows: int) -> None:
        """Move up by ``rows``, not past the start."""
        for _ in range(rows):
            above = self._above(self.top) if self.top is not None else None
            if above is None:
                return
            self.top = above

    def _first(self) -> Row | None:
        """Return the first row."""
        line = self.lines.first()
        return None if line is None else Row(line, 0)

    def _below(self, row: Row) -> Row | None:
        """Return the row after ``row``."""
        if row.part + 1 < self._parts(row.line):
            return Row(row.line, row.part + 1)
        line = self.lines.after(row.line)
        return None if line is None else Row(line, 0)

    def _above(self, row: Row) -> Row | None:
        """Return the row before ``row``."""
        if row.part > 0:
            return Row(row.line, row.part - 1)
        line = self.lines.before(row.line)
        return None if line is None else Row(line, self._parts(line) - 1)
