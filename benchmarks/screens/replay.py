"""From the bytes that came to a terminal to what was on its screen when, after the fact.

A terminal is emulated only once the bytes are there with their times, so that emulating takes nothing from the
program that is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyte

_LINE = re.compile(r"(\d{10}) (\d+\.\d{3}) ")
_LINE_BYTES = re.compile(rb"(\d{10}) (\d+\.\d{3}) ")
_PRIVATE = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]")
"""Sequences of newer keyboards' protocols: the emulator would show their last letter."""


class Chunk(NamedTuple):
    """What was read from a terminal at once.

    Attributes:
        at: When (monotonic clock).
        data: The bytes.
    """

    at: float
    data: bytes


class Frame(NamedTuple):
    """A screen.

    Attributes:
        at: When it looked so (monotonic clock).
        rows: Its rows as text.
    """

    at: float
    rows: Sequence[str]


class Newest(NamedTuple):
    """The newest line of a stream that was on a screen.

    Attributes:
        at: From when on.
        number: The line's number.
        written: When the line was written.
    """

    at: float
    number: int
    written: float


class Replay:
    """An emulated terminal.

    Args:
        size: Columns and rows.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, chunk: Chunk) -> Frame:
        """Take in what was read and return what is on the screen then."""
        self._stream.feed(_PRIVATE.sub(b"", chunk.data))
        return Frame(chunk.at, self._screen.display)


def newest_on(frame: Frame) -> Newest | None:
    """Return the newest line of a stream on a screen, None where there is none."""
    found = [(int(match[1]), float(match[2])) for row in frame.rows if (match := _LINE.search(row))]
    if not found:
        return None
    number, written = max(found)
    return Newest(frame.at, number, written)


def newest_in(chunk: Chunk) -> Newest | None:
    """Return the newest line in bytes that a terminal shows one below the other, without an emulator."""
    *_, last = (None, *_LINE_BYTES.finditer(chunk.data))
    return None if last is None else Newest(chunk.at, int(last[1]), float(last[2]))


def ages(shown: Iterable[Newest | None], begin: float, end: float, step: float = 0.01) -> list[float]:
    """Return how old the newest line on the screen was at every ``step`` from ``begin`` to ``end``.

    Between two frames it ages: what counts is when the line was written that one sees.

    Args:
        shown: What was on the screen, in the order of time.
        begin: First look.
        end: Last look.
        step: Seconds between two looks.
    """
    found: list[float] = []
    looks = max(0, int((end - begin) / step))
    times = iter([begin + number * step for number in range(looks)])
    now, seen = next(times, None), None
    for newest in [*filter(None, shown), None]:
        while now is not None and (newest is None or now < newest.at):
            if seen is not None:
                found.append(max(0.0, now - seen.written))
            now = next(times, None)
        seen = newest
    return found


def most(samples: Sequence[float], share: float = 0.95) -> float:
    """Return what ``share`` of the samples don't exceed.

    Raises:
        ValueError: There are none.
    """
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
