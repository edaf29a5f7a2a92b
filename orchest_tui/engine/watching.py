"""Watching the project's files: what was saved becomes stale, and in live mode runs.

Two watches: one on the project's own folder, not recursive, and one on everything below it but the folders in which
the program and git write all the time; the second is begun anew when a folder appears or goes. So a step that writes a
log at full speed wakes nobody.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

ALWAYS_IGNORED = frozenset({".git", "__pycache__", ".ipynb_checkpoints", ".venv", "node_modules", ".mypy_cache"})
"""Names of folders in which nothing is watched."""

_EDITORS_OWN = re.compile(r"\..*\.sw[a-z]|\..*\.kate-swp|.*~|4913|\.#.*|#.*#|\.goutputstream-.*|.*___jb_(tmp|old)___")
"""Names of files that editors keep beside the one that is edited (vim, Kate, Emacs, GNOME's, JetBrains'): no saves."""

_STEP_MS = 40
"""Milliseconds between two looks for changes: watchfiles polls what the kernel told it, and each look costs as much as
40 µs of CPU. A save is noticed after one and a half of them on average."""

_TIMEOUT_MS = 60_000
"""Milliseconds after which the watching thread comes back without a change; it sees at each look that it has to end."""

OnChange = Callable[[frozenset[Path]], None]
"""Called on the loop with the paths that changed."""


class Watcher:
    """Watches a project until it is stopped.

    Args:
        project_dir: The project's folder.
        debounce: Seconds of quiet that end a burst of changes.
        on_change: Receives the paths.
    """

    def __init__(self, project_dir: Path, debounce: float, on_change: OnChange) -> None:
        self._project_dir = project_dir
        self._debounce_ms = max(1, int(debounce * 1000))
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None
        self._stop: asyncio.Event | None = None

    def start(self) -> None:
        """Begin to watch; on the loop."""
        if self._task is None:
            self._stop = asyncio.Event()
            self._task = asyncio.ensure_future(self._watch_all(self._stop))

    async def stop(self) -> None:
        """End watching."""
        if self._task is not None and self._stop is not None:
            self._stop.set()
            await self._task
            self._task = None

    async def _watch_all(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            folders = watched_folders(self._project_dir)
            again = asyncio.Event()
            ended = asyncio.ensure_future(_first(stop, again))
            watches = [asyncio.ensure_future(self._watch(folders, again, recursive=True))] if folders else []
            watches.append(asyncio.ensure_future(self._watch_top(folders, again)))
            await ended
            again.set()
            await asyncio.gather(*watches)

    async def _watch(self, folders: list[Path], stop: asyncio.Event, *, recursive: bool) -> None:
        from watchfiles import awatch

        async for changes in awatch(
            *folders, watch_filter=None, debounce=self._debounce_ms, step=min(_STEP_MS, self._debounce_ms),
            stop_event=stop, recursive=recursive, rust_timeout=_TIMEOUT_MS,
        ):  # fmt: skip
            self._tell(Path(path) for _, path in changes)

    async def _watch_top(self, folders: list[Path], again: asyncio.Event) -> None:
        """Watch the project's own folder, and begin anew when the folders in it are others."""
        from watchfiles import awatch

        async for changes in awatch(
            self._project_dir, watch_filter=None, debounce=self._debounce_ms, step=min(_STEP_MS, self._debounce_ms),
            stop_event=again, recursive=False, rust_timeout=_TIMEOUT_MS,
        ):  # fmt: skip
            self._tell(Path(path) for _, path in changes)
            if watched_folders(self._project_dir) != folders:
                again.set()

    def _tell(self, paths: Iterable[Path]) -> None:
        """Tell of the paths that may be of interest, if there are any."""
        kept = frozenset(
            path
            for path in paths
            if not ALWAYS_IGNORED.intersection(path.parts) and not _EDITORS_OWN.fullmatch(path.name)
        )
        if kept:
            self._on_change(kept)


def watched_folders(project_dir: Path) -> list[Path]:
    """Return the folders of a project that are watched with everything below them, sorted."""
    skipped = {*ALWAYS_IGNORED, ".orchest"}
    folders = [Path(entry.path) for entry in os.scandir(project_dir) if entry.is_dir() and entry.name not in skipped]
    environments = project_dir / ".orchest" / "environments"
    if environments.is_dir():
        folders.append(environments)
    return sorted(folders)


async def _first(*waited: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    tasks = [asyncio.ensure_future(event.wait()) for event in waited]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
