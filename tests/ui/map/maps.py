"""An app with nothing but a map, and what its screen shows."""

from __future__ import annotations

import asyncio

from textual.app import App

from orchest_tui.ui.map import StepMap
from orchest_tui.ui.themes.shelf import variable_defaults

DIAMOND = {"load": (), "clean": ("load",), "plot": ("clean",), "train": ("clean", "load"), "report": ("train", "plot")}


class MapApp(App[None]):
    """A map over the whole screen; keeps the messages that it gets."""

    def __init__(self, titles, parents, unicode=True):
        super().__init__()
        self.titles = titles
        self.parents = parents
        self.unicode = unicode
        self.heard = []

    def get_theme_variable_defaults(self):
        return variable_defaults()

    def compose(self):
        yield StepMap(unicode=self.unicode)

    def on_mount(self):
        self.query_one(StepMap).show_graph(self.titles, self.parents)

    def on_step_map_highlighted(self, event):
        self.heard.append(("at", event.step))

    def on_step_map_chosen(self, event):
        self.heard.append(("chosen", event.step))

    @property
    def map(self) -> StepMap:
        return self.query_one(StepMap)

    def text(self):
        """The screen's rows without blanks at their ends, and without blank rows at the end."""
        rows = [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def style_at(self, column, row):
        """The style of a cell of the screen."""
        strip = self.screen._compositor.render_strips()[row]
        for segment in strip:
            if column < segment.cell_length:
                return segment.style
            column -= segment.cell_length
        raise AssertionError("outside of the screen")


def drive(size, check, *, parents=DIAMOND, titles=None, unicode=True):
    """Run ``check(app, pilot)`` on a map of ``parents`` at that size."""
    app = MapApp(titles or {step: step for step in parents}, parents, unicode)

    async def run():
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await check(app, pilot)

    asyncio.run(run())
    return app
