"""The ways to show a graph, and which of them suits a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from orchest_tui.graph.drawing import Direction, Drawing, draw
from orchest_tui.ui.map.drawn import DrawnView
from orchest_tui.ui.map.labels import box_width
from orchest_tui.ui.map.listing import ListView
from orchest_tui.ui.map.scene import View

Layout = Literal["down", "right", "list"]
LAYOUTS: tuple[Layout, ...] = ("down", "right", "list")

_MOST_SCREENS = 12
"""A drawing that takes more screens than this is no help to anybody: the list takes its place."""

_MOST_STEPS = 300
"""Graphs with more steps are not drawn before somebody asks for it."""

_SMALLEST = (24, 6)
"""Columns and rows that a drawing needs to show a box and what is around it."""


class Atlas:
    """The views of one graph, each made when it is first wanted.

    Args:
        parents: The graph.
        titles: Step → title.
        unicode: Whether the terminal shows more than ASCII.
    """

    def __init__(self, parents: Mapping[str, Sequence[str]], titles: Mapping[str, str], *, unicode: bool) -> None:
        self._parents = parents
        self._widths = {step: box_width(title, unicode=unicode) for step, title in titles.items()}
        self._drawings: dict[Direction, Drawing] = {}
        self._views: dict[Layout, View] = {}
        self.list = ListView(parents, titles, unicode=unicode)

    def view(self, layout: Layout) -> View:
        """Return a view of the graph, always the same one."""
        if layout == "list":
            return self.list
        if layout not in self._views:
            self._views[layout] = DrawnView(self.drawing(layout), self._parents)
        return self._views[layout]

    def drawing(self, direction: Direction) -> Drawing:
        """Return the graph drawn in a direction."""
        if direction not in self._drawings:
            self._drawings[direction] = draw(self._parents, self._widths, direction)
        return self._drawings[direction]

    def best_layout(self, columns: int, rows: int) -> Layout:
        """Return the layout that shows most of the graph at once on a screen of that size."""
        if columns < _SMALLEST[0] or rows < _SMALLEST[1] or len(self._parents) > _MOST_STEPS:
            return "list"
        screens: dict[Direction, int] = {}
        directions: tuple[Direction, ...] = ("down", "right")
        for direction in directions:
            area = self.drawing(direction).area
            screens[direction] = -(-area.width // columns) * -(-area.height // rows)
            if screens[direction] <= 1:
                return direction
        best = min(directions, key=screens.__getitem__)
        return best if screens[best] <= _MOST_SCREENS else "list"
