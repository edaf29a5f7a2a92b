"""What `clean` finds that nobody needs any more; every room of the executors looks for its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Leftover:
    """One thing that is to go, or has gone.

    Attributes:
        what: What it is, for people.
        bytes: The room that it takes, None where that is not known.
    """

    what: str
    bytes: int | None = None


def remove_folders(named: Iterable[tuple[str, Path]], *, dry_run: bool) -> list[Leftover]:
    """Remove folders of this user and return what went; what can't be removed is not among it.

    Args:
        named: What each folder is, and where it lies.
        dry_run: Only look.
    """
    found = []
    for what, folder in named:
        leftover = Leftover(f"{what} {folder}", folder_bytes(folder))
        if not dry_run:
            shutil.rmtree(folder, ignore_errors=True)
        if dry_run or not folder.exists():
            found.append(leftover)
    return found


def folder_bytes(folder: Path) -> int:
    """Return the room that ``folder`` takes with all in it, as ``du`` counts."""
    total, seen = 0, set()
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            try:
                status = os.lstat(os.path.join(place, name))  # noqa: PTH118 - thousands of them
            except FileNotFoundError:
                continue
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                total += status.st_blocks * 512
    return total
