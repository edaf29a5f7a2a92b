"""Who made a thing that outlives its maker: a container, a worker's folder.

The answer is a text that is kept with the thing, so that another process can tell whether its maker still lives.
"""

from __future__ import annotations

import os
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def owner() -> str:
    """Return what identifies this process across pid reuse, reboots and pid namespaces.

    Four parts, joined by colons: boot id, inode of the pid namespace, pid, start time in clock ticks since boot.
    """
    return f"{_boot_id()}:{_pid_namespace()}:{os.getpid()}:{_start_ticks(os.getpid())}"


def owner_lives(label: str) -> bool:
    """Tell whether the process that ``owner`` described still runs.

    A process of another pid namespace can't be seen from here, so it counts as alive: what it made is not ours to
    throw away. An unreadable label counts as dead.
    """
    try:
        boot, namespace, pid, ticks = label.split(":")
        number = int(pid)
    except ValueError:
        return False
    if boot != _boot_id():
        return False
    if namespace != _pid_namespace():
        return True
    return _start_ticks(number) == ticks


def _boot_id() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip()


def _pid_namespace() -> str:
    return str(Path("/proc/self/ns/pid").stat().st_ino)


def _start_ticks(pid: int) -> str | None:
    """Return field 22 of ``/proc/<pid>/stat`` (proc(5)), None where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]  # the command in parentheses may hold blanks and parentheses
