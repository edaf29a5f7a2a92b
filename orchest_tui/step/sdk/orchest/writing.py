"""Putting a file in place: beside and renamed, in recycled memory where there is some, on disk where memory is full."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TEMPORARY_SUFFIX = ".tmp"

_BLOCK = 1 << 20
"""Bytes: smaller pieces are gathered up to this before they are written; smaller files are not worth recycling for."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Written(NamedTuple):
    """Where a file ended up.

    Attributes:
        path: The file, as it was asked for.
        bytes: Its size.
        spilled: Whether it is the second choice, since the first had no room.
    """

    path: str
    bytes: int
    spilled: bool


class NoRoomError(OSError):
    """The file fits nowhere; the message names the places and the size."""


def write_file(
    pieces: Sequence[bytes | memoryview], path: str, spill: str | None = None, recycle: Iterable[str] = ()
) -> Written:
    """Write ``pieces`` one after the other as the file ``path``; readers see all of it or nothing.

    Args:
        pieces: The content.
        path: The file to make or replace.
        spill: The file to make where there is no room for ``path``.
        recycle: Names in ``path``'s folder whose memory may be taken over.

    Raises:
        NoRoomError: There is no room for it.
        OSError: A folder can't be written.
    """
    size = sum(len(piece) for piece in pieces)
    folder = os.path.dirname(path) or os.curdir
    recycled = _best_fit(folder, recycle, size)
    try:
        if not _has_room(folder, size - recycled.size):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _write_beside(pieces, path, recycled.path)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        if spill is None:
            raise _no_room(size, path) from error
    else:
        return Written(path, size, spilled=False)
    try:
        _write_beside(pieces, spill, None)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise _no_room(size, path, spill) from error
        raise
    return Written(spill, size, spilled=True)


def _no_room(size: int, *paths: str) -> NoRoomError:
    places = " nor in ".join(os.path.dirname(path) for path in paths)
    return NoRoomError(
        errno.ENOSPC, "{:,} bytes fit {}in {}".format(size, "neither " if len(paths) > 1 else "not ", places)
    )


def _has_room(folder: str, size: int) -> bool:
    """Tell whether ``size`` bytes fit: filling memory up only to see that they don't would hurt everybody else."""
    status = os.statvfs(folder)
    return not status.f_blocks or size <= status.f_bavail * status.f_frsize


class _Recyclable(NamedTuple):
    size: int
    path: str | None


def _best_fit(folder: str, names: Iterable[str], size: int) -> _Recyclable:
    """Return the smallest file that is big enough, else the biggest one; none for a small ``size``."""
    candidates = []
    for name in names if size >= _BLOCK else ():
        path = os.path.join(folder, os.path.basename(name))
        try:
            status = os.lstat(path)
        except OSError:
            continue  # another output took it
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            candidates.append(_Recyclable(status.st_size, path))
    big_enough = [candidate for candidate in candidates if candidate.size >= size]
    return min(big_enough) if big_enough else max(candidates, default=_Recyclable(0, None))


def _write_beside(pieces: Iterable[bytes | memoryview], path: str, recycled: str | None) -> None:
    """Write a temporary file in ``path``'s folder and rename it; nothing of it is left where that fails.

    Raises:
        OSError: It can't be written.
    """
    temporary = temporary_name(path)
    descriptor = _open_beside(temporary, recycled)
    try:
        try:
            size = 0
            for block in _blocks(pieces):
                size += _write(descriptor, block)
            os.ftruncate(descriptor, size)  # a recycled file may be longer; its pages are wanted until here
        finally:
            os.close(descriptor)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def temporary_name(path: str) -> str:
    """Return a new path beside ``path`` that no reader looks at."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.{os.urandom(4).hex()}{TEMPORARY_SUFFIX}")


def _open_beside(temporary: str, recycled: str | None) -> int:
    """Open the temporary file for writing: ``recycled`` under its new name where it is still there, else a new one."""
    if recycled is not None:
        try:
            os.rename(recycled, temporary)  # whoever renames it first has it
        except FileNotFoundError:
            pass
        else:
            return os.open(temporary, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)


def _blocks(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes | bytearray | memoryview]:
    """Yield the same bytes in pieces that are worth a system call each."""
    gathered = bytearray()
    for piece in pieces:
        if len(piece) >= _BLOCK:
            if gathered:
                yield gathered
                gathered = bytearray()
            yield piece
            continue
        gathered += piece
        if len(gathered) >= _BLOCK:
            yield gathered
            gathered = bytearray()
    if gathered:
        yield gathered


def _write(descriptor: int, data: bytes | bytearray | memoryview) -> int:
    """Write all of ``data`` and return its length in bytes."""
    view = memoryview(data)
    written = 0
    while written < len(view):
        written += os.write(descriptor, view[written:])
    return written
