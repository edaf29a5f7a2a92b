"""Selected lines: from where the selection began to where it has been moved."""

from __future__ import annotations


class Selection:
    """A range of lines, by their offsets; empty until it is begun."""

    def __init__(self) -> None:
        self._anchor: int | None = None
        self.cursor: int | None = None

    @property
    def active(self) -> bool:
        """Whether lines are being selected."""
        return self.cursor is not None

    @property
    def range(self) -> tuple[int, int] | None:
        """The first and the last selected line."""
        if self._anchor is None or self.cursor is None:
            return None
        return min(self._anchor, self.cursor), max(self._anchor, self.cursor)

    def begin(self, line: int) -> None:
        """Select ``line`` alone."""
        self._anchor = self.cursor = line

    def extend(self, line: int | None) -> None:
        """Move the selection's end to ``line``, if there is a selection and such a line."""
        if self.active and line is not None:
            self.cursor = line

    def clear(self) -> None:
        """Select nothing."""
        self._anchor = self.cursor = None
