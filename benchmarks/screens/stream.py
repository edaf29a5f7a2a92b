"""A log as a busy program writes it, at a steady rate; a script of the standard library that runs anywhere.

Each line begins with its number and the time of writing by the machine's monotonic clock, which containers share.
"""

from __future__ import annotations

import argparse
import os
import time

RATE = 20_000
"""Lines a second."""

_PAUSE = 0.005
"""Seconds between two writes."""

_LEVELS = ("INFO ", "INFO ", "DEBUG", "INFO ", "WARN ")
_COLOURS = {"INFO ": 32, "DEBUG": 36, "WARN ": 33}
_VARIETY = 997
"""Different lines before they begin again; a prime, so that pages of any height differ everywhere."""


def endings(*, colour: bool) -> list[str]:
    """Return what stands behind number and time, in ``_VARIETY`` variants of about 85 characters."""
    found = []
    for seed in range(_VARIETY):
        level = _LEVELS[seed % len(_LEVELS)]
        told = (
            f"worker-{seed % 16:02d} batch {seed * 7919 % 5000} of 5000: loss {seed * 104729 % 10000 / 10000:.4f}"
            f" took {seed * 31 % 900 / 10:.1f} ms, rows={seed * 611953 % 100000} queue={seed * 7 % 64:02d} retry=0"
        )
        if colour:
            name, _, rest = told.partition(" ")
            found.append(f"\x1b[1;{_COLOURS[level]}m{level}\x1b[0m \x1b[35m{name}\x1b[0m {rest}\n")
        else:
            found.append(f"{level} {told}\n")
    return found


def numbered(first: int, last: int, stamp: float, tails: list[str]) -> bytes:
    """Return the lines ``first`` to ``last`` (exclusive), all written at ``stamp``."""
    told = f"{stamp:.3f}"
    return "".join(f"{number:010d} {told} {tails[number % _VARIETY]}" for number in range(first, last)).encode()


def produce(lines: int, rate: float = RATE, *, colour: bool = False, descriptor: int = 1) -> None:
    """Write ``lines`` lines, ``rate`` a second; a reader that is slow delays lines and loses none."""
    tails = endings(colour=colour)
    begin, written = time.monotonic(), 0
    while written < lines:
        now = time.monotonic()
        due = min(lines, int((now - begin) * rate))
        data = memoryview(numbered(written, due, now, tails))
        while data:
            data = data[os.write(descriptor, data) :]
        written = due
        time.sleep(_PAUSE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=int)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--colour", action="store_true")
    options = parser.parse_args()
    produce(options.lines, options.rate, colour=options.colour)
