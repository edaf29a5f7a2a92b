"""From one matching line to the next, while the search for them still goes on."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from orchest_tui.ui.log.search import LineScan


class Outcome(Enum):
    """How looking for the next hit ended."""

    FOUND = "found"
    WRAPPED = "wrapped"
    PENDING = "pending"
    NOTHING = "nothing"


class Jump(NamedTuple):
    """A wish to go to another matching line.

    Attributes:
        scan: Where the matching lines come from.
        start: The offset to go from.
        forward: Whether to go down.
        inclusive: Whether a line at ``start`` itself will do.
    """

    scan: LineScan
    start: int
    forward: bool
    inclusive: bool = False


def resolve(jump: Jump) -> tuple[Outcome, int]:
    """Return whether there is a line to go to by now, and its offset (0 where there is none)."""
    scan = jump.scan
    complete = scan.done or not scan.alive
    hits = scan.hits
    if jump.forward:
        rank = hits.rank(jump.start + (not jump.inclusive))
        if rank < len(hits):
            return Outcome.FOUND, hits[rank]
    elif complete or scan.scanned > jump.start:
        rank = hits.rank(jump.start) - 1
        if rank >= 0:
            return Outcome.FOUND, hits[rank]
    if not complete:
        return Outcome.PENDING, 0
    if not len(hits):
        return Outcome.NOTHING, 0
    return Outcome.WRAPPED, hits[0 if jump.forward else len(hits) - 1]
