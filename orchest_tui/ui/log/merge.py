"""Several logs as one: whole lines of each, in the order in which they were written.

Where every log has its times (``<log>.times``), what was written before the merge was made is ordered by them; else
it is one log after the other, the one that ended first before the others. What comes later is taken in as it comes.
Nothing is copied: the merged log is a list of extents of the files, and its offsets count through them.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from orchest_tui.log_times import LineTimes
from orchest_tui.ui.log.reader import Extent, KnownBytes, LogFile

_PATIENCE = 20
"""Looks at the files after which a line that does not go on is taken as finished (two seconds at ten a second)."""

_BACK = 64 * 1024
"""Bytes that are read at a time to find a file's last finished line."""


class _Part(NamedTuple):
    """Whole lines of one file.

    Attributes:
        file: The file's number.
        start: The first byte in the file.
        end: The byte after the last one; one further where the last line lacks its line feed, which is then added.
    """

    file: int
    start: int
    end: int


class MergedLog(KnownBytes):
    """Several log files as one source. A line that is not finished is left out until it is, or does not go on.

    Its size is that of the finished lines; its generation changes when one of the files is no longer what it was.

    Args:
        files: The logs.
        times: Their times, in the same order.
    """

    def __init__(self, files: Sequence[LogFile], times: Sequence[LineTimes]) -> None:
        super().__init__()
        self._files = files
        self._times = times
        self._parts: list[_Part] = []
        self._offsets: list[int] = []
        self._taken = [0] * len(files)
        self._waiting = [(0, 0)] * len(files)
        self._generations = [-1] * len(files)

    @property
    def problem(self) -> str:
        """Why there is nothing to read: the first file's reason, where none can be read."""
        problems = [file.problem for file in self._files]
        return problems[0] if problems and all(problems) else ""

    def refresh(self) -> bool:
        """Look at the files again; return whether anything changed."""
        before = (self._size, self._generation)
        for file in self._files:
            file.refresh()
        generations = [file.generation for file in self._files]
        if generations != self._generations:
            self._generations = generations
            self._generation += 1
            self._parts, self._offsets, self._size = [], [], 0
            self._taken = [0] * len(self._files)
            self._append(self._earlier())
        else:
            self._append(self._news())
        return before != (self._size, self._generation)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes at ``offset``."""
        parts = []
        for extent in self._extents(offset):
            number = extent[0].file
            wanted = min(size, extent[0].end - extent[1])
            data = self._files[number].read(extent[1], wanted).ljust(wanted, b"\n")
            parts.append(data)
            size -= wanted
            if size <= 0:
                break
        return b"".join(parts)

    def extents(self, offset: int) -> Iterator[Extent]:
        """Yield the parts of files that the log is made of, from ``offset`` on."""
        for part, start, place in self._extents(offset):
            for extent in self._files[part.file].extents(start):
                yield Extent(extent.descriptor, start, part.end, place)

    def descriptors(self) -> tuple[int, ...]:
        """Return the open files."""
        return tuple(descriptor for file in self._files for descriptor in file.descriptors())

    def origin(self, offset: int) -> tuple[int, int]:
        """Return which file the byte at ``offset`` comes from, and its place there."""
        number = bisect_right(self._offsets, offset) - 1
        part = self._parts[number]
        return part.file, part.start + offset - self._offsets[number]

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()

    def _extents(self, offset: int) -> Iterator[tuple[_Part, int, int]]:
        """Yield each part from ``offset`` on, with the place in its file and in the log where it is to be begun."""
        number = max(0, bisect_right(self._offsets, offset) - 1)
        while number < len(self._parts) and offset < self._size:
            part = self._parts[number]
            start = part.start + offset - self._offsets[number]
            yield part, start, offset
            offset += part.end - start
            number += 1

    def _append(self, parts: Iterable[_Part]) -> None:
        """Put parts at the end; those that go on where the last one ended become one with it."""
        for part in parts:
            last = self._parts[-1] if self._parts else None
            if last is not None and last.file == part.file and last.end == part.start < part.end:
                self._parts[-1] = last._replace(end=part.end)
            else:
                self._parts.append(part)
                self._offsets.append(self._size)
            self._size += part.end - part.start

    def _news(self, *, patience: int = _PATIENCE) -> Iterator[_Part]:
        """Yield the lines that were finished since the last look, or have not gone on for ``patience`` looks."""
        for number, file in enumerate(self._files):
            start = self._taken[number]
            end = self._finished(file, start)
            size, looks = self._waiting[number]
            looks = looks + 1 if size == file.size else 0
            self._waiting[number] = (file.size, looks)
            if end < file.size and looks >= patience:
                end = file.size + 1
            if end > start:
                self._taken[number] = min(end, file.size)
                yield _Part(number, start, end)

    def _earlier(self) -> Iterable[_Part]:
        """Return what is there when the merge is made, in order of time as far as that is known."""
        parts = sorted(self._news(patience=0), key=lambda part: self._files[part.file].modified)
        if not all(self._times[part.file].available for part in parts):
            return parts
        stamped = [list(self._stamped(part)) for part in parts]
        return (part for _, part in heapq.merge(*stamped, key=lambda pair: pair[0]))

    def _stamped(self, part: _Part) -> Iterator[tuple[float, _Part]]:
        """Yield the pieces of a file's lines with the time of each; times that stand within a line are left out."""
        start, since = part.start, 0.0
        for offset, time in self._times[part.file].records(0):
            if offset >= part.end:
                break
            if offset > start and self._files[part.file].read(offset - 1, 1) == b"\n":
                yield since, _Part(part.file, start, offset)
                start = offset
            since = max(since, time) if offset == start else since
        yield since, _Part(part.file, start, part.end)

    @staticmethod
    def _finished(file: LogFile, start: int) -> int:
        """Return where the last finished line of ``file`` ends, no earlier than ``start``."""
        end = file.size
        while end > start:
            begin = max(start, end - _BACK)
            found = file.read(begin, end - begin).rfind(b"\n")
            if found != -1:
                return begin + found + 1
            end = begin
        return start
