"""One engine for a pipeline at a time: a file lock that tells who has it.

The lock is ``flock`` on the pipeline's lock file, so it ends with the process however that ends; the file's content is
for people only.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from orchest_tui.errors import OrchestTuiError


class PipelineBusyError(OrchestTuiError):
    """Another process has the pipeline open; ``holder`` is what its lock file says (pid, host, since, command)."""

    def __init__(self, pipeline: str, holder: dict[str, Any]) -> None:
        self.holder = holder
        since = time.strftime("%H:%M:%S", time.localtime(holder.get("since", 0)))
        who = f"process {holder.get('pid', '?')} on {holder.get('host', '?')} since {since}"
        super().__init__(
            f"{pipeline} is already open in {who} ({holder.get('command', 'orchest-tui')}).",
            "End that one first, or look on with: orchest-tui steps, logs -f, runs.",
        )


class PipelineLock:
    """The lock of one pipeline.

    Args:
        path: The lock file; its folder must exist.
        pipeline: Name for messages.
    """

    def __init__(self, path: Path, pipeline: str) -> None:
        self._path = path
        self._pipeline = pipeline
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            PipelineBusyError: Another process has it.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _read_holder(fd)
            os.close(fd)
            if error.errno in {errno.EACCES, errno.EAGAIN}:
                raise PipelineBusyError(self._pipeline, holder) from None
            raise OrchestTuiError(f"{self._path} can't be locked: {error.strerror}.") from error
        me = {
            "pid": os.getpid(),
            "host": os.uname().nodename,
            "since": time.time(),
            "command": " ".join(["orchest-tui", *sys.argv[1:2]]),
        }
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps(me).encode(), 0)
        self._fd = fd

    def release(self) -> None:
        """Give the lock back; does nothing where it is not held."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    @property
    def is_held(self) -> bool:
        """Whether this object has it."""
        return self._fd is not None

    @property
    def is_free(self) -> bool:
        """Whether nobody has it at this moment."""
        if self._fd is not None:
            return False
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return True
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(fd)
        return True


def _read_holder(fd: int) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        holder = json.loads(os.pread(fd, 4096, 0))
        if isinstance(holder, dict):
            return holder
    return {}
