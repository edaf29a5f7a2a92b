"""Looking on at a pipeline that another process runs: its view state, made from what that process leaves on disk.

Without a lock, an engine or an event loop. History and output cache are read again when their files changed, the
definition when it was edited, freshness as often as it is cheap.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from orchest_tui.engine.events import Notice
from orchest_tui.engine.initial import initial_state
from orchest_tui.engine.opened import OpenPipeline, now
from orchest_tui.engine.state import KEPT_NOTICES, StepView, ViewState
from orchest_tui.errors import InvalidProjectError, OrchestTuiError
from orchest_tui.execution.local.glance import glance_at_progress
from orchest_tui.project.layout import usable_memory_dir
from orchest_tui.step.runner.bars import read_bar
from orchest_tui.step.runner.log_watch import TAIL_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from orchest_tui.engine.freshness import Freshness
    from orchest_tui.engine.lock import Holder
    from orchest_tui.engine.target import Target

Result = TypeVar("Result")

_SHARE = 0.05
"""Share of one core that may go into looking at freshness."""


class Onlooker:
    """Looks at one pipeline again and again.

    Args:
        target: The pipeline.

    Attributes:
        opened: The pipeline, for reading.
        state: What the last look saw; as with an engine, what did not change stays the same object.
        holder: Who has the pipeline open, None where nobody has.

    Raises:
        OrchestTuiError: It can't be read.
    """

    def __init__(self, target: Target) -> None:
        self.opened = OpenPipeline(target.project_dir, target.path, target.settings, read_only=True)
        self.state = ViewState()
        self.holder: Holder | None = None
        self._lock = threading.Lock()
        self._stamp = self._files_stamp()
        self._seen: ViewState | None = None
        self._verdicts: Mapping[str, Freshness] = {}
        self._evaluate_after = 0.0
        self._session_dir = self.opened.layout.session_path(usable_memory_dir(target.settings.memory_dir))

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self.opened.close()

    def ask(self, question: Callable[[OpenPipeline], Result]) -> Result:
        """Return ``question(opened)``, while nobody else looks."""
        with self._lock:
            return question(self.opened)

    def look(self) -> ViewState:
        """Look at everything again and return the view state; from any thread, takes some milliseconds."""
        with self._lock:
            self.holder = self.opened.lock.holder()
            renewed = self._look_at_definition()
            try:
                renewed = self._look_at_files() or renewed
                if renewed or self._seen is None:
                    self._seen = initial_state(self.opened)
                self._look_at_freshness(renewed)
            except sqlite3.Error:
                # A file that was opened while nobody wrote has a writer now: all is read anew at the next look.
                self._stamp = ()
            else:
                self.state = self._merged(self._seen)
            return self.state

    def _look_at_definition(self) -> bool:
        """Read the definition again where it was edited; return whether another one is in force."""
        before = self.opened.pipeline
        try:
            changed = self.opened.reload_definition()
        except InvalidProjectError as error:
            if error.problems != self.state.broken:
                notice = Notice(now(), "error", f"The last good definition stays: {error.problems[0]}")
                notices = (*self.state.notices, notice)[-KEPT_NOTICES:]
                self.state = replace(self.state, broken=error.problems, notices=notices)
            return False
        if changed or self.state.broken:
            self.state = replace(self.state, broken=(), definition=self.state.definition + 1)
        return self.opened.pipeline is not before

    def _look_at_files(self) -> bool:
        """Read history and output cache again where they changed; return whether they did."""
        stamp = self._files_stamp()
        if stamp == self._stamp:
            return False
        try:
            self.opened.look_again()
        except OrchestTuiError:
            return False  # its writer is about to begin or to end; the next look sees it
        self._stamp = stamp
        return True

    def _look_at_freshness(self, renewed: bool) -> None:
        """Evaluate freshness anew where something was run, and else as often as it is cheap."""
        begun = time.monotonic()
        if renewed or begun >= self._evaluate_after:
            self._verdicts = self.opened.verdicts()
            ended = time.monotonic()
            self._evaluate_after = ended + (ended - begun) / _SHARE

    def _merged(self, seen: ViewState) -> ViewState:
        """Return the last state with what was seen; unchanged steps, and an unchanged state, stay the same objects."""
        before = self.state
        progress = self._progress([step for step in seen.steps.values() if step.status == "STARTED"])
        steps: dict[str, StepView] = {}
        for uuid, step in seen.steps.items():
            verdict = self._verdicts[uuid]
            new = replace(
                step, fresh=verdict.fresh, stale_reasons=verdict.reasons, upstream_stale=verdict.upstream_stale
            )
            if uuid in progress:
                new = replace(new, fraction=progress[uuid][0], progress=progress[uuid][1])
            old = before.steps.get(uuid)
            steps[uuid] = old if old == new else new
        run = before.run if before.run == seen.run else seen.run
        same = run is before.run and list(steps) == list(before.steps)
        if same and all(step is before.steps[uuid] for uuid, step in steps.items()):
            return before
        return replace(before, version=before.version + 1, steps=MappingProxyType(steps), run=run)

    def _progress(self, running: Sequence[StepView]) -> dict[str, tuple[float | None, str]]:
        """Return how far steps are, by what their workers said, or by the progress bar at the end of their logs."""
        told = glance_at_progress(self._session_dir, [step.uuid for step in running]) if running else {}
        for step in running:
            if step.uuid not in told and step.run is not None:
                bar = read_bar(_tail(self.opened.layout.log_file(step.run, step.uuid)))
                if bar is not None:
                    told[step.uuid] = (bar.fraction, bar.text)
        return told

    def _files_stamp(self) -> tuple[tuple[int, int, int], ...]:
        """Return what tells whether the databases were written to."""
        stamps = []
        for file in (self.opened.layout.history_file, self.opened.layout.outputs_file):
            for path in (file, file.with_name(f"{file.name}-wal")):
                try:
                    found = path.stat()
                except OSError:
                    stamps.append((0, 0, 0))
                else:
                    stamps.append((found.st_size, found.st_mtime_ns, found.st_ino))
        return tuple(stamps)


def _tail(log: Path) -> bytes:
    """Return the last bytes of a log, none where there is no log."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - TAIL_BYTES))
            return stream.read()
    except OSError:
        return b""
