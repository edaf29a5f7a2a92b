"""The folders in memory of all pipelines of this user, seen by those who clean up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchest_tui.execution.leftovers import Leftover, remove_folders
from orchest_tui.execution.owned_folder import is_owned
from orchest_tui.execution.runtime import unused_runtimes
from orchest_tui.project.layout import PROJECT_MARK, sessions_dir


@dataclass(frozen=True, slots=True)
class SessionFolder:
    """One pipeline's folder in memory.

    Attributes:
        path: The folder.
        project: The folder of its project, None where that was not written down.
    """

    path: Path
    project: Path | None

    @property
    def workers(self) -> list[Path]:
        """The folders of its workers."""
        return sorted(path for path in (self.path / "run").glob("*") if path.is_dir())

    @property
    def in_use(self) -> bool:
        """Whether a living engine has a worker there."""
        return any(is_owned(folder) for folder in self.workers)


def session_folders(memory: Path, project: Path | None = None) -> Iterator[SessionFolder]:
    """Yield the session folders below the setting ``memory_dir``, of ``project`` or of all."""
    root = sessions_dir(memory)
    if root.is_symlink() or not root.is_dir() or root.stat().st_uid != os.getuid():
        return  # /dev/shm is open to everybody
    for path in sorted(root.iterdir()):
        if path.is_symlink() or not path.is_dir():
            continue
        try:
            mark = (path / PROJECT_MARK).read_bytes()
        except OSError:
            mark = b""
        folder = Path(os.fsdecode(mark)) if mark else None
        if project is None or folder == project:
            yield SessionFolder(path, folder)


def clean_orphans(memory: Path, *, dry_run: bool = False) -> list[Leftover]:
    """Remove the outputs in memory of projects that are not there any more; return what went.

    What the machine can't look at counts as there: a folder that may not be entered, a share whose server is away.
    """
    orphans = [
        ("memory of a project that is gone,", session.path)
        for session in session_folders(memory)
        if session.project is not None and _is_gone(session.project) and not session.in_use
    ]
    return remove_folders(orphans, dry_run=dry_run)


def clean_runtimes(memory: Path, *, dry_run: bool = False) -> list[Leftover]:
    """Remove what other versions of the program staged for workers, unless there is a worker; return what went."""
    if any(session.in_use for session in session_folders(memory)):
        return []
    unused = [("runtime of another version", folder) for folder in unused_runtimes()]
    return remove_folders(unused, dry_run=dry_run)


def _is_gone(folder: Path) -> bool:
    try:
        folder.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False
