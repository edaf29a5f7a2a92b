"""What a step in an image without Python uses, asked of the engine: there is no runner inside to tell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from orchest_tui.execution.docker.client import EngineGoneError, RefusedError
from orchest_tui.execution.docker.container import Container
from orchest_tui.execution.executor import MessageHandler
from orchest_tui.execution.protocol import Usage

_FIRST_SECONDS = 1.0
_SECONDS = 2.0
_NANO = 1e9


async def watch_usage(container: Container, on_message: MessageHandler) -> None:
    """Tell what ``container`` uses every two seconds, until it is gone or this is cancelled."""
    pause = _FIRST_SECONDS
    try:
        before = processor_seconds(await container.stats())
        while True:
            await asyncio.sleep(pause)
            stats = await container.stats()
            cpu = max(0.0, processor_seconds(stats) - before)
            on_message(Usage(time=time.time(), cpu=cpu, memory=resident_bytes(stats)))
            pause = _SECONDS
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
