"""What the step's processes use, from ``/proc``: processor time so far, memory now.

The kernel adds a process's time to its parent's when the parent waits for it, so processes that have ended count
through those that live. Memory is what each process has for itself, and of what is shared (libraries, inputs mapped
from the output cache) the largest share of one process: the same pages would otherwise count once for each process.
"""

from __future__ import annotations

import os
import time

from .messages import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = "/proc"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

FORKED_BYTES = 64 << 20
"""Memory of all processes but the largest above which they may be forks that share it, so that it is worth asking."""

SHARE_OF_TIME = 100
"""Asking which pages are shared walks through all of them; so it is done for one part in so many of the time."""

STAT_PARENT, STAT_TIMES = 1, slice(11, 15)


class Process:
    """One process at one moment.

    Attributes:
        pid: Its number.
        parent: Its parent's number.
        ticks: Its processor time in clock ticks, that of the children included that it has waited for.
    """

    __slots__ = ("parent", "pid", "ticks")

    def __init__(self, pid: int, parent: int, ticks: int) -> None:
        self.pid = pid
        self.parent = parent
        self.ticks = ticks


class UsageMeter:
    """Measures all processes below this one.

    Args:
        proc: Where ``/proc`` is.
        root: The process below which they are.
    """

    def __init__(self, proc: str = PROC, root: int | None = None) -> None:
        self._proc = proc
        self._root = os.getpid() if root is None else root
        self._shares = SharedMemory(proc)
        self._before = 0.0
        self._before = self._cpu(self._processes())

    def usage(self) -> Usage:
        """Return what is used now; processor time counts from when this object was made."""
        processes = self._processes()
        return Usage(
            time=round(time.time(), 3),
            cpu=round(max(0.0, self._cpu(processes)), 3),
            memory=self._shares.resident([process.pid for process in processes]),
        )

    def _processes(self) -> list[Process]:
        # Process 1 sees few other than its own; elsewhere a look at all would cost by what others do on the machine.
        walked = None if self._root == 1 else walk(self._proc, self._root)
        return scan(self._proc, self._root) if walked is None else walked

    def _cpu(self, processes: list[Process]) -> float:
        ended = os.times()
        return (
            sum(process.ticks for process in processes) / TICKS
            + ended.children_user
            + ended.children_system
            - self._before
        )


class SharedMemory:
    """How much memory some processes have together.

    Args:
        proc: Where ``/proc`` is.
    """

    def __init__(self, proc: str = PROC) -> None:
        self._proc = proc
        self._exact = 0
        self._ask_at = 0.0

    def resident(self, pids: list[int]) -> int:
        """Return the bytes resident of ``pids`` together."""
        sizes = {pid: size for pid, size in ((pid, _statm(self._proc, pid)) for pid in pids) if size is not None}
        own = [resident - shared for resident, shared in sizes.values()]
        simple = sum(own) + max((shared for _, shared in sizes.values()), default=0)
        if sum(own) - max(own, default=0) < FORKED_BYTES:
            self._exact = 0
            return simple
        now = time.monotonic()
        if now >= self._ask_at or not self._exact:
            shares = [_proportional(self._proc, pid) for pid, (resident, _) in sizes.items() if resident]
            self._exact = 0 if None in shares else sum(share for share in shares if share is not None)
            done = time.monotonic()
            self._ask_at = done + (done - now) * SHARE_OF_TIME
        return self._exact or simple


def walk(proc: str, root: int) -> list[Process] | None:
    """Return the processes below ``root``, parents first; None where the kernel does not list children."""
    if not os.path.exists(f"{proc}/{root}/task/{root}/children"):
        return None
    found: list[Process] = []
    waiting = list(_children(proc, root))
    for pid in waiting:
        process = _stat(proc, pid)
        if process is not None:
            found.append(process)
            waiting.extend(_children(proc, pid))
    return found


def scan(proc: str, root: int) -> list[Process]:
    """Return the same from a look at all processes."""
    below: dict[int, list[Process]] = {}
    try:
        names = os.listdir(proc)
    except OSError:
        return []
    for name in names:
        process = _stat(proc, int(name)) if name.isdigit() else None
        if process is not None:
            below.setdefault(process.parent, []).append(process)
    found = below.get(root, [])[:]
    for process in found:
        found.extend(below.get(process.pid, []))
    return found


def _children(proc: str, pid: int) -> Iterator[int]:
    """Yield the children of all threads of a process; of one that has just ended none."""
    try:
        tasks = os.listdir(f"{proc}/{pid}/task")
    except OSError:
        return
    for task in tasks:
        for child in _read(f"{proc}/{pid}/task/{task}/children").split():
            yield int(child)


def _stat(proc: str, pid: int) -> Process | None:
    # The second field is the program's name, which may hold anything, brackets too.
    fields = _read(f"{proc}/{pid}/stat").rpartition(b")")[2].split()
    if len(fields) < STAT_TIMES.stop:
        return None
    return Process(pid, int(fields[STAT_PARENT]), sum(map(int, fields[STAT_TIMES])))


def _statm(proc: str, pid: int) -> tuple[int, int] | None:
    """Return resident and shared bytes of a process: the latter are pages of files and of shared memory."""
    fields = _read(f"{proc}/{pid}/statm").split()
    return (int(fields[1]) * PAGE, int(fields[2]) * PAGE) if len(fields) > 2 else None


def _proportional(proc: str, pid: int) -> int | None:
    """Return a process's memory, each page divided by the number of those who have it; None where that is not told."""
    for line in _read(f"{proc}/{pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) << 10
    return None


def _read(path: str) -> bytes:
    """Return the content of a file of ``/proc``; empty where the process is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
