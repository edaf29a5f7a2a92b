"""Files of the output cache: where a reported output may lie, moving it to disk, finding what nobody knows."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchest_tui.cache.digest import open_payload
from orchest_tui.cache.entry import Kind, Location, OutputError, SpillError

_COPY_CHUNK = 16 << 20
_FREE_FLOOR = 64 << 20
_FREE_SHARE = 0.05


def private_folder(folder: Path) -> Path:
    """Return ``folder``, made if missing, for the user alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def is_storable(text: str) -> bool:
    """Return whether ``text`` can be a path and stand in the index: no zero character, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def locate(file: str, kind: Kind, folders: dict[Location, Path]) -> tuple[Path, Location]:
    """Return where a reported output lies.

    Args:
        file: A file name in the ``memory`` folder, or an absolute path on the host.
        kind: ``segment``: directly in the folder ``memory`` or ``disk``; ``legacy``: anywhere below ``legacy``.
        folders: The step's folders by location.

    Raises:
        OutputError: It lies elsewhere.
    """
    path = Path(os.path.normpath(folders["memory"] / file)) if is_storable(file) else Path()
    if kind == "legacy" and path.is_relative_to(folders["legacy"]):
        return path, "legacy"
    if kind == "segment" and path.parent == folders["memory"]:
        return path, "memory"
    if kind == "segment" and path.parent == folders["disk"]:
        return path, "disk"
    raise OutputError(f"The output file {file!r} does not lie in a folder of its step's outputs.")


def file_size(path: Path) -> int | None:
    """Return the size of a regular file in bytes, None where there is none; a link is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def whole_size(path: Path, payload: int) -> int:
    """Return the size of an output's file in bytes.

    Raises:
        OutputError: There is no regular file, or it is smaller than its ``payload``.
    """
    size = file_size(path)
    if size is None:
        raise gone(path)
    if size < payload:
        raise OutputError(f"The output file {path} has {size} bytes of {payload}.", "Run its step again.")
    return size


def gone(path: Path) -> OutputError:
    """Return the error for an output without its file."""
    return OutputError(f"The output file {path} is gone.", "Run its step again.")


def remove(path: Path) -> int:
    """Remove a file and return the bytes that it took; one that is gone already took none."""
    size = file_size(path) or 0
    try:
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def segment_header(path: Path) -> dict[str, Any]:
    """Return a segment's header.

    Raises:
        OutputError: It is no whole segment.
    """
    from orchest_tui.step.sdk.orchest.segment import SegmentError, read_header

    try:
        return read_header(path)
    except (SegmentError, OSError) as error:
        raise OutputError(f"{path} is not a whole output segment: {error}.") from error


def copy_to_disk(source: Path, folder: Path) -> Path:
    """Copy a segment into ``folder`` under its own name, durably, and return the copy; whole or not at all.

    Raises:
        FileNotFoundError: The source is gone.
        SpillError: There is no room, or the disk fails.
    """
    target = folder / source.name
    beside = folder / f".{source.name}.tmp"
    with open_payload(source) as reader:
        try:
            with beside.open("wb") as writer:
                while os.sendfile(writer.fileno(), reader.fileno(), None, _COPY_CHUNK):
                    pass
                os.fsync(writer.fileno())
            beside.rename(target)
            _sync_folder(folder)
        except OSError as error:
            beside.unlink(missing_ok=True)
            mend = "Make room there, or clear outputs that are no longer needed."
            raise SpillError(f"Outputs can't be moved from memory to {folder}: {error.strerror}.", mend) from error
    return target


def _sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def missing_room(folder: Path, reserve: int) -> int:
    """Return how many bytes more the file system of ``folder`` should have free for ``reserve`` bytes to fit well."""
    status = os.statvfs(folder)
    floor = min(_FREE_FLOOR, int(status.f_blocks * status.f_frsize * _FREE_SHARE))
    return reserve + floor - status.f_bavail * status.f_frsize


def same_file_system(one: Path, other: Path) -> bool:
    """Return whether moving a file from one folder to the other frees no room."""
    return one.stat().st_dev == other.stat().st_dev


def changed_before(folder: Path, limit: float) -> Iterator[Path]:
    """Yield the files in ``folder``, which may be missing, whose change time is before ``limit`` (Unix seconds).

    It is not the modification time, which a recycled file keeps while it is renamed for its new writer.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.iterdir():
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) and status.st_ctime < limit:
            yield path
