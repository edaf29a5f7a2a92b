"""A grid of cells that line art is drawn on; each cell keeps which of its four sides are open, and for whom.

Glyphs come from the sides at the very end, so a junction is right whatever the order in which lines were drawn, and
the same canvas gives box characters or ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8
STRAIGHT = (NORTH | SOUTH, EAST | WEST)
"""The two ways in which lines of different owners may share a cell: one goes up and down, the other across."""

LINES = " ╵╶└╷│┌├╴┘─┴┐┤┬┼"
"""Glyph of each set of sides, indexed by the sum of the open ones."""

ASCII_LINES = " |-'||.*-'-*.**+"
"""The same in ASCII: ``.`` and ``'`` are corners, ``*`` joins, ``+`` is a crossing without a connection."""

ASCII_MARKS: Mapping[str, str] = {"▼": "v", "▶": ">"}
"""ASCII twins of the marks that a drawing sets."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells; ``left`` and ``top`` are its first column and row."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The last column."""
        return self.left + self.width - 1

    @property
    def bottom(self) -> int:
        """The last row."""
        return self.top + self.height - 1

    @property
    def centre(self) -> tuple[int, int]:
        """The cell in the middle, as column and row."""
        return self.left + self.width // 2, self.top + self.height // 2

    def contains(self, column: int, row: int) -> bool:
        """Return whether a cell lies in it."""
        return self.left <= column <= self.right and self.top <= row <= self.bottom

    def meets(self, other: Area) -> bool:
        """Return whether both have a cell in common."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )


class Canvas:
    """Line art in one area; what is drawn outside of it is left out.

    Args:
        area: The part of the plane that is kept.
    """

    def __init__(self, area: Area) -> None:
        self.area = area
        self._cells: dict[tuple[int, int], dict[str, int]] = {}
        self._marks: dict[tuple[int, int], str] = {}

    def line(self, owner: str, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Draw a level or upright line through all cells from ``start`` to ``end``.

        Its two ends are open towards the line only. Lines of one owner that meet are joined; lines of different
        owners may only cross.

        Args:
            owner: For whom the line is.
            start: Column and row of one end.
            end: Column and row of the other end.
        """
        (left, top), (right, bottom) = sorted((start, end))
        if top == bottom:
            self._stretch(owner, left, right, top, upright=False)
        else:
            self._stretch(owner, min(top, bottom), max(top, bottom), left, upright=True)

    def _stretch(self, owner: str, first: int, last: int, across: int, *, upright: bool) -> None:
        """Open the cells from ``first`` to ``last`` of the row (or column, if upright) ``across``."""
        area = self.area
        near, far = (area.top, area.bottom) if upright else (area.left, area.right)
        low, high = (area.left, area.right) if upright else (area.top, area.bottom)
        if not low <= across <= high:
            return
        back, ahead = (NORTH, SOUTH) if upright else (WEST, EAST)
        for place in range(max(first, near), min(last, far) + 1):
            sides = (back if place > first else 0) | (ahead if place < last else 0)
            owners = self._cells.setdefault((across, place) if upright else (place, across), {})
            owners[owner] = owners.get(owner, 0) | sides

    def box(self, owner: str, area: Area) -> None:
        """Draw the border of a box."""
        left, top, right, bottom = area.left, area.top, area.right, area.bottom
        for start, end in (
            ((left, top), (right, top)),
            ((left, bottom), (right, bottom)),
            ((left, top), (left, bottom)),
            ((right, top), (right, bottom)),
        ):
            self.line(owner, start, end)

    def mark(self, column: int, row: int, glyph: str) -> None:
        """Put ``glyph`` (one of ``ASCII_MARKS``) in place of a cell's line glyph."""
        if self.area.contains(column, row):
            self._marks[column, row] = glyph

    def owners(self, column: int, row: int) -> Mapping[str, int]:
        """Return for whom the lines in a cell are, and which sides each of them opens."""
        return self._cells.get((column, row), {})

    def cells(self) -> Iterator[tuple[int, int]]:
        """Return column and row of every cell that a line goes through."""
        return iter(self._cells)

    def rows(self, *, ascii_only: bool = False) -> list[str]:
        """Return the area's rows as texts of its width."""
        lines = ASCII_LINES if ascii_only else LINES
        area = self.area
        grid = [[" "] * area.width for _ in range(area.height)]
        for (column, row), owners in self._cells.items():
            sides = 0
            for opened in owners.values():
                sides |= opened
            grid[row - area.top][column - area.left] = lines[sides]
        for (column, row), glyph in self._marks.items():
            grid[row - area.top][column - area.left] = ASCII_MARKS[glyph] if ascii_only else glyph
        return ["".join(row) for row in grid]
