"""Which log of a step there is to see, and what is said where there is none yet. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from orchest_tui.engine.history import END_STATUSES
from orchest_tui.terminal_text import plain
from orchest_tui.ui.log import ViewedLog

if TYPE_CHECKING:
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.engine.state import StepView, ViewState

_TITLE_CELLS = 20


@dataclass(frozen=True, slots=True)
class LogChoice:
    """What a log view shows.

    Attributes:
        logs: The logs; several are merged.
        title: The step and its run, or what else the log is of.
        note: What is said while the log has no lines.
        awaited: A log that takes this one's place as soon as it is there; None where nothing is awaited.
    """

    logs: tuple[ViewedLog, ...] = ()
    title: str = ""
    note: str = ""
    awaited: Path | None = None


class LogChooser:
    """Finds the log to show of a step.

    Args:
        opened: The open pipeline.
        state: Its view state.
        run_key: The key that runs a step, as the footer writes it; empty for none.
    """

    def __init__(self, opened: OpenPipeline, state: ViewState, run_key: str = "") -> None:
        self._opened = opened
        self._pipeline = opened.pipeline  # as it is now: the engine may exchange it at any time
        self._state = state
        self._run_key = run_key

    def knows(self, step: str) -> bool:
        """Return whether the pipeline has the step."""
        return step in self._pipeline.steps

    def title(self, step: str) -> str:
        """Return a step's title, cut where it is long."""
        text = plain(self._pipeline.steps[step].title)
        return text if cell_len(text) <= _TITLE_CELLS else set_cell_size(text, _TITLE_CELLS - 1) + "~"

    def newest(self, step: str) -> LogChoice:
        """Return what there is of the step's newest run."""
        view = self._state.steps.get(step)
        title = self.title(step)
        if view is None or view.run is None:
            how = f" {self._run_key} runs it." if self._run_key else ""
            return LogChoice(title=title, note=f"{title} has not run yet.{how}")
        path = self._opened.layout.log_file(view.run, step)
        named = f"{title}  run {view.run}"
        if path.exists():
            ended = view.status in END_STATUSES
            return LogChoice((ViewedLog(path),), named, "The step wrote nothing." if ended else "Nothing yet")
        if view.status in END_STATUSES or not self._goes_on(view):
            return self._ended_without(view, path, named)
        return self._not_begun(view, path, named)

    def older(self, step: str, run: int, runs: Sequence[int]) -> LogChoice:
        """Return an older run's log.

        Args:
            step: The step.
            run: The run's number.
            runs: The numbers of the runs with a log, the newest first.
        """
        path = self._opened.layout.log_file(run, step)
        newer = sum(1 for each in runs if each > run)
        words = f"{newer} " if newer > 1 else ""
        title = f"{self.title(step)}  run {run}" + (f" ({words}before the last)" if newer else "")
        note = "The step wrote nothing." if path.exists() else f"The log of run {run} is gone."
        return LogChoice((ViewedLog(path),), title, note)

    def merged(self, steps: Sequence[str]) -> LogChoice:
        """Return the newest logs of several steps as one; of those that never ran, nothing."""
        pairs = [(step, self._state.steps.get(step)) for step in steps]
        logs = [
            ViewedLog(self._opened.layout.log_file(view.run, step), plain(view.title))
            for step, view in pairs
            if view is not None and view.run is not None
        ]
        return LogChoice(tuple(logs), f"{len(steps)} steps merged", "None of the steps has a log yet.")

    def _goes_on(self, view: StepView) -> bool:
        run = self._state.run
        return run is not None and run.number == view.run and run.finished is None

    def _not_begun(self, view: StepView, path: Path, named: str) -> LogChoice:
        """Return what is said of a step whose turn has not come, or whose environment is made ready."""
        if view.status == "STARTED":
            return LogChoice((ViewedLog(path),), named, "Starting.")
        step = self._pipeline.steps[view.uuid]
        waits_for = [
            self.title(parent)
            for parent in step.incoming
            if (above := self._state.steps.get(parent)) and self.knows(parent)
            if above.run == view.run and above.status not in END_STATUSES
        ]
        if waits_for:
            return LogChoice((ViewedLog(path),), named, f"Waits for {_listed(waits_for)}.")
        preparing = self._state.environments.get(step.environment)
        if preparing is not None:
            log, name = self._build_log(step.environment), plain(preparing.name)
            note = f"{plain(preparing.text)} …"
            return LogChoice((ViewedLog(log or path),), f"building environment {name}", note, awaited=path)
        note = plain(view.reason or "") or self._turn()
        return LogChoice((ViewedLog(path),), named, note)

    def _turn(self) -> str:
        """Return what a step waits for whose parents have ended."""
        running = sum(1 for each in self._state.steps.values() if each.status == "STARTED" and self._goes_on(each))
        limits = [self._pipeline.settings.max_steps_parallelism, self._opened.settings.parallel]
        most = min((limit for limit in limits if limit), default=0)
        if most and running >= most:
            return f"Waits for its turn: {most} at a time."
        return "Getting ready."

    def _ended_without(self, view: StepView, path: Path, named: str) -> LogChoice:
        """Return what is said of a run that ended before the step had a log, or whose log was removed."""
        note = plain(view.reason or "") or f"The log of run {view.run} is gone."
        return LogChoice((ViewedLog(path),), named, note)

    def _build_log(self, environment: str) -> Path | None:
        """Return the log of an environment's latest build, None where there is none that can be found."""
        try:
            return self._opened.layout.last_build_log(environment)
        except OSError:
            return None


def _listed(names: Sequence[str]) -> str:
    """Return names as people list them."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
