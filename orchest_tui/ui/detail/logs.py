"""The log view of a step: it knows runs, and follows the step's newest one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.actions import SkipAction
from textual.timer import Timer

from orchest_tui.project.layout import state_dir
from orchest_tui.ui.detail.log_choice import LogChoice, LogChooser
from orchest_tui.ui.log import LogView

if TYPE_CHECKING:
    from orchest_tui.ui.session import Session

_LOOK = 0.1
"""Seconds between two looks whether an awaited log is there."""


class StepLogView(LogView):
    """Shows the log of one step, of its newest run unless told otherwise, or those of several steps as one.

    Args:
        run_key: The key that runs a step, for the step that never ran; empty for none.
        prefix: What stands before the title.
        wrap: Whether long lines are wrapped at first.
        id: The widget's id.

    Attributes:
        step: The step; None before there is one.
        run: Number of the old run that is shown; None for the newest.
        merged_steps: The steps that are shown as one; empty where it is one step.
    """

    def __init__(
        self,
        *,
        run_key: str = "",
        prefix: str = "",
        wrap: bool = True,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        super().__init__(clip_file=state_dir() / "clip.txt", id=id)
        self.wrapped = wrap
        self.step: str | None = None
        self.run: int | None = None
        self.merged_steps: tuple[str, ...] = ()
        self._run_key = run_key
        self._prefix = prefix
        self._session: Session | None = None
        self._newest: int | None = None
        self._runs: tuple[int, ...] = ()
        self._choice = LogChoice()
        self._wait: Timer | None = None

    def on_mount(self) -> None:
        """Have a clock for logs that are awaited."""
        self._wait = self.set_interval(_LOOK, self.take_state, pause=self._choice.awaited is None)

    def show_step(self, session: Session, step: str) -> None:
        """Show the step's newest log; of another step than before the newest. A merge stays."""
        if step != self.step:
            self.run, self._newest = None, _newest_run(session, step)
        self._session, self.step = session, step
        self.take_state()

    def show_run(self, run: int) -> None:
        """Show the log of an older run of the step; that of the newest is followed."""
        self.run = None if run == self._newest else run
        self.merged_steps = ()
        if self._session is not None and self.step is not None:
            self._runs = _runs_with_log(self._session, self.step)
        self.take_state()

    def merge(self, steps: Sequence[str]) -> None:
        """Show the newest logs of several steps as one; fewer than two end that."""
        self.merged_steps = tuple(steps) if len(steps) > 1 else ()
        self.take_state()

    def take_state(self) -> None:
        """Show what there is now: another run, a step that waits no longer. Costs nothing where nothing changed."""
        session, step = self._session, self.step
        if session is None or step is None or not session.is_open:
            return
        chooser = LogChooser(session.opened, session.state, self._run_key)
        if not chooser.knows(step):
            return
        newest = _newest_run(session, step)
        if newest != self._newest:
            self._newest, self.run = newest, None
        if self.merged_steps:
            self._take(chooser.merged(self.merged_steps))
        elif self.run is not None:
            self._take(chooser.older(step, self.run, self._runs))
        else:
            self._take(chooser.newest(step))

    def on_log_view_earlier_requested(self) -> None:
        """Show the log of the run before; after the oldest that of the newest."""
        session, step = self._session, self.step
        if session is None or step is None or self.merged_steps:
            return
        runs = _runs_with_log(session, step)
        shown = self.run if self.run is not None else self._newest
        older = [run for run in runs if shown is None or run < shown]
        if older:
            self.show_run(older[0])
        elif self.run is not None:
            self.run = None
            self.take_state()
        else:
            self.tell("No earlier log")

    def action_toggle_merged(self) -> None:
        """Leave a merge, or ask for one."""
        if self.merged_steps:
            self.merge(())
        else:
            self.post_message(self.MergeRequested(self))

    def action_cancel(self) -> None:
        """Leave what the log view has, then a merge, else what the host has on this key."""
        try:
            super().action_cancel()
        except SkipAction:
            if not self.merged_steps:
                raise
            self.merge(())

    def _take(self, choice: LogChoice) -> None:
        """Show what was chosen."""
        self._choice = choice
        title = f"{self._prefix}{choice.title}"
        self.show(choice.logs, title=title, merged=len(choice.logs) > 1, note=choice.note)
        if self._wait is not None:
            if choice.awaited is None:
                self._wait.pause()
            else:
                self._wait.resume()


def _runs_with_log(session: Session, step: str) -> tuple[int, ...]:
    """Return the runs of the step whose logs are there, the newest first."""
    layout = session.opened.layout
    return tuple(row.run for row in session.history.of_step(step) if layout.log_file(row.run, step).exists())


def _newest_run(session: Session, step: str) -> int | None:
    """Return the number of the step's newest run, None where it never ran."""
    view = session.state.steps.get(step)
    return None if view is None else view.run
