"""The widget: the map of a pipeline's steps, drawn downwards, to the right, or as a compact list."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from orchest_tui.engine.state import StepView
from orchest_tui.graph.canvas import Area
from orchest_tui.ui.map.layouts import LAYOUTS, Atlas, Layout
from orchest_tui.ui.map.scene import Palette, Scene, Towards
from orchest_tui.ui.themes.status import LOOKS

_AROUND = Spacing(2, 4, 2, 4)
"""Cells around a box under the cursor that are kept in sight."""


class StepMap(ScrollView, can_focus=True):
    """The graph of a pipeline's steps with their live states.

    Args:
        unicode: Whether the terminal shows more than ASCII.
        id: The widget's id.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "step-map--line",
        "step-map--near",
        "step-map--cursor",
        *(f"step-map--{name}" for name in LOOKS),
    }

    DEFAULT_CSS = """
    StepMap {
        background: $surface;
        color: $foreground;
        scrollbar-size: 0 0;
    }
    StepMap > .step-map--line { color: $map-line; }
    StepMap > .step-map--near { color: $primary; text-style: bold; }
    StepMap > .step-map--cursor {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    """ + "\n".join(f"StepMap > .step-map--{name} {{ color: ${look.variable}; }}" for name, look in LOOKS.items())

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "go('down')", "Down", show=False, id="map.down"),
        Binding("k,up", "go('up')", "Up", show=False, id="map.up"),
        Binding("h,left", "go('left')", "Left", show=False, id="map.left"),
        Binding("l,right", "go('right')", "Right", show=False, id="map.right"),
        Binding("g,home", "end(0)", "First step", show=False, id="map.top"),
        Binding("G,end", "end(-1)", "Last step", show=False, id="map.bottom"),
        Binding("enter", "choose", "Open", id="map.open", tooltip="Go to the step's log"),
        Binding("o", "turn", "Turn", id="map.turn", tooltip="Draw downwards, to the right, or as a list"),
    ]

    class Highlighted(Message):
        """The cursor moved to ``step``."""

        def __init__(self, step_map: StepMap, step: str) -> None:
            self.step_map = step_map
            self.step = step
            super().__init__()

        @property
        def control(self) -> StepMap:
            """The map."""
            return self.step_map

    class Chosen(Highlighted):
        """The user wants to go to ``step``."""

    def __init__(self, *, unicode: bool = True, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self._scene = Scene({}, {}, unicode=unicode)
        self._atlas = Atlas({}, {}, unicode=unicode)
        self._layout: Layout = "list"
        self._wanted: Layout | None = None
        self._view = self._atlas.view(self._layout)
        self._palette: Palette | None = None

    @property
    def cursor(self) -> str | None:
        """The step under the cursor."""
        return self._scene.cursor or None

    @property
    def shape(self) -> Layout:
        """How the graph is shown."""
        return self._layout

    def show_graph(self, titles: Mapping[str, str], parents: Mapping[str, Sequence[str]]) -> None:
        """Show another graph; the cursor stays on its step if that is still there.

        Args:
            titles: Step → title, in the pipeline's order.
            parents: Step → its parents; others than the steps of ``titles`` are ignored.
        """
        known = {step: [parent for parent in parents.get(step, ()) if parent in titles] for step in titles}
        self._atlas = Atlas(known, titles, unicode=self._scene.unicode)
        cursor = self._scene.cursor if self._scene.cursor in titles else next(iter(self._atlas.list.order), "")
        self._scene = replace(self._scene, titles=titles, cursor=cursor)
        self._lay_out()

    def show_steps(self, steps: Mapping[str, StepView], reused: Collection[str] = ()) -> None:
        """Show new states; only what changed is painted again.

        Args:
            steps: Step → its view; the same object stands for no change.
            reused: Steps whose outputs the shown run took as they were.
        """
        before = self._scene
        self._scene = replace(before, steps=steps, reused=frozenset(reused))
        for step in self._scene.titles:
            same = before.steps.get(step) is steps.get(step)
            if not same or (step in before.reused) != (step in self._scene.reused):
                self._refresh_step(step)

    def move_cursor(self, step: str) -> None:
        """Put the cursor on a step; one that is not there is ignored."""
        if step not in self._scene.titles or step == self._scene.cursor:
            return
        before = self._scene.cursor
        self._scene = replace(self._scene, cursor=step)
        if self._layout == "list":
            self._refresh_step(before)
            self._refresh_step(step)
        else:
            self.refresh()  # lines all over the map change their colour
        self._show_cursor()
        self.post_message(self.Highlighted(self, step))

    def action_go(self, towards: Towards) -> None:
        """Move along a connection, to a neighbour, or in the list a row."""
        if self._scene.cursor:
            self.move_cursor(self._view.go(self._scene.cursor, towards))

    def action_end(self, place: int) -> None:
        """Go to the first (0) or the last (-1) step in topological order."""
        if self._scene.titles:
            self.move_cursor(self._atlas.list.order[place])

    def action_choose(self) -> None:
        """Tell that the user wants to go to the step under the cursor."""
        if self._scene.cursor:
            self.post_message(self.Chosen(self, self._scene.cursor))

    def action_turn(self) -> None:
        """Show the graph in the next layout, and keep to it."""
        self._wanted = LAYOUTS[(LAYOUTS.index(self._layout) + 1) % len(LAYOUTS)]
        self._lay_out()

    def on_resize(self) -> None:
        """Choose a layout that suits the new size."""
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse points; a second click chooses."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        column, row = offset + self.scroll_offset
        step = self._view.step_at(column, row)
        if step is not None and event.chain == 2:
            self.action_choose()
        elif step is not None:
            self.move_cursor(step)

    def notify_style_update(self) -> None:
        """Take the colours of another theme."""
        super().notify_style_update()
        self._palette = None

    def render_line(self, y: int) -> Strip:
        """Return a row of what is in sight."""
        palette = self._palette = self._palette or self._styles()
        left, top = self.scroll_offset
        columns, rows = self.scrollable_content_region.size
        if y >= rows:
            return Strip.blank(columns, palette.text)
        return self._view.row(top + y, Area(left, top, columns, rows), self._scene, palette)

    def _lay_out(self) -> None:
        """Choose a view for the size, and bring the cursor into sight."""
        columns, rows = self.scrollable_content_region.size
        if not columns or not rows:
            return
        self._layout = self._wanted or self._atlas.best_layout(columns, rows)
        self._view = self._atlas.view(self._layout)
        wide, high = self._view.size
        self.virtual_size = Size(wide or columns, high)
        self._show_cursor()
        self.refresh()

    def _show_cursor(self) -> None:
        if self._scene.cursor:
            spacing = Spacing() if self._layout == "list" else _AROUND
            region = self._region(self._scene.cursor)
            self.scroll_to_region(region, spacing=spacing, animate=False, immediate=True, force=True)

    def _region(self, step: str) -> Region:
        """Return the cells of a step on the whole map."""
        area = self._view.region(step)
        return Region(
            area.left, area.top, self.virtual_size.width if self._layout == "list" else area.width, area.height
        )

    def _refresh_step(self, step: str) -> None:
        """Paint a step again if it is in sight."""
        shown = self._region(step).translate(-self.scroll_offset).intersection(self.size.region)
        if shown:
            self.refresh(shown)

    def _styles(self) -> Palette:
        """Return the styles of the theme in force."""
        return Palette(
            text=self.rich_style,
            line=self.get_component_rich_style("step-map--line"),
            near=self.get_component_rich_style("step-map--near"),
            cursor=self.get_component_rich_style("step-map--cursor"),
            states={name: self.get_component_rich_style(f"step-map--{name}") for name in LOOKS},
        )
