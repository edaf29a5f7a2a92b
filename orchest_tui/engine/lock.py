"""One engine for a pipeline at a time: a file lock that tells who has it.

The lock is ``flock`` on the pipeline's lock file, so it ends with the process however that ends; the file's content is
for people, and a hint for ``takeover``, which believes only the kernel.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import sys
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from orchest_tui.errors import OrchestTuiError

_TRIES = 6
_PAUSE = 0.02
"""Another process that only looks whether the lock is free has it for an instant; so one refusal proves nothing."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has a pipeline open, as its lock file names it.

    Attributes:
        pid: Its number, 0 where it is not known.
        host: Name of its machine.
        since: When it opened the pipeline, Unix seconds.
        command: What was typed.
        namespace: Inode of its pid namespace, 0 where it is not known.
        attended: Whether somebody may sit before it; an app whose terminal is gone is not.
    """

    pid: int = 0
    host: str = "?"
    since: float = 0.0
    command: str = "orchest-tui"
    namespace: int = 0
    attended: bool = True

    @property
    def words(self) -> str:
        """Who it is, in words: ``process 123 on box since 12:03 (orchest-tui run)``."""
        seconds = "%H:%M" if time.time() - self.since < _A_DAY else "%Y-%m-%d %H:%M"
        since = f" since {time.strftime(seconds, time.localtime(self.since))}" if self.since else ""
        return f"process {self.pid or '?'} on {self.host}{since} ({self.command})"


_A_DAY = 20 * 3600.0


class PipelineBusyError(OrchestTuiError):
    """Another process has the pipeline open: ``holder``."""

    def __init__(self, pipeline: str, holder: Holder) -> None:
        self.pipeline = pipeline
        self.holder = holder
        super().__init__(
            f"{pipeline} is already open in {holder.words}.",
            "End that one, take over with `orchest-tui run --take-over`, or look on: orchest-tui steps, logs -f, runs.",
        )


class PipelineLock:
    """The lock of one pipeline.

    Args:
        path: The lock file; its folder must exist.
        pipeline: Name for messages.
    """

    def __init__(self, path: Path, pipeline: str) -> None:
        self.path = path
        self.pipeline = pipeline
        self._fd: int | None = None
        self._me = Holder()

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            PipelineBusyError: Another process has it.
            OrchestTuiError: The file can't be made or locked.
        """
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise OrchestTuiError(
                f"{self.path} can't be opened: {error.strerror}.", "Look at its permissions and the free space."
            ) from error
        try:
            self._lock(fd)
        except OrchestTuiError:
            os.close(fd)
            raise
        self._fd = fd
        command = " ".join(["orchest-tui", *sys.argv[1:2]])
        self._write(Holder(os.getpid(), os.uname().nodename, time.time(), command, pid_namespace()))

    def _lock(self, fd: int) -> None:
        for left in reversed(range(_TRIES)):
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in {errno.EACCES, errno.EAGAIN}:
                    raise OrchestTuiError(f"{self.path} can't be locked: {error.strerror}.") from error
                if not left:
                    raise PipelineBusyError(self.pipeline, _read_holder(fd)) from None
                time.sleep(_PAUSE)
            else:
                return

    def note_unattended(self) -> None:
        """Let newcomers know that nobody sits before this process any more."""
        if self._fd is not None:
            self._write(replace(self._me, attended=False))

    def _write(self, me: Holder) -> None:
        if self._fd is not None:
            self._me = me
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, json.dumps(asdict(me)).encode(), 0)

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
        return self._fd is None and self.holder() is None

    def holder(self) -> Holder | None:
        """Return who has the lock at this moment, None where nobody has it."""
        if self._fd is not None:
            return self._me
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            # A shared lock, so that two who look don't take each other for a holder.
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _read_holder(fd)
        finally:
            os.close(fd)
        return None


def pid_namespace() -> int:
    """Return the inode of this process's pid namespace, 0 where the system does not tell."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


def _read_holder(fd: int) -> Holder:
    """Return what the lock file says; whatever can't be read has its default."""
    with contextlib.suppress(OSError, ValueError, TypeError, OverflowError):
        found = json.loads(os.pread(fd, 4096, 0))
        if isinstance(found, dict):
            kinds = {field.name: type(getattr(Holder(), field.name)) for field in fields(Holder)}
            return Holder(**{name: kind(found[name]) for name, kind in kinds.items() if name in found})
    return Holder()
