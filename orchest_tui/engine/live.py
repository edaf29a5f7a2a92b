"""Watch mode: every save is evaluated, and in live mode what became stale runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from orchest_tui.engine import events
from orchest_tui.engine.opened import now
from orchest_tui.engine.requests import RunRequest
from orchest_tui.engine.watching import Watcher
from orchest_tui.errors import OrchestTuiError

if TYPE_CHECKING:
    from orchest_tui.engine.core import EngineCore


class LiveMode:
    """Connects the watcher to an engine.

    Args:
        core: The engine.
        publish: Receives events.
    """

    def __init__(self, core: EngineCore, publish: Callable[[events.Event], None]) -> None:
        self.live = False
        self._core = core
        self._publish = publish
        self._request = RunRequest("stale")
        self._pending = False
        self._changes: frozenset[Path] = frozenset()
        self._tasks: set[asyncio.Task[None]] = set()
        opened = core.opened
        self._watcher = Watcher(opened.project_dir, opened.settings.debounce, self._changed)

    def watch(self, *, live: bool, request: RunRequest | None = None) -> None:
        """Begin to watch; with ``live`` run what becomes stale, as ``request`` (of kind stale) says."""
        self.live = live
        self._request = request or self._request
        self._watcher.start()

    async def stop(self) -> None:
        """End watching."""
        await self._watcher.stop()

    def _changed(self, paths: frozenset[Path]) -> None:
        if self._core.opened.concerns_definition(paths):
            self._core.reload_definition()
        self._core.check_freshness()
        if self.live:
            self._changes |= paths
            self._run_soon()

    def _run_soon(self) -> None:
        """Run what is stale, now or after the run that goes on."""
        if not self._pending:
            self._pending = True
            task = asyncio.ensure_future(self._run_stale())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run_stale(self) -> None:
        while self._core.running is not None:
            await self._core.wait()
        self._pending = False
        changes, self._changes = self._changes, frozenset()
        if not self._core.opened.saves.any_save(changes) or self._core.all_fresh:
            return
        try:
            await self._core.start_run(self._request)
        except OrchestTuiError as error:
            self._publish(events.Notice(now(), "error", str(error)))
