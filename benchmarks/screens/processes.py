"""What a process has used so far: CPU time and memory, of it alone, without the processes that it started."""

from __future__ import annotations

import time
from pathlib import Path

_SCHEDULER_CLOCK = 2
"""Which of a process's three CPU clocks: the scheduler's own, in nanoseconds."""


def cpu_time(pid: int) -> float:
    """Return the seconds of CPU time of all threads of a process, ended ones too.

    ``/proc/<pid>/stat`` has the same in steps of ten milliseconds.

    Raises:
        OSError: There is no such process.
    """
    return time.clock_gettime((~pid << 3) | _SCHEDULER_CLOCK)


def resident(pid: int) -> float:
    """Return the bytes of memory that a process has now, with what it shares."""
    return 1024.0 * status_number(Path(f"/proc/{pid}/status").read_text(), "VmRSS")


def status_number(status: str, name: str) -> int:
    """Return the number in the line ``name`` of a process's status.

    Raises:
        ValueError: There is no such line.
    """
    for line in status.splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0])
    raise ValueError(name)
