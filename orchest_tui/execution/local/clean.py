"""Removing what lost engines left of the local executor: processes, folders, virtual environments nobody needs."""

from __future__ import annotations

from pathlib import Path

from orchest_tui.execution.leftovers import Leftover, remove_folders
from orchest_tui.execution.local.run_folder import RunFolder
from orchest_tui.execution.local.venv_uses import unused_venvs
from orchest_tui.execution.local.worker_process import WorkerProcess
from orchest_tui.execution.owned_folder import is_local, is_owned
from orchest_tui.execution.session_folders import session_folders
from orchest_tui.project.layout import cache_dir


def clean_workers(memory: Path, project: Path | None = None, *, dry_run: bool = False) -> list[Leftover]:
    """End the workers of dead engines and remove their folders, of ``project`` or of all; return what went.

    Args:
        memory: The setting ``memory_dir``.
        project: A project's folder, None for all.
        dry_run: Only look.
    """
    dead = []
    for session in session_folders(memory, project):
        for path in session.workers:
            if is_local(path) and not is_owned(path):
                running = _end(RunFolder(path), dry_run=dry_run)
                dead.append(("running worker" if running else "folder of a worker", path))
    return remove_folders(dead, dry_run=dry_run)


def clean_venvs(memory: Path, *, dry_run: bool = False) -> list[Leftover]:
    """Remove virtual environments that no environment of any project is built as any more; return what went.

    None goes while a step of any project runs or waits on this machine: it may be running in one that was replaced.
    """
    if any(session.in_use for session in session_folders(memory)):
        return []
    unused = [("virtual environment", path) for path in unused_venvs(cache_dir() / "venvs")]
    return remove_folders(unused, dry_run=dry_run)


def _end(folder: RunFolder, *, dry_run: bool) -> bool:
    """End what still runs of a worker; return whether anything did."""
    record = folder.read_process()
    if record is None:
        return False
    process = WorkerProcess(record.ids, own=False)
    running = process.alive()
    if not dry_run:
        process.kill()
    return running
