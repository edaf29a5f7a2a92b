"""What the step's processes report, on its way to the engine: checked, and progress no faster than anyone can look."""

from __future__ import annotations

import time

from .ending import log_line
from .messages import Progress
from .reports import Reports, ReportServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    import selectors
    from collections.abc import Callable

    from .messages import Message, Run, Touched

PROGRESS_SECONDS = 0.05
"""Progress goes to the engine at most this often; the newest wins."""

MAX_COMPLAINTS = 20
"""Lines about dropped reports in a step's log."""


class Intake:
    """Receives reports from the step's processes.

    Args:
        selector: Where the report socket is registered.
        send: Sends a message to the engine.
    """

    def __init__(self, selector: selectors.BaseSelector, send: Callable[[Message], None]) -> None:
        self._selector = selector
        self._send = send
        self._server: ReportServer | None = None
        self._reports: Reports | None = None
        self._log = ""
        self._tells_progress = False
        self._progress: Progress | None = None
        self._progress_at = 0.0
        self._complaints = 0

    def listen(self, path: str) -> None:
        """Make the report socket at ``path``, unless there is one; until ``begin`` what comes is thrown away."""
        if self._server is None:
            self._server = ReportServer(path, self._selector, self._on_packet)

    def begin(self, run: Run) -> None:
        """Take reports seriously from now on."""
        self._reports = Reports(run)
        self._log = run.log

    def on_bar(self, progress: Progress) -> None:
        """Take what a progress bar in the log says, unless the step tells its progress itself."""
        if not self._tells_progress:
            self._progress = progress

    @property
    def due(self) -> float | None:
        """When (monotonic) progress that waits may go on; None where none waits."""
        return None if self._progress is None else self._progress_at + PROGRESS_SECONDS

    def on_time(self, now: float) -> None:
        """Send the progress whose time has come."""
        if self.due is not None and now >= self.due:
            self._send_progress()

    def end(self) -> Touched | None:
        """Take in what was sent by now, and return what the step touched; None where it never began."""
        if self._server is not None:
            self._server.drain()
        self._send_progress()
        return None if self._reports is None else self._reports.touched.message()

    def _on_packet(self, packet: bytes) -> None:
        if self._reports is None:
            return
        try:
            message = self._reports.message(packet)
            if isinstance(message, Progress):
                self._tells_progress = True
                self._progress = message
            elif message is not None:
                self._send(message)
        except ValueError as error:
            self._complaints += 1
            if self._complaints <= MAX_COMPLAINTS:
                log_line(self._log, f"a report was dropped: {error}")

    def _send_progress(self) -> None:
        if self._progress is not None:
            self._send(self._progress)
            self._progress, self._progress_at = None, time.monotonic()
