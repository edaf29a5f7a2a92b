"""Stopwatches: wall clock of a call, CPU time of a process, and the baseline of a bare interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

BARE_PYTHON = (sys.executable, "-c", "pass")
"""The interpreter doing nothing: that of the virtual environment, since a machine may add to what others load."""


def wall_seconds(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def process_seconds(command: Sequence[str], environ: Mapping[str, str] | None = None) -> float:
    """Return how long a process takes that has to succeed."""
    return wall_seconds(lambda: run(command, environ))


def cpu_seconds(command: Sequence[str], environ: Mapping[str, str] | None = None) -> float:
    """Return user and system time of a process, with those of its own children.

    Raises:
        RuntimeError: It did not succeed.
    """
    with subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} exited with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def run(command: Sequence[str], environ: Mapping[str, str] | None = None) -> str:
    """Return what a process writes.

    Raises:
        RuntimeError: It did not succeed; with its last words.
    """
    done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} exited with {done.returncode}: {done.stderr.strip()[-1000:]}")
    return done.stdout


def wait_until(condition: Callable[[], object], what: str, timeout: float = 120.0) -> None:
    """Wait until ``condition`` holds.

    Raises:
        RuntimeError: It does not within ``timeout`` seconds.
    """
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"Waited {timeout:g} s in vain: {what}.")
        time.sleep(0.002)
