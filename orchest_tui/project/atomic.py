"""Writing a file so that a reader, or a crash, never meets half of it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from orchest_tui.errors import OrchestTuiError


def write_atomically(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write ``content`` to ``path`` by a new file in the same folder that takes its place.

    A link is followed, so that it stays one.

    Args:
        path: The file; its folder has to be there.
        content: All of it.
        mode: Permission bits; None keeps the file's own, or gives a new file what the umask leaves.

    Raises:
        OrchestTuiError: It can't be written; the old file is as it was.
    """
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name[:200]}.{os.urandom(6).hex()}.tmp")
    try:
        if mode is None:
            with suppress(FileNotFoundError):
                mode = stat.S_IMODE(target.stat().st_mode)
        try:
            _write_new(beside, content, mode)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise OrchestTuiError(
            f"{path} can't be written: {error.strerror or error}.", "Look at its permissions and the free space."
        ) from error


def _write_new(path: Path, content: bytes, mode: int | None) -> None:
    """Write a file that is not there yet, down to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 if mode is None else 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    """Bring the folder's entries to the disk, so that the new name survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
