"""Searching lines of text: which of them match, and which one is looked at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rich.text import Text

from orchest_tui.ui.log.search import Query
from orchest_tui.ui.pictures.line import PictureLine


class TextSearch:
    """A query and the lines that match it.

    Args:
        query: What is looked for.

    Attributes:
        hits: Numbers of the lines that match, from 0.
        current: The line of the last jump, None before the first one.
    """

    def __init__(self, query: Query) -> None:
        self.query = query
        self.hits: list[int] = []
        self.current: int | None = None

    def look_at(self, lines: Sequence[Text]) -> None:
        """Search other lines; the current one stays where it still matches."""
        find = self.query.pattern.search
        self.hits = [
            number for number, line in enumerate(lines) if not isinstance(line, PictureLine) and find(line.plain)
        ]
        if self.current not in self.hits:
            self.current = None

    def jump(self, place: int, *, forward: bool) -> int | None:
        """Go to the next or previous hit and return its line; round the end, None where there is none.

        Args:
            place: The line to start from, where there was no jump yet; it may be a hit itself.
            forward: Which way.
        """
        if not self.hits:
            return None
        if self.current is None:
            number = bisect_left(self.hits, place) if forward else bisect_left(self.hits, place) - 1
        elif forward:
            number = bisect_right(self.hits, self.current)
        else:
            number = bisect_left(self.hits, self.current) - 1
        self.current = self.hits[number % len(self.hits)]
        return self.current

    @property
    def status(self) -> str:
        """How many lines match and which one is looked at, for a title."""
        if not self.hits:
            return "not found"
        if self.current is None:
            return f"{len(self.hits)} found"
        return f"{bisect_left(self.hits, self.current) + 1} of {len(self.hits)}"
