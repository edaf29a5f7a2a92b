"""Waiting for what happens in a thread or process: as long as it takes, but not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

DEADLINE = 30.0


def wait_until(condition: Callable[[], object]) -> None:
    """Return when ``condition`` holds."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)
