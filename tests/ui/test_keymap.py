"""The user's keymap in the running app, for every kind of pane: the new key works, the old one no longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchest_tui.project.layout import user_settings_file
from orchest_tui.ui.detail.logs import StepLogView
from tests.engine.workshop import step_uuid
from tests.ui import scenes
from tests.ui.scene import Clock
from tests.ui.screens import screen_text, until
from tests.ui.staging import press, staged_app, stop_time

KEYMAP = """keymap:
  log.start: "0"
  log.search: ctrl+f,f3
  map.turn: T
  map.bottom: B
  text.copy_all: C
  tree.mark: M
  move.bottom: B
  step.menu: f2
  view.next_tab: comma
  app.help: f12
"""


@pytest.fixture
def keymap() -> None:
    """Write the user's settings."""
    file = user_settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(KEYMAP)


@pytest.mark.usefixtures("keymap")
async def test_every_pane_takes_the_users_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    stop_time(monkeypatch, clock)
    async with staged_app(scenes.long_log(tmp_path, clock), monkeypatch) as (app, pilot):
        screen = app.pipeline_screen
        assert screen is not None
        assert not app._notifications

        await press(pilot, ["space", "G", "x", "]"])
        assert screen.step_tree.marked == set()
        assert screen.step_tree.cursor == step_uuid("Load")
        assert (app.screen, screen.detail.tab) == (screen, "logs")
        await press(pilot, ["M"])
        assert screen.step_tree.marked == {step_uuid("Load")}
        await press(pilot, ["f2"])
        await until(pilot, lambda: "Clear the step's outputs  " in screen_text(app), "the menu")
        assert "Mark                      M" in screen_text(app)
        await press(pilot, ["escape", "f12"])
        await until(pilot, lambda: "B end " in screen_text(app) or " B " in screen_text(app), "the help")
        await press(pilot, ["escape"])

        view = screen.detail.query_one("#logs", StepLogView)
        await press(pilot, ["enter", "g", "slash"])
        assert view.model is not None
        assert view.model.following
        assert "Search" not in screen_text(app)
        await press(pilot, ["0"])
        await until(pilot, lambda: "PAUSED" in screen_text(app), "the first line")
        assert " ctrl+f search " in screen_text(app).splitlines()[-1]
        await press(pilot, ["f3", *"line", "enter"])
        await until(pilot, lambda: "/line 1 of" in screen_text(app), "the search")

        await press(pilot, ["escape", "escape", "m"])
        await until(pilot, lambda: "─ Map ─" in screen_text(app), "the map")
        shape = screen.step_map.shape
        await press(pilot, ["o", "G"])
        assert (screen.step_map.shape, screen.step_tree.cursor) == (shape, step_uuid("Clean"))
        await press(pilot, ["T", "B"])
        assert (screen.step_map.shape != shape, screen.step_tree.cursor) == (True, step_uuid("Publish"))

        await press(pilot, ["escape", "comma", "comma", "tab", "Y"])
        await until(pilot, lambda: "[Source]" in screen_text(app), "the source")
        assert app.clipboard == ""
        await press(pilot, ["C"])
        await until(pilot, lambda: app.clipboard == "echo published", "the copy")
