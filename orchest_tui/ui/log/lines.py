"""The lines of a log, addressed by the offset of their first byte.

A place in a log is an offset and not a line number, so the last page of a gigabyte is there before anything was
counted; the index, made in a thread, then gives numbers and speed. An offset stays right while the log grows.
"""

from __future__ import annotations

import threading
from typing import NamedTuple, Protocol

from orchest_tui.ui.log.index import BLOCK, NONE, LineIndex
from orchest_tui.ui.log.reader import LogSource

LINE_LIMIT = 64 * 1024
"""Bytes of one line that are ever shown."""

_AT_ONCE = 4 * 1024 * 1024
"""Bytes that are indexed on the caller's thread (about 4 ms); more goes to a thread."""

_SCAN = 8 * 1024 * 1024
"""Bytes that are searched for a line's end where the index has not come to yet; then the line is taken to end there."""

_CHUNK = 1024 * 1024
"""Bytes that the indexing thread reads at a time."""


class RawLine(NamedTuple):
    """A line's bytes without its line feed.

    Attributes:
        data: The bytes; of a line over ``LINE_LIMIT`` its start, or the last states of its progress bar.
        length: Bytes that the line has in the log.
    """

    data: bytes
    length: int


class Lines(Protocol):
    """A sequence of lines: those of a log, or some of them. Lines are named by their offsets in the log."""

    @property
    def count(self) -> int | None:
        """How many lines there are; nothing while they are not all counted."""

    def first(self) -> int | None:
        """Return the first line."""

    def last(self) -> int | None:
        """Return the last line."""

    def after(self, offset: int) -> int | None:
        """Return the line after the one at ``offset``."""

    def before(self, offset: int) -> int | None:
        """Return the line before the one at ``offset``."""

    def nearest(self, offset: int) -> int | None:
        """Return the line that the byte at ``offset`` belongs to, or else the nearest one, earlier ones first."""

    def number(self, offset: int) -> int | None:
        """Return the number (from 0) of the line at ``offset``; nothing while it is not known."""


class LogLines:
    """All lines of a log.

    Args:
        source: The bytes; closed with the lines.
    """

    def __init__(self, source: LogSource) -> None:
        self.source = source
        self.index = LineIndex()
        self._generation = source.generation
        self._indexer: threading.Thread | None = None
        self._window = (0, b"")

    @property
    def count(self) -> int | None:
        """How many lines there are; nothing while they are not all counted."""
        return self.index.lines if self.index.covered >= self.source.size else None

    def refresh(self) -> bool:
        """Take in what happened on disk; return whether anything changed, be it only what is known of the lines."""
        counted = self.index.covered
        changed = self.source.refresh()
        if self.source.generation != self._generation:
            self._generation = self.source.generation
            self.index = LineIndex()
            self._window = (0, b"")
        self._extend_index()
        return changed or self.index.covered != counted

    def close(self) -> None:
        """Stop indexing and close the files."""
        indexer, self._indexer = self._indexer, None
        self.index = LineIndex()  # the thread sees that its index is no longer wanted
        if indexer is not None:
            indexer.join()
        self.source.close()

    def first(self) -> int | None:
        """Return the first line."""
        return 0 if self.source.size else None

    def last(self) -> int | None:
        """Return the last line."""
        return self.nearest(self.source.size - 1) if self.source.size else None

    def after(self, offset: int) -> int | None:
        """Return the line after the one at ``offset``."""
        following = self._newline_from(offset) + 1
        return following if 0 < following < self.source.size else None

    def before(self, offset: int) -> int | None:
        """Return the line before the one at ``offset``."""
        return self._newline_before(offset - 1) + 1 if offset > 0 else None

    def nearest(self, offset: int) -> int | None:
        """Return the line that the byte at ``offset`` belongs to; the last one where there is no such byte."""
        size = self.source.size
        return self._newline_before(min(offset, size - 1)) + 1 if size else None

    def number(self, offset: int) -> int | None:
        """Return the number of the line at ``offset``; nothing while it is not known."""
        return self.index.line_at(offset, self.read) if offset <= self.index.covered else None

    def content(self, offset: int) -> RawLine:
        """Return the line at ``offset``."""
        newline = self._newline_from(offset)
        end = self.source.size if newline == NONE else newline
        length = max(0, end - offset)
        if length <= LINE_LIMIT:
            return RawLine(self.read(offset, length), length)
        tail = self.read(end - LINE_LIMIT, LINE_LIMIT)
        redrawn = tail.rstrip(b"\r").find(b"\r")
        return RawLine(tail[redrawn + 1 :] if redrawn != -1 else self.read(offset, LINE_LIMIT), length)

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes of the log; those about the last place asked for come from memory."""
        start, window = self._window
        if not start <= offset <= offset + size <= start + len(window):
            if size > BLOCK:
                return self.source.read(offset, size)
            start = max(0, offset - BLOCK)
            window = self.source.read(start, 3 * BLOCK)
            self._window = (start, window)
        return window[offset - start : offset - start + size]

    def _newline_before(self, end: int) -> int:
        """Return the offset of the last newline before ``end``."""
        if end > self.index.covered:
            floor = max(self.index.covered, end - _SCAN)
            while end > floor:
                start = max(floor, end - BLOCK)
                found = self.read(start, end - start).rfind(b"\n")
                if found != -1:
                    return start + found
                end = start
            if end > self.index.covered:
                return end - 1
        return self.index.newline_before(end, self.read)

    def _newline_from(self, start: int) -> int:
        """Return the offset of the first newline at or after ``start``; ``NONE`` in an unfinished line."""
        covered = self.index.covered
        if start < covered:
            found = self.index.newline_from(start, self.read)
            if found != NONE:
                return found
            start = covered
        ceiling = min(self.source.size, start + _SCAN)
        while start < ceiling:
            data = self.read(start, min(BLOCK, ceiling - start))
            found = data.find(b"\n")
            if found != -1:
                return start + found
            if not data:  # the file was cut short since it was last looked at
                return NONE
            start += len(data)
        return NONE if ceiling == self.source.size else ceiling - 1

    def _extend_index(self) -> None:
        """Index what is new: a little at once, much in a thread."""
        if self._indexer is not None:
            if self._indexer.is_alive():
                return
            self._indexer = None
        missing = self.source.size - self.index.covered
        if missing > _AT_ONCE:
            self._indexer = threading.Thread(target=self._index_all, args=(self.index,), name="log-index", daemon=True)
            self._indexer.start()
        elif missing > 0:
            self.index.extend(self.source.read(self.index.covered, missing))

    def _index_all(self, index: LineIndex) -> None:
        """Index up to the log's known end, as long as ``index`` is the one in use; runs in a thread."""
        while index is self.index and index.covered < self.source.size:
            data = self.source.read(index.covered, min(_CHUNK, self.source.size - index.covered))
            if not data or index is not self.index:
                return
            index.extend(data)
