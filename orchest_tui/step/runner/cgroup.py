"""What the control group of this process says about memory: was something killed for want of it, and what is the limit.

Version 2 counts kills in ``memory.events`` (``oom_kill N``) and has its limit in ``memory.max``; version 1 has them in
``memory.oom_control`` and ``memory.limit_in_bytes``. A container sees its own group as the root of the mount.
"""

from __future__ import annotations

import os

ROOT = "/sys/fs/cgroup"
UNLIMITED = 1 << 60
"""Limits above are the kernel's way of saying that there is none."""


PAGE = 4096
"""Bytes of a page of memory."""


class MemoryGroup:
    """The memory control group of this process.

    Args:
        root: Where control groups are mounted.
        membership: The file that tells the group of this process.
    """

    def __init__(self, root: str = ROOT, membership: str = "/proc/self/cgroup") -> None:
        self._events: str | None = None
        self._limit: str | None = None
        for events, limit in _candidates(root, _read(membership)):
            if _oom_kills(_read(events)) is not None:
                self._events, self._limit = events, limit
                break
        self._kills_before = self._kills()

    def killed(self) -> bool:
        """Whether the kernel killed a process of the group for want of memory since this object was made."""
        return self._kills() > self._kills_before

    def limit(self) -> int | None:
        """Return the group's memory limit in bytes, None where there is none."""
        text = _read(self._limit).strip() if self._limit else ""
        return int(text) if text.isdigit() and int(text) < UNLIMITED else None

    def _kills(self) -> int:
        return _oom_kills(_read(self._events)) or 0 if self._events else 0


def format_bytes(count: int) -> str:
    """Return ``count`` bytes in words, in the unit in which it is a round number: ``400 MB``, ``512 MiB``.

    The kernel rounds limits down to whole pages, so a page less is as round.
    """
    for name, unit in (("GB", 1000**3), ("GiB", 1 << 30), ("MB", 1000**2), ("MiB", 1 << 20)):
        whole = round(count / unit)
        if whole and abs(count - whole * unit) < PAGE:
            return f"{whole} {name}"
    return f"{count / 1000**2:.1f} MB"


def _candidates(root: str, membership: str) -> list[tuple[str, str]]:
    """Return pairs of events file and limit file, the most specific first."""
    found = []
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:
            found += [_version_2(root + path), _version_2(root + "/unified" + path)]
        elif "memory" in controllers.split(","):
            found.append(_version_1(f"{root}/memory{path}"))
    return [*found, _version_2(root), _version_1(f"{root}/memory")]


def _version_1(folder: str) -> tuple[str, str]:
    return folder.rstrip("/") + "/memory.oom_control", folder.rstrip("/") + "/memory.limit_in_bytes"


def _version_2(folder: str) -> tuple[str, str]:
    return folder.rstrip("/") + "/memory.events", folder.rstrip("/") + "/memory.max"


def _oom_kills(text: str) -> int | None:
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name == "oom_kill" and value.strip().isdigit():
            return int(value)
    return None


def _read(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 1 << 16).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
