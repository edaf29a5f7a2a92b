"""Routing of the lines between two layers: each line gets lanes of its own to go across.

A *line* leads from one pin of the layer before to one or more pins of the layer after; the lines of different steps
never touch but to cross at a right angle. Lanes are counted from the layer before. Whose line starts where another one
ends (the same place along the layers) has to go across first; where such demands run in a circle, one line goes
across twice, by a free place (a *dogleg* of channel routing, Deutsch 1976).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import chain, count

Path = tuple[tuple[int, int], ...]
"""The moves across on the way from one pin to another: lane and the place to go to. Empty: straight on."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line through a channel: the place where it starts, and those where it ends."""

    start: int
    ends: tuple[int, ...]


@dataclass(slots=True)
class _Crossbar:
    """A piece of a line that goes across, in one lane: fed at ``start``, left at ``ends``."""

    number: int
    line: str
    start: int
    ends: list[int]
    lane: int = -1
    before: set[int] = field(default_factory=set)
    after: set[int] = field(default_factory=set)

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last place along the lane."""
        return min(self.start, *self.ends), max(self.start, *self.ends)

    @property
    def urgency(self) -> tuple[bool, int, int]:
        """Sort key: who goes left starts with the leftmost, who goes right with the rightmost, so as not to cross."""
        rightwards = sum(self.ends) > self.start * len(self.ends)
        return rightwards, -self.start if rightwards else self.start, self.number


@dataclass(frozen=True, slots=True)
class Channel:
    """The lines between two layers.

    Attributes:
        lanes: How many lanes they need.
        paths: (line, end) → the moves that lead there.
    """

    lanes: int
    paths: Mapping[tuple[str, int], Path]


def route_channel(lines: Mapping[str, Line]) -> Channel:
    """Return how the lines go, in as few lanes as a simple rule finds.

    Args:
        lines: Owner → its line. No two start at one place, no two end at one place.
    """
    router = _Router(lines)
    router.assign_lanes()
    return Channel(router.lanes, dict(router.paths()))


class _Router:
    """The crossbars of one channel while they get their lanes."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self._lines = lines
        self._bars: list[_Crossbar] = []
        self._second: dict[int, int] = {}
        self._pins = {place for line in lines.values() for place in (line.start, *line.ends)}
        self._low = min(self._pins, default=0)
        self._floor: list[int] = [0] * (max(self._pins, default=0) - self._low + 3)
        self.lanes = 0
        for owner, line in lines.items():
            self._add_bars(owner, line)
        self._add_demands()

    def _add_bars(self, owner: str, line: Line) -> None:
        """Make a line's crossbars: two where it goes straight on and to both sides, for a ``┼`` is a crossing."""
        left = [end for end in line.ends if end < line.start]
        right = [end for end in line.ends if end > line.start]
        straight = line.start in line.ends
        for ends in [left, right] if straight else [left + right]:
            if ends:
                self._new_bar(owner, line.start, ends)

    def _new_bar(self, owner: str, start: int, ends: list[int]) -> _Crossbar:
        bar = _Crossbar(len(self._bars), owner, start, ends)
        self._bars.append(bar)
        return bar

    def _add_demands(self) -> None:
        """Note who has to go across before whom: where one line starts and another one ends."""
        starting = {bar.start: bar for bar in self._bars}
        for bar in self._bars:
            for end in bar.ends:
                first = starting.get(end)
                if first is not None and first.line != bar.line:
                    first.after.add(bar.number)
                    bar.before.add(first.number)

    def assign_lanes(self) -> None:
        """Give every crossbar the first lane that lies after all those it would run into."""
        ready = [(bar.urgency, bar.number) for bar in self._bars if not bar.before]
        heapify(ready)
        waiting = {bar.number for bar in self._bars if bar.before}
        while ready or waiting:
            if not ready:
                number = self._split(self._in_a_circle(waiting))
                waiting.add(len(self._bars) - 1)
                waiting.discard(number)
                heappush(ready, (self._bars[number].urgency, number))
            _, number = heappop(ready)
            self._take_lane(self._bars[number])
            for other in sorted(self._bars[number].after):
                bar = self._bars[other]
                bar.before.discard(number)
                if not bar.before:
                    waiting.discard(other)
                    heappush(ready, (bar.urgency, other))

    def _take_lane(self, bar: _Crossbar) -> None:
        first, last = (place - self._low for place in bar.span)
        self._floor.extend([0] * (last + 2 - len(self._floor)))
        # One free cell to both sides keeps two pieces in one lane apart to the eye.
        bar.lane = max(self._floor[max(first - 1, 0) : last + 2])
        self._floor[first : last + 1] = [bar.lane + 1] * (last + 1 - first)
        self.lanes = max(self.lanes, bar.lane + 1)

    def _in_a_circle(self, waiting: Iterable[int]) -> int:
        """Return a crossbar that waits for itself by way of others."""
        seen: set[int] = set()
        number = min(waiting)
        while number not in seen:
            seen.add(number)
            number = min(self._bars[number].before)
        return number

    def _split(self, number: int) -> int:
        """Let a crossbar go to a free place only, where a second one takes over what it waits for; return the first."""
        bar = self._bars[number]
        place = self._free_place(bar)
        self._pins.add(place)
        second = self._new_bar(bar.line, place, bar.ends)
        second.before = bar.before | {number}
        for other in bar.before:
            self._bars[other].after.add(second.number)
            self._bars[other].after.discard(number)
        bar.before = set()
        bar.after.add(second.number)
        bar.ends = [place]
        self._second[number] = second.number
        return number

    def _free_place(self, bar: _Crossbar) -> int:
        """Return the place nearest to the crossbar's start where no line starts or ends."""
        inside = chain.from_iterable((bar.start - away, bar.start + away) for away in count(1))
        return next(place for place in inside if place >= self._low and place not in self._pins)

    def paths(self) -> Iterator[tuple[tuple[str, int], Path]]:
        """Return the moves to each end of each line."""
        for owner, line in self._lines.items():
            if line.start in line.ends:
                yield (owner, line.start), ()
        second_ones = set(self._second.values())
        for bar in self._bars:
            if bar.number in second_ones:
                continue
            second = self._bars[self._second[bar.number]] if bar.number in self._second else None
            for end in (second or bar).ends:
                moves = ((bar.lane, second.start), (second.lane, end)) if second else ((bar.lane, end),)
                yield (bar.line, end), moves


def points(line_start: int, path: Path, lanes_at: int, first: int, last: int) -> list[tuple[int, int]]:
    """Return the corners of a path as (place, depth).

    Args:
        line_start: The place where the line starts.
        path: The moves.
        lanes_at: The depth of lane 0.
        first: The depth of the pin where it starts.
        last: The depth of the pin where it ends.
    """
    place = line_start
    corners = [(place, first)]
    for lane, target in path:
        corners += [(place, lanes_at + lane), (target, lanes_at + lane)]
        place = target
    corners.append((place, last))
    return corners
