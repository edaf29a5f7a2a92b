"""Where virtual environments lie: content-addressed folders that are there whole or not at all.

A virtual environment can't be moved, since its scripts name its path. So each is built under a name of its own, and a
link with the content's name is pointed at it when it is complete; steps that run on a former one keep it until the
next build.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from orchest_tui.execution.executor import Report

_LOCK_SECONDS = 0.2


class VenvFolders:
    """The folders below ``root``.

    Args:
        root: Made when something is built.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self, name: str) -> Path | None:
        """Return the complete folder of content ``name``, None where there is none."""
        link = self.root / name
        return link.resolve() if link.is_dir() else None

    async def ensure(
        self, name: str, build: Callable[[Path], Awaitable[None]], report: Report, *, anew: bool = False
    ) -> Path:
        """Return the complete folder of content ``name``, built first where it has to be.

        Args:
            name: The content's name.
            build: Fills the folder that it is given, which is not there yet; nothing is kept of one that fails.
            report: Told when another process builds the same and has to be waited for.
            anew: Build it though there is one.
        """
        found = self.current(name)
        if found is not None and not anew:
            return found
        self.root.mkdir(parents=True, exist_ok=True)
        async with self._lock(name, report):
            current = self.current(name)
            if current is not None and (not anew or current != found):
                return current
            for former in self.root.glob(f"{name}.*"):
                if former.is_dir() and former != current:
                    shutil.rmtree(former, ignore_errors=True)
            folder = self.root / f"{name}.{secrets.token_hex(4)}"
            try:
                await build(folder)
            except BaseException:  # a cancelled build leaves as little as a failed one
                shutil.rmtree(folder, ignore_errors=True)
                raise
            link = self.root / f"{name}.link"
            link.unlink(missing_ok=True)
            link.symlink_to(folder.name)
            link.rename(self.root / name)
            return folder.resolve()

    @contextlib.asynccontextmanager
    async def _lock(self, name: str, report: Report) -> AsyncIterator[None]:
        """Hold the lock that says who builds ``name``; it ends with the process however that ends."""
        with (self.root / f"{name}.lock").open("w") as file:
            waiting = False
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not waiting:
                        report("Waiting for another process that builds the same")
                    waiting = True
                    await asyncio.sleep(_LOCK_SECONDS)
            yield
