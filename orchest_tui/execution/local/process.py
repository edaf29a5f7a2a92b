"""Processes of this machine: who is who for good, and how they are started and ended.

A process id alone can come to mean another process; with the time at which it started it can't.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import random
import resource
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_FIRST_SPARE_DESCRIPTOR = 10
_STAT_STATE, _STAT_PARENT, _STAT_START = 0, 1, 19


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process, for good.

    Attributes:
        pid: Its number.
        start: When it started, in clock ticks since the boot (``/proc/<pid>/stat``, field 22).
        boot: The boot's id, since both numbers start anew with it.
    """

    pid: int
    start: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """Return the process that has number ``pid`` now, None where there is none."""
        fields = _stat(pid)
        return cls(pid, int(fields[_STAT_START]), boot_id()) if fields else None

    def alive(self) -> bool:
        """Whether it still runs; a process that ended and was not waited for does not."""
        fields = _stat(self.pid)
        return (
            fields is not None
            and int(fields[_STAT_START]) == self.start
            and fields[_STAT_STATE] not in "ZX"
            and boot_id() == self.boot
        )

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.alive():
            _send(self.pid, number)


def boot_id() -> str:
    """Return the id that the kernel gave the running boot."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> list[str] | None:
    """Return the fields of ``/proc/<pid>/stat`` from the third one on (the second may hold anything)."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text[text.rindex(")") + 2 :].split()


def children(pid: int) -> list[int]:
    """Return the process ids whose parent is ``pid``."""
    try:
        lists = [(task / "children").read_text() for task in (_PROC / str(pid) / "task").iterdir()]
    except ProcessLookupError:
        return []
    except FileNotFoundError:  # it has just ended, or the kernel was built without these lists (PROC_CHILDREN)
        every = (int(folder.name) for folder in _PROC.iterdir() if folder.name.isdigit())
        return [one for one in every if (fields := _stat(one)) and int(fields[_STAT_PARENT]) == pid]
    return [int(child) for text in lists for child in text.split()]


def descendants(pid: int) -> list[int]:
    """Return all process ids below ``pid``, nearest first, as they are at this moment."""
    found = children(pid)
    for one in found:
        found.extend(children(one))
    return found


def kill_tree(root: ProcessId) -> None:
    """End a process and everything below it at once.

    All are stopped first, parents before their children, so that none can start another or react to a child's end.
    """
    if not root.alive():
        return
    root.send(signal.SIGSTOP)
    tree = [root.pid]
    for pid in tree:
        for child in children(pid):
            _send(child, signal.SIGSTOP)
            tree.append(child)
    for pid in tree:
        _send(pid, signal.SIGKILL)


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def limit_memory(pids: Sequence[int], limit: int) -> None:
    """Let each process of ``pids`` have at most ``limit`` bytes of private writable memory from now on.

    That is ``RLIMIT_DATA``: unlike ``RLIMIT_AS`` it leaves alone what is only reserved or mapped for reading.
    """
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_DATA)
            soft = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.prlimit(pid, resource.RLIMIT_DATA, (soft, hard))


@contextlib.contextmanager
def confined_to(cpus: float | None) -> Iterator[None]:
    """Processes made by this thread inside the block run on ``cpus`` cores, rounded up; None for all.

    A child inherits the affinity of the thread that makes it, so this needs neither a helper program nor code between
    fork and exec. Which cores is left to chance, so that steps side by side spread.
    """
    before = os.sched_getaffinity(0)
    wanted = len(before) if cpus is None else max(1, math.ceil(cpus))
    if wanted >= len(before):
        yield
        return
    os.sched_setaffinity(0, random.sample(sorted(before), wanted))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def spawn(argv: Sequence[str], environ: Mapping[str, str], descriptors: Sequence[int]) -> int:
    """Start a process in a session of its own and return its id; it outlives this one.

    Args:
        argv: Absolute path of the program, then its arguments.
        environ: Its whole environment.
        descriptors: What its descriptors 0, 1, 2, … are.

    Raises:
        OSError: It can't be started.
    """
    # Away from the low numbers, since each is moved onto its place one after the other.
    copies = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_SPARE_DESCRIPTOR) for fd in descriptors]
    try:
        return os.posix_spawn(
            argv[0],
            list(argv),
            dict(environ),
            file_actions=[(os.POSIX_SPAWN_DUP2, fd, place) for place, fd in enumerate(copies)],
            setsid=True,
            setsigmask=[],
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGHUP, signal.SIGTERM],
        )
    finally:
        for fd in copies:
            os.close(fd)
