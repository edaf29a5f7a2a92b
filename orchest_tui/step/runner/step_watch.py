"""What the supervisor looks at from time to time while the step runs."""

from __future__ import annotations

import time

from .usage import UsageMeter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .messages import Message

FIRST_USAGE_SECONDS = 0.5
USAGE_SECONDS = 1.0
SHARE_OF_TIME = 100
"""A look takes at most one part in so many of the time: where it is slow (thousands of processes) it comes seldom."""


class StepWatch:
    """Looks at a step's processes.

    Made while the step waits for its order, since its processor time counts from then on.

    Args:
        send: Sends a message to the engine.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._meter = UsageMeter()
        self._usage_at: float | None = None

    def begin(self) -> None:
        """Look from now on; nothing is done yet, since the step's own code has not begun."""
        self._usage_at = time.monotonic() + FIRST_USAGE_SECONDS

    @property
    def due(self) -> float | None:
        """When (monotonic) the next look is; None before ``begin``."""
        return self._usage_at

    def on_time(self, now: float) -> None:
        """Look at what is due."""
        if self._usage_at is not None and now >= self._usage_at:
            self._send(self._meter.usage())
            done = time.monotonic()
            self._usage_at = done + max(USAGE_SECONDS, (done - now) * SHARE_OF_TIME)
