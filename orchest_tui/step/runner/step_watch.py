"""What the supervisor looks at from time to time while the step runs: its log, and what its processes use."""

from __future__ import annotations

import time

from .log_watch import LogWatch
from .usage import UsageMeter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .bars import BarWatch
    from .messages import Message, Progress, Run

FIRST_LOG_SECONDS = 0.1
LOG_SECONDS = 0.25
FIRST_USAGE_SECONDS = 0.5
USAGE_SECONDS = 1.0
SHARE_OF_TIME = 100
"""A look takes at most one part in so many of the time: where it is slow (thousands of processes) it comes seldom."""


class StepWatch:
    """Looks at a step's log and processes.

    Made while the step waits for its order, since its processor time counts from then on.

    Args:
        send: Sends a message to the engine.
        on_bar: Called with the progress of a bar in the log; None where bars are of no interest.
    """

    def __init__(self, send: Callable[[Message], None], on_bar: Callable[[Progress], None] | None) -> None:
        self._send = send
        self._on_bar = on_bar
        self._meter = UsageMeter()
        self._bars: BarWatch | None = None
        self._log: LogWatch | None = None
        self._log_at = self._usage_at = 0.0

    def begin(self, run: Run) -> None:
        """Look from now on; to be called right before the step begins, so nothing that takes time is done here."""
        now = time.monotonic()
        self._log = LogWatch(run.log)
        self._log_at = now + FIRST_LOG_SECONDS
        self._usage_at = now + FIRST_USAGE_SECONDS

    @property
    def due(self) -> float | None:
        """When (monotonic) the next look is; None before ``begin``."""
        return None if self._log is None else min(self._log_at, self._usage_at)

    def on_time(self, now: float) -> None:
        """Look at what is due."""
        if self._log is not None and now >= self._log_at:
            self.look_at_log()
            self._log_at = _next(now, LOG_SECONDS)
        if self._log is not None and now >= self._usage_at:
            self._send(self._meter.usage())
            self._usage_at = _next(now, USAGE_SECONDS)

    def look_at_log(self) -> None:
        """Note when the log was written, and what a progress bar at its end says."""
        tail = self._log.look() if self._log is not None else None
        if not tail or self._on_bar is None:
            return
        if self._bars is None:
            if b"\r" not in tail and b".... " not in tail:
                return  # as most logs: without the parser, which takes a moment to load
            from .bars import BarWatch

            self._bars = BarWatch()
        progress = self._bars.look(tail)
        if progress is not None:
            self._on_bar(progress)


def _next(began: float, seconds: float) -> float:
    """Return when to look again, every ``seconds``, after a look that began at ``began``."""
    done = time.monotonic()
    return done + max(seconds, (done - began) * SHARE_OF_TIME)
