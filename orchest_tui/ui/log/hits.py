"""Which lines of a log match, in about two bytes for each.

Offsets are kept as one 16-bit number within a block of 64 KiB, and the number of hits up to the end of each block
that has any: ten million matching lines are 20 MB.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right

BLOCK_BITS = 16
"""A block is ``1 << BLOCK_BITS`` bytes, so that an offset within it is a 16-bit number."""


class HitList:
    """Ascending offsets of lines. One thread may add while others look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks = array("Q")
        self._ends = array("Q")
        self._low = array("H")

    def __len__(self) -> int:
        with self._lock:
            return len(self._low)

    def add(self, block: int, low: bytes) -> None:
        """Append hits of one block.

        Args:
            block: The block's number; not less than that of any hit before.
            low: The offsets within the block, ascending, as 16-bit numbers of this machine's byte order.
        """
        with self._lock:
            self._low.frombytes(low)
            if self._blocks and self._blocks[-1] == block:
                self._ends[-1] = len(self._low)
            else:
                self._blocks.append(block)
                self._ends.append(len(self._low))

    def __getitem__(self, rank: int) -> int:
        with self._lock:
            if not 0 <= rank < len(self._low):
                raise IndexError(rank)
            block = self._blocks[bisect_right(self._ends, rank)]
            return (block << BLOCK_BITS) | self._low[rank]

    def rank(self, offset: int) -> int:
        """Return how many hits lie before ``offset``: the rank of the first hit at or after it."""
        block = offset >> BLOCK_BITS
        with self._lock:
            place = bisect_left(self._blocks, block)
            start = self._ends[place - 1] if place else 0
            if place == len(self._blocks) or self._blocks[place] != block:
                return start
            return bisect_left(self._low, offset & ((1 << BLOCK_BITS) - 1), start, self._ends[place])

    def __contains__(self, offset: int) -> bool:
        rank = self.rank(offset)
        return rank < len(self) and self[rank] == offset
