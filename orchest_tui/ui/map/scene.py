"""What the map's views need to know of the steps and of the theme, and what a view has to be able to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from rich.style import Style
from textual.strip import Strip

from orchest_tui.engine.state import StepView
from orchest_tui.graph.canvas import Area
from orchest_tui.ui.themes.status import Look, look_of

Towards = Literal["up", "down", "left", "right"]


@dataclass(frozen=True, slots=True)
class Palette:
    """The map's styles.

    Attributes:
        text: Titles, and free cells.
        line: Lines.
        near: Lines to and from the step under the cursor.
        cursor: The step under the cursor.
        states: State → its sign and its box's border.
    """

    text: Style
    line: Style
    near: Style
    cursor: Style
    states: Mapping[str, Style]


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a row depends on beside the graph.

    Attributes:
        titles: Step → title.
        steps: Step → its live view.
        reused: Steps whose outputs the shown run took as they were.
        cursor: The step under the cursor; empty for none.
        unicode: Whether the terminal shows more than ASCII.
    """

    titles: Mapping[str, str]
    steps: Mapping[str, StepView]
    reused: Collection[str] = ()
    cursor: str = ""
    unicode: bool = True

    def look(self, step: str) -> Look:
        """Return how a step looks."""
        return look_of(self.steps.get(step), reused=step in self.reused)

    def sign(self, step: str) -> str:
        """Return the sign of a step's state."""
        return self.look(step).sign(unicode=self.unicode)


class View(Protocol):
    """One way to show a graph; places are columns and rows of the whole picture."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the picture; no columns stand for those of the screen."""

    def region(self, step: str) -> Area:
        """Return the cells of a step."""

    def step_at(self, column: int, row: int) -> str | None:
        """Return the step that a cell belongs to."""

    def go(self, step: str, towards: Towards) -> str:
        """Return the step that a cursor comes to; the same one where there is no way."""

    def row(self, row: int, area: Area, scene: Scene, palette: Palette) -> Strip:
        """Return what ``area`` shows of a row.

        Args:
            row: The row, one of the area's.
            area: What is in sight.
            scene: The steps.
            palette: The styles.
        """
