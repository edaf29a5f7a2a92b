"""The step tree: one row for each step, drawn line by line; cursor, marks and folding are kept by uuid."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Span
from textual.binding import BindingType
from textual.color import Color, ColorParseError
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from orchest_tui.commands.command import Scope
from orchest_tui.engine.state import StepView
from orchest_tui.terminal_text import plain
from orchest_tui.ui.bindings import bindings_of
from orchest_tui.ui.pipeline.columns import Layout, RowLook, layout_for, row_text, wanted_width
from orchest_tui.ui.pipeline.outline import ASCII_GUIDES, UNICODE_GUIDES, Outline, OutlineRow, fitting

if TYPE_CHECKING:
    from textual import events
    from textual.app import App

    from orchest_tui.project.definition import Pipeline


_GUIDES_MOST = 24
"""Cells up to which the lines of a deep tree widen it."""


class StepTree(ScrollView, can_focus=True):
    """The pipeline's steps.

    Args:
        unicode: Whether the terminal has more than ASCII.
        id: The widget's id.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(Scope.TREE)]
    DEFAULT_CSS = """
    StepTree { scrollbar-size: 0 0; border: round $border-blurred; border-title-align: left; overflow-x: hidden; }
    StepTree:focus { border: round $border; }
    """

    class CursorMoved(Message):
        """The cursor is on another step (uuid), None where no row is shown; ``marking`` where a mark moved it on."""

        def __init__(self, step: str | None, *, marking: bool = False) -> None:
            super().__init__()
            self.step = step
            self.marking = marking

    class Marked(Message):
        """Other steps are marked."""

    def __init__(self, *, unicode: bool, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.cursor: str | None = None
        self.marked: set[str] = set()
        self.folded: set[str] = set()
        self.pattern = ""
        self.run_going_on: int | None = None
        self.preparing: frozenset[str] = frozenset()
        self.problems: Mapping[str, str] = {}
        self.rows: list[OutlineRow] = []
        self.outline = Outline({})
        self._unicode = unicode
        self._steps: Mapping[str, StepView] = {}
        self._pipeline: Pipeline | None = None
        self._index: dict[str, int] = {}
        self._layout = Layout(20)
        self._measured = 0
        self._longest = 0
        self._further = 0
        self._styles: dict[str, Style] = {}

    # -- what is shown ------------------------------------------------------------------------------------------

    def set_pipeline(self, pipeline: Pipeline, steps: Mapping[str, StepView]) -> None:
        """Show another definition; what is still there keeps its cursor, marks and folding."""
        self._pipeline = pipeline
        self.outline = Outline(pipeline.parents, UNICODE_GUIDES if self._unicode else ASCII_GUIDES)
        self.marked &= set(pipeline.steps)
        self.folded &= set(pipeline.steps)
        self._steps = {uuid: _titled(steps.get(uuid), uuid, step.title) for uuid, step in pipeline.steps.items()}
        self._measure_titles()
        self.rebuild()

    def set_steps(self, steps: Mapping[str, StepView]) -> None:
        """Take the steps' new states and draw the rows that changed."""
        before = self._steps
        self._steps = {uuid: _titled(steps.get(uuid, old), uuid, old.title) for uuid, old in before.items()}
        for uuid, step in self._steps.items():
            if step is not before[uuid] and uuid in self._index:
                self.refresh_line(self._index[uuid])

    def refresh_running(self) -> None:
        """Draw the rows of running steps again, whose durations grow."""
        for uuid, step in self._steps.items():
            if step.status == "STARTED" and uuid in self._index:
                self.refresh_line(self._index[uuid])

    def step_view(self, uuid: str) -> StepView:
        """Return a step as it is shown."""
        return self._steps[uuid]

    def rebuild(self) -> None:
        """Make the rows again, after another definition, folding or filter."""
        fits = None
        if self.pattern and self._pipeline is not None:
            names = {uuid: (step.title, step.file_path) for uuid, step in self._pipeline.steps.items()}
            fits = fitting(self.pattern, names).__contains__
        self.rows = self.outline.rows(self.folded, fits)
        self._index = {row.step: place for place, row in enumerate(self.rows)}
        self.virtual_size = Size(self.size.width, len(self.rows))
        self._measure()
        if self.cursor not in self._index:
            self.move_to(self._nearest_shown())
        else:
            self._show_cursor()
        self._retitle()
        self.refresh()

    def _nearest_shown(self) -> str | None:
        """Return the closest step above the cursor in the tree that is shown, else the first row's."""
        step = self.cursor
        while step is not None and step in self.outline:
            if step in self._index:
                return step
            step = self.outline.parent(step)
        return self.rows[0].step if self.rows else None

    def _measure_titles(self) -> None:
        """Measure the whole tree, folded or not, so that folding moves no column."""
        cells = {uuid: cell_len(plain(step.title)) for uuid, step in self._steps.items()}
        rows = self.outline.rows(())
        sign = 2 if self._unicode else 3  # and a space
        self._longest = sign + max(
            (min(cell_len(row.guides), _GUIDES_MOST) + cells[row.step] for row in rows), default=0
        )
        names = (sum(2 + cells[parent] for parent in row.further if parent in cells) for row in rows)
        self._further = 1 + max(names, default=0)

    @property
    def wanted_width(self) -> int:
        """Cells, borders included, in which the titles are whole and nothing that matters is left out."""
        return wanted_width(self._longest, self._further)

    def _measure(self) -> None:
        self._measured = self.size.width
        self._layout = layout_for(max(4, self._measured - 2), self._longest, self._further)

    def _retitle(self) -> None:
        words = ["Steps"]
        if self.pattern:
            words.append(f"/{self.pattern} {len(self.rows)} of {len(self._steps)}")
        if self.marked:
            words.append(f"{len(self.marked)} marked")
        self.border_title = plain("  ".join(words)).replace("[", r"\[")
        place = self._index.get(self.cursor or "", -1) + 1
        self.border_subtitle = f"{place}/{len(self.rows)}" if len(self.rows) > self.size.height else ""

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Fit the columns to the new width."""
        self._measure()
        self._show_cursor()
        self._retitle()
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget the styles of another theme."""
        self._styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Return one line of the pane."""
        if self._measured != self.size.width:
            self._measure()  # Textual 8.2.8 tells of a new size too late, and now and then not at all
        place = y + self.scroll_offset.y
        base = self.rich_style
        if place >= len(self.rows):
            text = " No steps match." if self.pattern and not self.rows and y == 0 else ""
            return Strip([Segment(text.ljust(self.size.width), base)], self.size.width)
        row = self.rows[place]
        step = self._steps[row.step]
        on_cursor = row.step == self.cursor
        further = [self._steps[parent].title for parent in row.further if parent in self._steps]
        look = RowLook(
            row.step in self.marked, on_cursor, self._unicode, time.time(), further, self.run_going_on,
            self._is_preparing(row.step), self.problems.get(row.step, ""),
            self._waits_for(row.step),
        )  # fmt: skip
        text_row = row_text(row, step, self._layout, look)
        if on_cursor and self.has_focus:
            base += Style(reverse=True)
            text_row.spans = []  # colours of parts would make patches of the bar
        else:
            base += Style(bold=on_cursor)
        text_row.spans = [Span(start, end, self._style(name)) for start, end, name in text_row.spans]
        strip = Strip(Segment.apply_style(text_row.render(self.app.console), base))
        return strip.adjust_cell_length(self.size.width, base)

    def _style(self, name: object) -> Style:
        """Return the style that a row's part names: dim for ``muted``, else the colour of a theme variable."""
        if not isinstance(name, str) or not name:
            return Style.null()
        if name not in self._styles:
            muted = name == "muted"
            self._styles[name] = _colour(self.app, "text-muted" if muted else name) + Style(dim=muted)
        return self._styles[name]

    def _is_preparing(self, uuid: str) -> bool:
        """Return whether the environment of a step is being made ready."""
        return self._pipeline is not None and self._pipeline.steps[uuid].environment in self.preparing

    def _waits_for(self, uuid: str) -> list[str]:
        """Return the titles of the parents that a waiting step waits for."""
        if self._pipeline is None or self._steps[uuid].status != "PENDING":
            return []
        parents = [self._steps[parent] for parent in self._pipeline.steps[uuid].incoming if parent in self._steps]
        return [parent.title for parent in parents if parent.status in {"PENDING", "STARTED"}]

    # -- cursor -------------------------------------------------------------------------------------------------

    def move_to(self, step: str | None, *, marking: bool = False) -> None:
        """Put the cursor on a step that is shown; ``marking`` where that follows from marking another one."""
        if step == self.cursor:
            return
        for uuid in (self.cursor, step):
            if uuid in self._index:
                self.refresh_line(self._index[uuid])
        self.cursor = step
        self._show_cursor()
        self._retitle()
        self.post_message(self.CursorMoved(step, marking=marking))

    def _show_cursor(self) -> None:
        place, height = self._index.get(self.cursor or "", 0), max(1, self.scrollable_content_region.height)
        top = self.scroll_offset.y
        if not top <= place < top + height:
            self.scroll_to(y=place if place < top else place - height + 1, animate=False, immediate=True)

    def move_by(self, rows: int, *, marking: bool = False) -> None:
        """Move the cursor by rows, stopping at the ends; ``marking`` as for ``move_to``."""
        if self.rows:
            place = self._index.get(self.cursor or "", 0) + rows
            self.move_to(self.rows[min(max(place, 0), len(self.rows) - 1)].step, marking=marking)

    def mark(self, steps: Iterable[str], *, on: bool = True) -> None:
        """Mark steps, or take their marks away."""
        changed = set(steps) & set(self._steps)
        self.marked = self.marked | changed if on else self.marked - changed
        for step in changed & self._index.keys():
            self.refresh_line(self._index[step])
        self._retitle()
        self.post_message(self.Marked())

    def chosen(self) -> tuple[str, ...]:
        """Return the marked steps in the tree's order, or the one under the cursor where none is marked."""
        if self.marked:
            return tuple(uuid for uuid in self._steps if uuid in self.marked)
        return (self.cursor,) if self.cursor else ()

    def set_filter(self, pattern: str) -> None:
        """Show the steps that match; an empty pattern shows the tree again."""
        if pattern != self.pattern:
            self.pattern = pattern
            self.rebuild()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        place = event.get_content_offset(self)
        if place is not None and place.y + self.scroll_offset.y < len(self.rows):
            self.move_to(self.rows[place.y + self.scroll_offset.y].step)


def _colour(app: App[object], variable: str) -> Style:
    """Return a theme variable as the text's colour; none where the theme has no such variable."""
    try:
        return Style.from_color(Color.parse(app.theme_variables[variable]).rich_color)
    except (KeyError, ColorParseError):  # "auto" colours have no colour of their own
        return Style.null()


def _titled(step: StepView | None, uuid: str, title: str) -> StepView:
    """Return a step with the definition's title, which may be newer than the one that it ran under."""
    if step is None:
        return StepView(uuid, title)
    return step if step.title == title else replace(step, title=title)
