"""A log file as it lies on disk: opened when it appears, read at any place, seen to grow, shrink and be replaced.

Nothing is mapped: a mapping of a file that its writer cuts short kills the process that looks at it.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

_WITNESS = 64
"""Bytes before the known end that are compared when a file has grown: a file cut and written anew has others."""

NOT_THERE = "No log yet."
"""The problem of a log whose file is not there."""


class Extent(NamedTuple):
    """A part of an open file, and where it lies in the log that is made of such parts.

    Attributes:
        descriptor: The open file.
        start: The part's first byte in the file.
        end: The byte after its last one.
        offset: The place of ``start`` in the log.
    """

    descriptor: int
    start: int
    end: int
    offset: int


class LogSource(Protocol):
    """Bytes that can be read at any place and that grow at their end: one file, or several merged."""

    @property
    def size(self) -> int:
        """Bytes known to be there, as of the last ``refresh``."""

    @property
    def generation(self) -> int:
        """A number that changes when earlier bytes are no longer what they were."""

    @property
    def problem(self) -> str:
        """Why there is nothing to read, for a person; empty where all is well."""

    def refresh(self) -> bool:
        """Look at the disk again; return whether anything changed."""

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes at ``offset``; fewer where the file ends."""

    def extents(self, offset: int) -> Iterator[Extent]:
        """Yield the parts of files that the log is made of, from ``offset`` on."""

    def descriptors(self) -> tuple[int, ...]:
        """Return the open files, empty ones too; another generation may have others."""

    def origin(self, offset: int) -> tuple[int, int]:
        """Return which file (by its number) the byte at ``offset`` comes from, and its place there."""

    def close(self) -> None:
        """Close the files."""


class KnownBytes:
    """What a source knows of its bytes as of the last ``refresh``."""

    def __init__(self) -> None:
        self._size = 0
        self._generation = 0

    @property
    def size(self) -> int:
        """Bytes known to be there."""
        return self._size

    @property
    def generation(self) -> int:
        """A number that changes when earlier bytes are no longer what they were."""
        return self._generation


class LogFile(KnownBytes):
    """One log file. It may not be there yet, and may be truncated, replaced or removed while it is shown.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._in_use = threading.Lock()
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None
        self._witness = b""
        self._problem = ""
        self._modified = 0.0

    @property
    def problem(self) -> str:
        """Why there is nothing to read."""
        return self._problem

    @property
    def modified(self) -> float:
        """When the file was last written (Unix seconds); 0 where there is none."""
        return self._modified

    def refresh(self) -> bool:
        """Look at the file again; return whether it changed."""
        before = (self._size, self._generation, self._problem)
        status = self._status()
        if status is not None:
            if self._descriptor is None or (status.st_dev, status.st_ino) != self._identity:
                self._open()
            else:
                self._resize(status.st_size)
            self._modified = status.st_mtime
        return before != (self._size, self._generation, self._problem)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes at ``offset``; fewer where the file ends."""
        with self._in_use:  # other threads read too, and a number that was closed may be another file's by then
            if self._descriptor is None or size <= 0:
                return b""
            return os.pread(self._descriptor, size, offset)

    def extents(self, offset: int) -> Iterator[Extent]:
        """Yield the file from ``offset`` to its known end, where there is anything."""
        if self._descriptor is not None and offset < self._size:
            yield Extent(self._descriptor, offset, self._size, offset)

    def descriptors(self) -> tuple[int, ...]:
        """Return the open file, where there is one."""
        return () if self._descriptor is None else (self._descriptor,)

    def origin(self, offset: int) -> tuple[int, int]:
        """Return that a byte comes from the one file."""
        return 0, offset

    def close(self) -> None:
        """Close the file; a further ``refresh`` opens it again."""
        with self._in_use:
            if self._descriptor is not None:
                os.close(self._descriptor)
            self._descriptor = self._identity = None

    def _status(self) -> os.stat_result | None:
        """Return what the path leads to; the open file where the name is gone; nothing where there is no file."""
        try:
            return self.path.stat()
        except FileNotFoundError:
            if self._descriptor is not None:
                return os.fstat(self._descriptor)
            self._problem = NOT_THERE
        except OSError as error:
            self._problem = f"{self.path} can't be read: {error.strerror}."
        return None

    def _open(self) -> None:
        """Open the file that the path leads to now, in place of any other."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self._problem = f"{self.path} can't be read: {error.strerror}."
            return
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            self._problem = f"{self.path} is not a file that can be read at any place."
            return
        self._generation += 1
        self.close()
        self._descriptor, self._identity, self._problem = descriptor, (status.st_dev, status.st_ino), ""
        self._size = status.st_size
        self._witness = self._read_witness()

    def _resize(self, size: int) -> None:
        """Take in that the file has ``size`` bytes now; less, or others in their place, is a new generation."""
        if size == self._size:
            return
        if size < self._size or self._read_witness() != self._witness:
            self._generation += 1
        self._size = size
        self._witness = self._read_witness()

    def _read_witness(self) -> bytes:
        """Return the last bytes before the known end."""
        start = max(0, self._size - _WITNESS)
        return self.read(start, self._size - start)
