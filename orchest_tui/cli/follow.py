"""Reading a log file that may still grow, be cut, or be made anew."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

CHUNK_BYTES = 1 << 16
_POLL_SECONDS = 0.05
_POLLS_BETWEEN_QUESTIONS = 10


def tail_offset(path: Path, lines: int) -> int:
    """Return where the last ``lines`` lines (at least one) of a file start, in bytes."""
    with path.open("rb") as log:
        position = log.seek(0, os.SEEK_END)
        if position == 0:
            return 0
        log.seek(position - 1)
        # The line end at the very end belongs to the last line and starts no other.
        wanted = lines + (log.read(1) == b"\n")
        while position > 0:
            start = max(0, position - CHUNK_BYTES)
            log.seek(start)
            block = log.read(position - start)
            cut = len(block)
            while (cut := block.rfind(b"\n", 0, cut)) >= 0:
                wanted -= 1
                if wanted == 0:
                    return start + cut + 1
            position = start
    return 0


def follow(path: Path, offset: int, ended: Callable[[], bool]) -> Iterator[bytes]:
    """Yield a file's bytes from ``offset`` as they come, until ``ended`` says so and all of it was read.

    A file that is not there yet is waited for; one that became shorter or was replaced is read from its start.

    Args:
        path: The log.
        offset: First byte that is of interest.
        ended: Asked about twice a second: whether the writer has ended.
    """
    inode: int | None = None
    over = False
    polls = 0
    while True:
        try:
            with path.open("rb") as log:
                found = os.fstat(log.fileno())
                if found.st_size < offset or inode not in (None, found.st_ino):
                    offset = 0
                inode = found.st_ino
                log.seek(offset)
                while chunk := log.read(CHUNK_BYTES):
                    offset += len(chunk)
                    yield chunk
        except FileNotFoundError:
            inode = None
        if over:
            return
        if polls % _POLLS_BETWEEN_QUESTIONS == 0:
            over = ended()
        polls += 1
        if not over:
            time.sleep(_POLL_SECONDS)
