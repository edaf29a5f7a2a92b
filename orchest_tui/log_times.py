"""When the lines of a log were written: the optional file ``<log>.times`` beside it.

The file is a sequence of records of 16 bytes, appended while the log is written: the offset of a line's first byte
(unsigned 64 bits) and the time when that line came (a 64-bit float, Unix seconds), both little-endian; offsets never
descend. A line has the time of the last record at or before it, so a writer may note one time for many lines.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

RECORD = struct.Struct("<Qd")


def times_path(log: Path) -> Path:
    """Return where the times of ``log`` are, if there are any."""
    return log.with_name(log.name + ".times")


class LineTimes:
    """Reads the times of one log's lines; keeps nothing in memory.

    Args:
        log: The log file. Its times may not be there, now or ever.
    """

    def __init__(self, log: Path) -> None:
        self._path = times_path(log)
        self._descriptor: int | None = None

    @property
    def available(self) -> bool:
        """Whether there are any times."""
        return self._count() > 0

    def at(self, offset: int) -> float | None:
        """Return when the line at ``offset`` was written (Unix seconds); nothing where that is not known."""
        low, high = 0, self._count()
        while low < high:
            middle = (low + high) // 2
            if self._record(middle)[0] <= offset:
                low = middle + 1
            else:
                high = middle
        return self._record(low - 1)[1] if low else None

    def records(self, start: int) -> Iterator[tuple[int, float]]:
        """Yield the records from number ``start`` on."""
        for number in range(start, self._count()):
            yield self._record(number)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _count(self) -> int:
        """Return how many whole records there are."""
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:
                return 0  # times are an addition: a log without them is a log
        return os.fstat(self._descriptor).st_size // RECORD.size

    def _record(self, number: int) -> tuple[int, float]:
        """Return one record; a time long ago where the file was cut short meanwhile."""
        assert self._descriptor is not None
        data = os.pread(self._descriptor, RECORD.size, number * RECORD.size)
        return RECORD.unpack(data) if len(data) == RECORD.size else (0, 0.0)
