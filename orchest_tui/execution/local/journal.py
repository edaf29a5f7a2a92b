"""Reading a worker's journal: how a later engine learns what a runner said and says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from orchest_tui.execution.executor import MessageHandler, WorkerLostError
from orchest_tui.execution.local.channel import decode_or_none
from orchest_tui.execution.protocol import Finished, Ready

POLL_SECONDS = 0.05
"""How often a journal is looked at; a file's size is asked for, so that costs microseconds."""


def finished_in(journal: Path) -> Finished | None:
    """Return how the step ended, None where the journal doesn't say so."""
    try:
        lines = journal.read_bytes().splitlines()
    except FileNotFoundError:
        return None
    for line in reversed(lines):
        message = decode_or_none(line)
        if isinstance(message, Finished):
            return message
    return None


async def follow(journal: Path, alive: Callable[[], bool], on_message: MessageHandler) -> Finished:
    """Tell ``on_message`` all that the runner has said since its start and goes on to say; return how the step ended.

    Args:
        journal: The file.
        alive: Whether the runner still runs.
        on_message: Called for every message but ``ready`` and ``finished``.

    Raises:
        WorkerLostError: The runner is gone and never said how the step ended.
    """
    offset, rest = 0, b""
    while True:
        last_look = not alive()  # asked before reading, so that nothing said before its end is missed
        content = _read_from(journal, offset)
        offset += len(content)
        *lines, rest = (rest + content).split(b"\n")
        for line in lines:
            message = decode_or_none(line)
            if isinstance(message, Finished):
                return message
            if message is not None and not isinstance(message, Ready):
                on_message(message)
        if last_look:
            raise WorkerLostError("The step's process is gone and left no word of how it ended.", "Run it again.")
        await asyncio.sleep(POLL_SECONDS)


def _read_from(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read()
    except FileNotFoundError:
        return b""
