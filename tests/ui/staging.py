"""The app on a scene in which nothing moves, for looking at its screen.

The view state is made by the product from what lies on disk; only the engine's thread is missing.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from orchest_tui.commands import BY_ID
from orchest_tui.engine.initial import initial_state
from orchest_tui.engine.lock import PipelineBusyError
from orchest_tui.engine.opened import OpenPipeline
from orchest_tui.engine.requests import RunRequest
from orchest_tui.engine.state import ViewState
from orchest_tui.project.settings import Settings, load_settings
from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.app import OrchestApp
from tests.ui.scene import Clock, Scene, judged
from tests.ui.screens import PATIENCE, screen_text, until

SHOWN_FOLDER = Path("/home/ada/bikes")
"""A folder that is told and not there."""


class StagedEngine:
    """What a session asks of an engine, about a scene in which nothing moves.

    Args:
        scene: The scene.
        project_dir: The project's folder.
        path: The pipeline's file.
        settings: The settings in force.
        options: As the engine's; nothing is made of them.
    """

    def __init__(self, scene: Scene, project_dir: Path, path: Path, settings: Settings, **options: Any) -> None:
        self.scene = scene
        self.state = ViewState()
        self.asked: list[RunRequest] = []
        self.aborted: list[tuple[str, ...]] = []
        self.live = False
        self.warm_spares = scene.spares
        self.executor_name = "docker"
        self._lock = threading.Lock()
        self._where = (project_dir, path, settings)
        self.options = options

    def open(self, **_: Any) -> None:
        """Open the project and make the state."""
        if self.scene.holder is not None:
            raise PipelineBusyError("main.orchest", self.scene.holder)
        self.opened = OpenPipeline(*self._where)
        self.opened.store.open()
        self.state = self.scene.change(judged(self.opened, initial_state(self.opened)))

    def close(self, *, stop: bool = True) -> None:
        """Close the project."""
        self.opened.close()

    def ask(self, question: Callable[[OpenPipeline], Any]) -> Any:
        """Return ``question(opened)``; one at a time, as on the engine's thread."""
        with self._lock:
            return question(self.opened)

    def watch(self, *, live: bool, **_: Any) -> None:
        """Switch live mode."""
        self.live = live

    def start_run(self, request: RunRequest, **_: Any) -> int:
        """Remember what was asked for."""
        self.asked.append(request)
        return len(self.asked)

    def abort(self, steps: tuple[str, ...] = (), **_: Any) -> None:
        """Remember what was to be stopped."""
        self.aborted.append(tuple(steps))


@asynccontextmanager
async def staged_app(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int] = (120, 35),
    abilities: Abilities | None = None,
) -> AsyncIterator[tuple[OrchestApp, Pilot[int]]]:
    """Give the app on a scene; time is to be stopped by then."""
    monkeypatch.setattr("orchest_tui.ui.engine_session.Engine", functools.partial(StagedEngine, scene))
    app = _app(scene, abilities or Abilities())
    async with app.run_test(size=size, notifications=True) as pilot:
        if scene.start != "pipeline" or scene.holder is not None:
            await until(pilot, lambda: app.screen.is_modal, "the question")
            yield app, pilot
            return
        await until(pilot, lambda: app.pipeline_screen is not None, "the screen")
        screen = app.pipeline_screen
        assert screen is not None
        await until(pilot, lambda: screen.state_watch.seen.version > 0, "opening")
        for _ in range(10):  # a second's looks at once, which ask for the machine's figures
            screen.state_watch.tick()
        await until(pilot, lambda: screen.header.facts.budget > 0, "the machine's figures")
        before = ""
        while before != (before := screen_text(app)):
            await pilot.pause(0.05)  # a dialog over the screen would keep it from dividing its panes
        try:
            yield app, pilot
        finally:
            if app.session is not None:
                await app.session.close(stop=False)


def _app(scene: Scene, abilities: Abilities) -> OrchestApp:
    folder, loaded = scene.workshop.folder, load_settings(scene.workshop.folder)
    match scene.start:
        case "nowhere":
            return OrchestApp(None, None, loaded, abilities, SHOWN_FOLDER)
        case "no pipelines":
            return OrchestApp(SHOWN_FOLDER, None, loaded, abilities)
        case "project":
            return OrchestApp(folder, None, loaded, abilities)
        case _:
            return OrchestApp(folder, scene.workshop.path, loaded, abilities)


async def press(pilot: Pilot[int], keys: Sequence[str]) -> None:
    """Press keys, do commands (named by their ids) as the palette does, and let the app finish what it is at."""
    app = cast("OrchestApp", pilot.app)
    for is_command, group in groupby(keys, BY_ID.__contains__):
        if is_command:
            for command in group:
                app.action_command(command)
                await settled(pilot)
        else:
            await pilot.press(*group)
            await settled(pilot)


async def settled(pilot: Pilot[int]) -> None:
    """Let the app finish what it is at; a worker that waits for a dialog's answer waits on."""
    await pilot.pause()
    end = time.monotonic() + PATIENCE
    while any(worker.is_running for worker in pilot.app.workers) and not pilot.app.screen.is_modal:
        assert time.monotonic() < end, [worker.name for worker in pilot.app.workers]
        await pilot.pause(0.01)
    await pilot.pause()


def stop_time(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Let the program see one moment, in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr(time, "time", clock)
