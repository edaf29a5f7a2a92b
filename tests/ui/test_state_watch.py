"""The watch on the engine's state: it rests where nothing happens, and whatever the engine tells wakes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.workshop import Workshop
from tests.ui.screens import opened_app, screen_text, until


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project whose steps run on the local executor."""
    return Workshop(tmp_path / "project")


async def test_it_rests_until_the_engine_has_news(workshop: Workshop) -> None:
    workshop.step("load", "print('loaded')")
    async with opened_app(workshop.folder) as (app, pilot, screen):
        watch = screen.state_watch
        await until(pilot, lambda: watch.resting, "rest")
        await pilot.press("r")
        await until(pilot, lambda: not watch.resting, "waking")
        await until(pilot, lambda: "✔ run 1" in screen_text(app), "the run's end on the screen")
        await until(pilot, lambda: watch.resting, "rest after the run")
        workshop.step("another", "print('more')")
        await until(pilot, lambda: "another" in screen_text(app), "the new step")
