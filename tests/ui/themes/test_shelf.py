"""Themes in a running app: chosen, previewed, and drawn anew when their file is saved."""

from __future__ import annotations

import asyncio
import os

import pytest
from textual.app import App
from textual.widgets import Static

from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.themes.files import packaged_folder
from orchest_tui.ui.themes.filters import line_filters
from orchest_tui.ui.themes.picker import ThemePicker
from orchest_tui.ui.themes.shelf import ThemeShelf, variable_defaults

CAPABLE = Abilities()


class ThemedApp(App[None]):
    CSS = "Static { color: $status-stale; background: $background; }"

    def __init__(self, own, wanted="orchest-dark", abilities=CAPABLE):
        super().__init__()
        self.told = []
        self.picked = []
        self.abilities = abilities
        self.shelf = ThemeShelf(self, wanted, abilities, self.told.append, (packaged_folder(), own))

    def get_theme_variable_defaults(self):
        return variable_defaults()

    def get_line_filters(self):
        return [*super().get_line_filters(), *line_filters(self.abilities)]

    def compose(self):
        yield Static("text → ✔")

    def on_mount(self):
        self.shelf.install()


def colour(app):
    return app.query_one(Static).styles.color.hex.lower()


@pytest.fixture
def own(tmp_path):
    return tmp_path


def drive(app, steps):
    async def run():
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await steps(pilot)

    asyncio.run(run())


def test_the_wanted_theme_is_worn(own):
    app = ThemedApp(own, "paper-light")

    async def steps(pilot):
        assert app.theme == "paper-light"
        assert colour(app) == "#8a4b08"
        assert app.shelf.current.name == "paper-light"

    drive(app, steps)
    assert app.told == []


def test_an_unknown_theme_is_told_with_the_nearest(own):
    app = ThemedApp(own, "papr-light")

    async def steps(pilot):
        assert app.theme == "orchest-dark"

    drive(app, steps)
    [[problem]] = app.told
    assert "papr-light" in problem.what
    assert problem.mend == "Write paper-light"


@pytest.mark.parametrize(("wanted", "worn"), [("orchest-dark", "terminal-16"), ("high-contrast", "high-contrast")])
def test_few_colours_take_the_terminals_own_unless_another_is_wanted(own, wanted, worn):
    app = ThemedApp(own, wanted, Abilities("16"))

    async def steps(pilot):
        assert app.theme == worn

    drive(app, steps)


def test_a_saved_theme_is_worn_at_once_and_a_broken_one_changes_nothing(own):
    path = own / "mine.yaml"
    path.write_text("extends: orchest-dark\nstatus-stale: '#010203'\n")
    app = ThemedApp(own, "mine")

    async def steps(pilot):
        assert colour(app) == "#010203"
        save(path, "extends: orchest-dark\nstatus-stale: '#040506'\n", 10)
        app.shelf.reload_if_changed()
        await pilot.pause()
        assert colour(app) == "#040506"
        save(path, "extends: [\n", 20)
        app.shelf.reload_if_changed()
        await pilot.pause()
        assert (app.theme, colour(app), len(app.told)) == ("mine", "#040506", 1)
        path.unlink()
        app.shelf.reload_if_changed()
        await pilot.pause()
        assert app.theme == "orchest-dark"

    drive(app, steps)


def save(path, text, when):
    path.write_text(text)
    os.utime(path, (when, when))


def test_the_picker_previews_and_gives_back(own):
    app = ThemedApp(own)

    async def steps(pilot):
        app.push_screen(ThemePicker(app.shelf.themes), app.picked.append)
        await pilot.pause()
        before = app.theme
        await pilot.press("j")
        await pilot.pause()
        assert app.theme != before
        await pilot.press("escape")
        await pilot.pause()
        assert (app.theme, app.picked) == (before, [None])
        app.push_screen(ThemePicker(app.shelf.themes), app.picked.append)
        await pilot.pause()
        await pilot.press("j", "enter")
        await pilot.pause()
        assert app.picked[1] == app.theme != before

    drive(app, steps)


def test_a_poor_terminal_gets_ascii_without_colours(own):
    app = ThemedApp(own, abilities=Abilities("none", unicode=False))

    async def steps(pilot):
        strips = app.screen._compositor.render_strips()
        assert "text > +" in strips[0].text
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        assert all(style.color is None and style.bgcolor is None for style in styles)
        assert all(segment.text.isascii() for strip in strips for segment in strip)

    drive(app, steps)
