"""A pipeline as it is at one moment, for looking at its screen: really on disk, in an engine that never moves.

Definition, history, logs, success records and outputs are written through the product's own code, and the view state is
made from them by it; only the engine's thread is missing, so that nothing changes while one looks.
"""

from __future__ import annotations

import functools
import json
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, cast

import pytest
from textual.pilot import Pilot

from orchest_tui.commands import BY_ID
from orchest_tui.engine.events import Event
from orchest_tui.engine.history import Status, Success
from orchest_tui.engine.initial import initial_state
from orchest_tui.engine.lock import Holder, PipelineBusyError
from orchest_tui.engine.opened import OpenPipeline
from orchest_tui.engine.requests import RunRequest
from orchest_tui.engine.state import ViewState, reduce
from orchest_tui.project.settings import Settings, load_settings
from orchest_tui.step.sdk.orchest.segment import write_segment
from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.app import OrchestApp
from tests.engine.workshop import Workshop, step_uuid
from tests.ui.screens import PATIENCE, screen_text, until

NOW = 1_750_000_000.0
"""When the screen is looked at: 15 June 2025, 15:06:40 UTC."""

SHOWN_FOLDER = Path("/home/ada/bikes")
"""A folder that is told and not there."""


@dataclass
class Clock:
    """The time that ``time.time`` tells."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Did:
    """What a step did in a run; times in seconds after the run's start, None where that never came."""

    title: str
    status: Status = "SUCCESS"
    start: float | None = 0.0
    seconds: float | None = 1.0
    reason: str | None = None
    log: str | None = None


@dataclass
class Scene:
    """A project with its past, and what is the case at the moment.

    Attributes:
        workshop: The project.
        clock: The time; a past is written at earlier times.
        change: What makes the scene's state from the one that disk and history give.
        spares: Number of warm spares.
        holder: Another process that has the pipeline open.
        start: What the user named: the pipeline, its project, a project without pipelines, or no project at all.
    """

    workshop: Workshop
    clock: Clock
    change: Callable[[ViewState], ViewState] = field(default=lambda state: state)
    spares: int = 2
    holder: Holder | None = None
    start: Literal["pipeline", "project", "no pipelines", "nowhere"] = "pipeline"

    def opened(self) -> OpenPipeline:
        """Open the project as an engine does."""
        opened = OpenPipeline(self.workshop.folder, self.workshop.path, self.workshop.settings)
        opened.store.open()
        return opened

    def run(self, kind: str, started: float, did: Sequence[Did], **end: Any) -> int:
        """Write a run into the past; without ``status`` it still goes on.

        Args:
            kind: What was asked for.
            started: Unix seconds.
            did: Its steps in their order.
            end: ``status``, ``finished`` (seconds after the start), ``reason``.
        """
        self.clock.now = started
        opened = self.opened()
        try:
            steps = [(step_uuid(each.title), each.title) for each in did]
            request = RunRequest(kind, tuple(step for step, _ in steps) if kind == "selected" else ())  # type: ignore[arg-type]
            number = opened.history.begin_run(kind, request.to_json(), steps, started)
            for each in did:
                self._step(opened, number, started, each)
            if end:
                finished = started + end.pop("finished")
                opened.history.end_run(number, end.pop("status"), finished, end.pop("reason", None))
        finally:
            opened.close()
            self.clock.now = NOW
        return number

    def _step(self, opened: OpenPipeline, run: int, started: float, did: Did) -> None:
        step, history = step_uuid(did.title), opened.history
        if did.log is not None:
            log = opened.layout.log_file(run, step)
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(did.log)
        if did.status == "PENDING":
            return
        if did.start is not None:
            history.start_step(run, step, 1, {})
            history.set_started(run, step, started + did.start)
        if did.status != "STARTED":
            finished = None if did.start is None or did.seconds is None else started + did.start + did.seconds
            history.end_step(run, step, did.status, finished, reason=did.reason)
            if did.status == "SUCCESS" and finished is not None:
                record = success_record(opened, step)
                history.record_success(Success(step, run, finished, did.seconds or 0.0, record))

    def output(self, title: str, name: str | None, size: int, preview: Mapping[str, Any], ago: float) -> None:
        """Put an output into the cache, handed over some seconds ago in the last run."""
        self.clock.now = NOW - ago
        opened = self.opened()
        try:
            step = step_uuid(title)
            path = opened.store.output_dir(step) / f"{name or '_'}.snapshot.seg"
            write_segment(0, path, name=name, step=step)
            os.truncate(path, size)  # the size alone is seen; a hole takes no memory
            provenance = {
                "run": str(opened.history.runs(1)[0].number),
                "parameters": dict(opened.pipeline.steps[step].parameters),
            }
            opened.store.add(step, name, path.name, size, preview=preview, provenance=provenance)
        finally:
            opened.close()
            self.clock.now = NOW

    def happen(self, *events: Event) -> None:
        """Let events come after what the disk says."""
        before = self.change

        def change(state: ViewState) -> ViewState:
            state = before(state)
            for event in events:
                state = reduce(state, event)
            return state

        self.change = change


def success_record(opened: OpenPipeline, step: str) -> dict[str, Any]:
    """Return the record of a success of ``step`` under exactly the present state."""
    present = opened.present()
    definition = opened.pipeline.steps[step]
    inner = f"/project-dir/{definition.file_path}"
    return {
        "file": inner, "code": [[inner, present.file_digest(inner)]], "data": [],
        "step_parameters": present.step_values(step), "pipeline_parameters": present.pipeline_values(),
        "all_parameters": False, "environment": present.environment_key(definition.environment),
        "variables": dict(present.variables), "inputs": [[parent, []] for parent in definition.incoming], "outputs": [],
        "early_imports": [], "complete": True,
    }  # fmt: skip


def judged(opened: OpenPipeline, state: ViewState) -> ViewState:
    """Return the state with the verdicts on freshness, as they come right after opening."""
    steps = dict(state.steps)
    for uuid, verdict in opened.verdicts().items():
        steps[uuid] = replace(
            steps[uuid], fresh=verdict.fresh, stale_reasons=verdict.reasons, upstream_stale=verdict.upstream_stale
        )
    return replace(state, steps=steps)


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


def write_notebook(workshop: Workshop, name: str, cells: Sequence[tuple[str, str]]) -> None:
    """Write a notebook: the source of each cell and the text that it printed, or the error that ended it."""
    document = {
        "cells": [
            {
                "cell_type": "code", "source": source, "execution_count": number, "metadata": {},
                "outputs": [_output(text)] if text else [],
            }
            for number, (source, text) in enumerate(cells, 1)
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    workshop.write(name, json.dumps(document))


def _output(text: str) -> dict[str, Any]:
    if not text.startswith("Error: "):
        return {"output_type": "stream", "name": "stdout", "text": text}
    return {"output_type": "error", "ename": "Error", "evalue": text[7:], "traceback": ["Traceback", text]}


def stop_time(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Let the program see one moment, in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr(time, "time", clock)
