"""The app under test, and what its screen shows as text."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from orchest_tui.project.settings import load_settings
from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.app import OrchestApp
from orchest_tui.ui.pipeline.screen import PipelineScreen

PATIENCE = 120.0
"""Seconds after which a wait is a failure; far more than anything takes."""

SIZES = [(80, 24), (120, 35), (200, 60)]


def screen_lines(app: OrchestApp) -> list[str]:
    """Return the cells of the screen, a text for each line."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def screen_text(app: OrchestApp) -> str:
    """Return the cells of the screen as one text."""
    return "\n".join(screen_lines(app))


async def until(pilot: Pilot[int], condition: Callable[[], bool], what: str) -> None:
    """Let the app work until ``condition`` holds; fail where it never does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} never happened:\n" + screen_text(pilot.app)  # type: ignore[arg-type]
        await pilot.pause(0.02)


@asynccontextmanager
async def opened_app(
    project: Path, size: tuple[int, int] = (120, 35), abilities: Abilities | None = None
) -> AsyncIterator[tuple[OrchestApp, Pilot[int], PipelineScreen]]:
    """Give the app with the project's only pipeline open, on the local executor; it is closed at the end."""
    loaded = load_settings(project)
    app = OrchestApp(project, project / "main.orchest", loaded, abilities or Abilities())
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.session is not None and app.session.is_open, "opening")
        screen = app.pipeline_screen
        assert screen is not None
        await until(pilot, lambda: bool(screen.step_tree.rows), "the tree")
        await pilot.pause()
        try:
            yield app, pilot, screen
        finally:
            if app.session is not None:
                await app.session.close(stop=True)
