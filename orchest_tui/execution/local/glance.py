"""How far local workers are, read from their journals by a process that has no part in running them."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from orchest_tui.execution.local.channel import decode_or_none
from orchest_tui.execution.local.run_folder import RunFolder
from orchest_tui.execution.protocol import Cell, Progress

_TAIL_BYTES = 64 * 1024


def glance_at_progress(session_dir: Path, steps: Collection[str]) -> dict[str, tuple[float | None, str]]:
    """Return step → fraction from 0 to 1 (None where unknown) and a short text, for those that told how far they are.

    Args:
        session_dir: The pipeline's folder in memory.
        steps: Uuids of the steps that run.
    """
    found: dict[str, tuple[float | None, str]] = {}
    for folder in RunFolder.all(session_dir):
        process = folder.read_process()
        if process is None or process.spec.step not in steps or folder.read_order() is None:
            continue
        progress = _last_progress(folder.journal)
        if progress is not None:
            found[process.spec.step] = progress
    return found


def _last_progress(journal: Path) -> tuple[float | None, str] | None:
    """Return the last progress that the end of a journal tells, None where it tells none."""
    try:
        with journal.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL_BYTES))
            tail = stream.read()
    except OSError:
        return None
    for line in reversed(tail.splitlines()):
        match decode_or_none(line):
            case Progress(fraction, text):
                return fraction, text
            case Cell(index, count, status):
                done = index + (status != "running")
                return (done / count if count else None), f"cell {index + 1}/{count}"
            case _:
                continue
    return None
