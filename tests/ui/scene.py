"""A pipeline and its past, really on disk: written through the product's own code, at times that are told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from orchest_tui.engine.events import Event
from orchest_tui.engine.history import Status, Success
from orchest_tui.engine.lock import Holder
from orchest_tui.engine.opened import OpenPipeline
from orchest_tui.engine.requests import RunRequest
from orchest_tui.engine.state import ViewState, reduce
from orchest_tui.step.sdk.orchest.segment import write_segment
from tests.engine.workshop import Workshop, step_uuid

NOW = 1_750_000_000.0
"""When the screen is looked at: 15 June 2025, 15:06:40 UTC."""


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
