"""What there is to see of a step in an image without Python, from outside: there is no runner within to tell.

Its log is looked at as the runner would, since it is a file of the host; what it uses is asked of the engine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchest_tui.execution.docker.client import EngineGoneError, RefusedError
from orchest_tui.execution.docker.container import Container
from orchest_tui.execution.executor import MessageHandler
from orchest_tui.execution.protocol import Progress, Usage
from orchest_tui.step.runner.bars import BarWatch
from orchest_tui.step.runner.log_watch import LogWatch

_LOG_SECONDS = 0.25
_FIRST_USAGE_SECONDS = 1.0
_USAGE_SECONDS = 2.0
_NANO = 1e9


class CommandWatch:
    """Looks at the log and the container of one step while it runs.

    To be made before the step writes anything.

    Args:
        log: The step's log.
        on_message: Receives ``Usage`` and ``Progress``.
    """

    def __init__(self, log: Path, on_message: MessageHandler) -> None:
        self._log = LogWatch(str(log))
        self._bars = BarWatch()
        self._on_message = on_message
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, container: Container) -> None:
        """Look from now on."""
        self._tasks = [
            asyncio.ensure_future(self._watch_log()),
            asyncio.ensure_future(_watch_usage(container, self._on_message)),
        ]

    def end(self) -> None:
        """Look no more, after a last look at the log."""
        for task in self._tasks:
            task.cancel()
        self._log.look()

    async def _watch_log(self) -> None:
        while True:
            await asyncio.sleep(_LOG_SECONDS)
            tail = self._log.look()
            progress = self._bars.look(tail) if tail else None
            if progress is not None:
                self._on_message(Progress(fraction=progress.fraction, text=progress.text))


async def _watch_usage(container: Container, on_message: MessageHandler) -> None:
    """Tell what ``container`` uses every two seconds, until it is gone or this is cancelled."""
    pause = _FIRST_USAGE_SECONDS
    try:
        before = processor_seconds(await container.stats())
        while True:
            await asyncio.sleep(pause)
            stats = await container.stats()
            cpu = max(0.0, processor_seconds(stats) - before)
            on_message(Usage(time=time.time(), cpu=cpu, memory=resident_bytes(stats)))
            pause = _USAGE_SECONDS
    except (RefusedError, EngineGoneError):
        return  # whoever waits for the container's end is told of it


def processor_seconds(stats: Mapping[str, Any]) -> float:
    """Return a container's processor time so far."""
    usage = (stats.get("cpu_stats") or {}).get("cpu_usage") or {}
    return float(usage.get("total_usage") or 0) / _NANO


def resident_bytes(stats: Mapping[str, Any]) -> int:
    """Return a container's memory now, without files that are only cached.

    The names are those of control groups version 2, then of version 1; an engine that tells neither counts the cache.
    """
    memory = stats.get("memory_stats") or {}
    parts = memory.get("stats") or {}
    for own, mapped in (("anon", "file_mapped"), ("total_rss", "total_mapped_file")):
        if own in parts:
            return int(parts[own]) + int(parts.get(mapped) or 0)
    return int(memory.get("usage") or 0)
