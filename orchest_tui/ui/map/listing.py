"""The compact list: one row for each step in topological order, with its parents and children in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from orchest_tui.graph.canvas import Area
from orchest_tui.graph.order import children, partial_order
from orchest_tui.ui.map.labels import cut, names_text, title_column
from orchest_tui.ui.map.scene import Palette, Scene, Towards


class ListView:
    """The list of a graph's steps.

    Args:
        parents: The graph.
        titles: Step → title.
        unicode: Whether the terminal shows more than ASCII.
    """

    def __init__(self, parents: Mapping[str, Sequence[str]], titles: Mapping[str, str], *, unicode: bool) -> None:
        order, stuck = partial_order(parents)
        self.order = (*order, *stuck)
        self._rows = {step: row for row, step in enumerate(self.order)}
        self._parents = parents
        self._children = children(parents)
        self._titles = titles
        self._arrows = ("←", "→") if unicode else ("<-", "->")
        self._title_cells = title_column(titles)

    @property
    def size(self) -> tuple[int, int]:
        """As wide as the screen, a row for each step."""
        return 0, len(self.order)

    def region(self, step: str) -> Area:
        """Return the step's row; one column stands for all of them."""
        return Area(0, self._rows[step], 1, 1)

    def step_at(self, column: int, row: int) -> str | None:  # noqa: ARG002  (a row is all one step)
        """Return the step of a row."""
        return self.order[row] if 0 <= row < len(self.order) else None

    def go(self, step: str, towards: Towards) -> str:
        """Go a row up or down, left to the first parent, right to the first child."""
        if towards == "left":
            return next(iter(self._parents[step]), step)
        if towards == "right":
            return next(iter(self._children[step]), step)
        row = self._rows[step] + (1 if towards == "down" else -1)
        return self.order[min(max(row, 0), len(self.order) - 1)]

    def row(self, row: int, area: Area, scene: Scene, palette: Palette) -> Strip:
        """Return a step's row."""
        step = self.step_at(0, row)
        if step is None:
            return Strip.blank(area.width, palette.text)
        title = set_cell_size(cut(self._titles[step], self._title_cells, unicode=scene.unicode), self._title_cells)
        sign = f" {scene.sign(step)} "
        room = max(area.width - len(sign), 0)
        text = set_cell_size(cut(f"{title}  {self._around(step)}".rstrip(), room, unicode=scene.unicode), room)
        cursor = step == scene.cursor
        segments = [
            Segment(sign, palette.cursor if cursor else palette.states[scene.look(step).name]),
            Segment(text, palette.cursor if cursor else palette.text),
        ]
        return Strip(segments).crop(0, area.width)

    def _around(self, step: str) -> str:
        """Return a step's parents and children in words."""
        back, ahead = self._arrows
        parents = names_text(back, (self._titles[parent] for parent in dict.fromkeys(self._parents[step])))
        targets = names_text(ahead, (self._titles[child] for child in self._children[step]))
        return "  ".join(filter(None, (parents, targets)))
