"""How many cores a step keeps busy, from what its worker says about processor time."""

from __future__ import annotations

from orchest_tui.execution.protocol import Usage

OLD_SECONDS = 5.0
"""A sample older than this is not news: what an adopted worker said before is replayed from its start."""


class CoreMeter:
    """Turns the samples of one attempt into cores used between two of them.

    Args:
        started: When the step's own code began (Unix seconds): no time had been used by then.
    """

    def __init__(self, started: float) -> None:
        self._time = started
        self._cpu = 0.0

    def cores(self, sample: Usage, now: float) -> float | None:
        """Return the cores used since the last sample; None where the sample is old or the clock did not go on.

        Args:
            sample: The newest one.
            now: Unix seconds.
        """
        seconds, cpu = sample.time - self._time, sample.cpu - self._cpu
        self._time, self._cpu = sample.time, sample.cpu
        if seconds <= 0 or now - sample.time > OLD_SECONDS:
            return None
        # Of processes that ended without being waited for the time is lost, so the sum may fall.
        return round(max(0.0, cpu / seconds), 3)
