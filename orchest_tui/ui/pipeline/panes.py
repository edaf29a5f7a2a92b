"""The panes of a pipeline's screen, and how they share it: side by side, one alone, the map in the tree's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widget import Widget

from orchest_tui.commands.command import Scope
from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.bindings import shown_key
from orchest_tui.ui.detail.pane import DetailPane
from orchest_tui.ui.footer import CommandFooter
from orchest_tui.ui.map.step_map import StepMap
from orchest_tui.ui.pictures import Gallery, cell_pixels, picture_way
from orchest_tui.ui.pipeline.filter_line import FilterLine
from orchest_tui.ui.pipeline.header import Header
from orchest_tui.ui.pipeline.tree import StepTree

_NARROW = 72
"""Columns below which one pane alone is shown."""
_SMALL = 100
"""Columns below which tree and map take no share of the screen but what they need."""
_DETAIL_LEAST, _TREE_LEAST = 40, 26
"""Cells that the step's tabs, and the tree beside them, have at least."""
_MAP_SHARE, _TREE_SHARE, _TREE_MOST = 0.6, 0.42, 100
_LARGE, _LARGE_TREE_SHARE = 160, 0.48
"""Columns from which the tree has room for every column, and its share of them."""


class PanesScreen(Screen[None]):
    """A screen with header, step tree or map, one step's tabs, and footer.

    Args:
        pictures: The setting of that name.
        abilities: What the terminal can show.
        keys: Every command's keys in force.
        syntax: Returns the Pygments style in force.
    """

    DEFAULT_CSS = """
    PanesScreen #body { height: 1fr; }
    PanesScreen #body > * { border-title-color: $foreground; border-subtitle-color: $foreground; }
    PanesScreen #body > *:focus, PanesScreen #body > *:focus-within {
        border-title-color: $border; border-subtitle-color: $border;
    }
    PanesScreen StepTree { height: 1fr; }
    PanesScreen DetailPane { width: 1fr; height: 1fr; }
    PanesScreen StepMap { display: none; height: 1fr; border: round $border-blurred; }
    PanesScreen StepMap:focus { border: round $border; }
    PanesScreen.-map StepMap { display: block; }
    PanesScreen.-map StepTree { display: none; }
    PanesScreen.-full #body > *, PanesScreen.-narrow #body > * { display: none; }
    PanesScreen.-full #body > .-shown, PanesScreen.-narrow #body > .-shown {
        display: block; width: 1fr;
    }
    PanesScreen.-map #body > StepTree, PanesScreen.-tree #body > StepMap,
    PanesScreen.-map #body > StepTree.-shown, PanesScreen.-tree #body > StepMap.-shown { display: none; }
    """

    def __init__(
        self, pictures: str, abilities: Abilities, keys: Mapping[str, Sequence[str]], syntax: Callable[[], str]
    ) -> None:
        super().__init__(classes="-tree")
        self.keys = keys
        self.step_tree = StepTree(unicode=abilities.unicode, id="tree")
        way = picture_way(pictures, abilities, self.app.console.color_system)
        self.gallery = Gallery(way, remote=abilities.remote, cell=cell_pixels())
        self.step_map = StepMap(unicode=abilities.unicode, id="map")
        self.step_map.border_title = "Map"
        run_key = shown_key(keys["run.selected"][0]) if keys["run.selected"] else ""
        self.detail = DetailPane(
            unicode=abilities.unicode, gallery=self.gallery, syntax=syntax, run_key=run_key, tab_keys=_tab_keys(keys)
        )
        self.header = Header(unicode=abilities.unicode)
        self.footer = CommandFooter(keys)

    def compose(self) -> ComposeResult:
        """Make the panes."""
        yield self.header
        with Horizontal(id="body"):
            yield self.step_tree
            yield self.step_map
            yield self.detail
        yield FilterLine()
        yield self.footer

    def on_mount(self) -> None:
        """Begin in the tree."""
        self._mark_shown(self.step_tree, self.step_map)
        self.step_tree.focus()
        # Another program had the terminal meanwhile, and what was sent to it may be gone.
        self.app.app_resume_signal.subscribe(self, lambda _: self.gallery.forget())

    def on_unmount(self) -> None:
        """Leave no picture in the terminal for the next pipeline."""
        self.clear_pictures()

    def clear_pictures(self) -> None:
        """Take all pictures from the terminal."""
        if self.app._driver is not None:
            self.gallery.clear(self.app._driver.write)

    def scope(self) -> Scope:
        """Return the scope of the focused pane."""
        if self.step_tree.has_focus:
            return Scope.TREE
        if self.step_map.has_focus:
            return Scope.MAP
        if not self.detail.has_focus_within:
            return Scope.PIPELINE
        detail = self.detail
        return Scope.LOG if detail.log_has_focus else detail.reading.scope(detail.shown)

    def show_full(self, *, on: bool) -> None:
        """Give the focused pane the whole screen, or take it back."""
        self.set_class(on, "-full")
        self.divide(self.size.width)
        self.detail.share_rows()

    def settle(self) -> None:
        """Show the step under the cursor at once, though the news of it may be on its way: the next key is for it."""
        self.detail.show_step(self.step_tree.cursor, at_once=True)

    def focus_left(self) -> None:
        """Give the focus to the tree, or to the map in its place."""
        self.set_focus(self.step_map if self.has_class("-map") else self.step_tree)

    def action_show_tab(self, tab: str) -> None:
        """Show a tab, for the mouse."""
        self.detail.show_tab(tab)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the focused pane where there is room for one."""
        left = (self.step_tree, self.step_map)
        self._mark_shown(*(left if event.widget in left else (self.detail,)))

    def _mark_shown(self, *panes: Widget) -> None:
        for pane in (self.step_tree, self.step_map, self.detail):
            pane.set_class(pane in panes, "-shown")

    def on_resize(self, event: events.Resize) -> None:
        """Show one pane alone where there is no room for two; otherwise divide what there is."""
        self.set_class(event.size.width < _NARROW, "-narrow")
        if self.focused is None:  # on a screen of a few rows what had it was not to be seen
            self.call_after_refresh(self.focus_left)
        self.divide(event.size.width)

    def divide(self, width: int) -> None:
        """Give tree and map their share of ``width`` cells: on a small screen the tree has what its titles need."""
        share = _LARGE_TREE_SHARE if width >= _LARGE else _TREE_SHARE
        tree, chart = min(_TREE_MOST, int(width * share)), int(width * _MAP_SHARE)
        if width < _SMALL:
            tree = max(_TREE_LEAST, min(self.step_tree.wanted_width, width - _DETAIL_LEAST - 4))
            chart = width - _DETAIL_LEAST
        alone = self.has_class("-narrow") or self.has_class("-full")
        self.step_tree.styles.width = "1fr" if alone else tree
        self.step_map.styles.width = "1fr" if alone else chart
        self.call_after_refresh(self.detail.fit)  # Textual 8.2.8 sometimes sends a pane no Resize for this


def _tab_keys(keys: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Return in a few words which keys lead about: beside the tree, and where the tabs have the whole screen."""

    def hint(word: str, *ids: str) -> str:
        found = " ".join(shown_key(keys[name][0]) for name in ids if keys[name])
        return f"{found} {word}" if found else ""

    tabs, full = hint("tabs", "view.previous_tab", "view.next_tab"), hint("full", "view.full")
    beside = "  ".join(filter(None, (tabs, hint("pane", "app.next_pane"), full)))
    return beside, "  ".join(filter(None, (tabs, hint("back", "view.back"))))
