"""Pinned logs: up to three steps whose newest logs stay on the screen while the cursor goes elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from orchest_tui.ui.detail.logs import StepLogView
from orchest_tui.ui.pin_heights import pin_heights

if TYPE_CHECKING:
    from orchest_tui.ui.session import Session

PINS = 3
"""How many logs can be pinned."""


class PinnedLog(StepLogView):
    """One pinned log; its title line separates it from what is above.

    Args:
        number: Which pane it is, from 1.
        run_key: The key that runs a step; empty for none.
        wrap: Whether long lines are wrapped at first.
    """

    DEFAULT_CSS = """
    PinnedLog { height: 1; }
    PinnedLog > .log--title { background: $panel; }
    """

    def __init__(self, number: int, *, run_key: str, wrap: bool) -> None:
        super().__init__(run_key=run_key, prefix=f"─ {number} ", wrap=wrap)
        self.number = number


class Pins(Vertical):
    """The pinned logs, stacked.

    Args:
        run_key: The key that runs a step; empty for none.
    """

    DEFAULT_CSS = "Pins { height: auto; }"

    def __init__(self, *, run_key: str) -> None:
        super().__init__()
        self._run_key = run_key
        self._logs: dict[int, PinnedLog] = {}

    @property
    def logs(self) -> list[PinnedLog]:
        """The pinned logs, in their order."""
        return [self._logs[number] for number in sorted(self._logs)]

    @property
    def focused(self) -> PinnedLog | None:
        """The one that has the focus."""
        return next((log for log in self.logs if log.has_focus_within), None)

    def pin(self, session: Session, number: int, step: str, *, wrap: bool) -> None:
        """Pin a step's log to a pane, in place of any other; where it is there already, take it away.

        A log that is in another pane moves.
        """
        log = self._logs.get(number)
        if log is not None and log.step == step:
            self.unpin(number)
            return
        for other in self.logs:
            if other.step == step:
                self.unpin(other.number)
        if log is None:
            log = self._logs[number] = PinnedLog(number, run_key=self._run_key, wrap=wrap)
            after = [other for other in self.logs if other.number > number]
            self.mount(log, before=after[0] if after else None)
        log.merged_steps = ()
        log.show_step(session, step)

    def unpin(self, number: int) -> None:
        """Take a log away."""
        self._logs.pop(number).remove()

    def take_state(self, session: Session) -> None:
        """Follow newer runs; a step that is no longer there is pinned no longer."""
        steps = session.opened.pipeline.steps
        for log in self.logs:
            if log.step in steps:
                log.take_state()
            else:
                self.unpin(log.number)

    def share_rows(self, rows: int, *, whole: bool) -> None:
        """Share the rows of the detail pane.

        Args:
            rows: What there is for the tab and the pinned logs.
            whole: Whether what has the focus gets all of it.
        """
        focused = self.focused
        heights = pin_heights(rows, sorted(self._logs), focused.number if focused else None)
        if whole:
            heights = {number: rows if focused is not None and number == focused.number else 0 for number in heights}
        for number, height in heights.items():
            log = self._logs[number]
            log.styles.height = height
            log.display = height > 0
