"""When the lines of a step's log were written: the file ``<log>.times`` beside it, made by looking.

The step's processes write the log themselves, so a look a few times a second is all there is: what came since the last
look gets one record. A record has 16 bytes, little-endian: an offset in the log (unsigned 64 bits), and when what
stands from there on was written (a 64-bit float, Unix seconds). Offsets never descend; each is the start of a line,
except within lines of more than ``SNIFF_BYTES``.
"""

from __future__ import annotations

import os
import stat
import struct
import time

RECORD = struct.Struct("<Qd")
SUFFIX = ".times"

TAIL_BYTES = 1024
"""Bytes at the log's end that a look returns."""

SNIFF_BYTES = 1024
"""Bytes in which a look searches the next line's start."""


class LogWatch:
    """Looks at one log while a step writes it, and notes when it grew.

    A log whose times can't be written is a log all the same: nothing here raises.

    Args:
        log: The log. What it holds by now is an earlier attempt's and has its times.
    """

    def __init__(self, log: str) -> None:
        self._log = log
        self._size = _size(log)
        self._looked = time.time()
        self._times = TimesFile(log + SUFFIX)

    def look(self) -> bytes | None:
        """Note what was written since the last look; return the log's last bytes, None where nothing came."""
        before, since = self._size, self._looked
        try:
            status = os.stat(self._log)
        except OSError:
            return None
        self._looked = time.time()
        self._size = status.st_size
        if self._size == before or not stat.S_ISREG(status.st_mode):
            return None
        if self._size < before:
            before = 0
            self._times.restart()
            if self._size == 0:
                return b""
        # When it was written last tells the moment of a lone line better than the moment of the look does.
        moment = status.st_mtime if since <= status.st_mtime <= self._looked else self._looked
        try:
            descriptor = os.open(self._log, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            start = _line_start(descriptor, before, self._size)
            if start is not None:
                self._times.note(start, moment)
            return os.pread(descriptor, TAIL_BYTES, max(0, self._size - TAIL_BYTES))
        except OSError:
            return None
        finally:
            os.close(descriptor)


class TimesFile:
    """The file with the times of one log; made with the first record.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._last = 0
        self._broken = False

    def note(self, offset: int, moment: float) -> None:
        """Append a record, unless it would descend."""
        if self._descriptor is None and not self._broken:
            self._open()
        if self._descriptor is None or offset < self._last:
            return
        try:
            if os.write(self._descriptor, RECORD.pack(offset, moment)) < RECORD.size:
                self._give_up()
        except OSError:
            self._give_up()
        self._last = offset

    def restart(self) -> None:
        """Forget all records: the log was cut, and begins anew."""
        if self._descriptor is None and not self._broken and os.path.exists(self._path):
            self._open()
        self._last = 0
        try:
            if self._descriptor is not None:
                os.ftruncate(self._descriptor, 0)
        except OSError:
            self._give_up()

    def _open(self) -> None:
        """Open the file, take away what is no whole record, and find the last offset."""
        # Neither a link nor a pipe that the step put there is followed: it is not always the step's own process that
        # writes here.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            self._descriptor = os.open(self._path, flags, 0o664)
            status = os.fstat(self._descriptor)
            if not stat.S_ISREG(status.st_mode):
                self._give_up()
                return
            whole = status.st_size - status.st_size % RECORD.size
            os.ftruncate(self._descriptor, whole)
            if whole:
                self._last = RECORD.unpack(os.pread(self._descriptor, RECORD.size, whole - RECORD.size))[0]
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        """Write no more, as on a full disk; half a record at the end is no record for whoever reads."""
        self._broken = True
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _line_start(descriptor: int, begin: int, size: int) -> int | None:
    """Return where the first line begins that begins at ``begin`` or later; None where none does by now."""
    if begin == 0:
        return 0
    sniffed = os.pread(descriptor, SNIFF_BYTES, begin - 1)
    found = sniffed.find(b"\n")
    if found < 0:
        return begin if size - begin >= SNIFF_BYTES else None
    return begin + found if begin + found < size else None
