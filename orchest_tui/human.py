"""Sizes, durations and points in time as people read them; both front ends write them alike."""

from __future__ import annotations

import time


def human_bytes(count: float) -> str:
    """Return a size for people, in decimal units: ``1.4 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def human_seconds(seconds: float | None) -> str:
    """Return a duration for people: ``340 ms``, ``2.1 s``, ``3 min 20 s``, ``2 h 05 min``; empty for None."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def human_time(moment: float | None, now: float | None = None) -> str:
    """Return a point in time (Unix seconds) for people: ``5 min ago``, ``14:02``, ``2024-05-01 14:02``."""
    if moment is None:
        return ""
    age = (time.time() if now is None else now) - moment
    if 0 <= age < 60:
        return f"{age:.0f} s ago"
    if 0 <= age < 3600:
        return f"{age // 60:.0f} min ago"
    return time.strftime("%H:%M" if 0 <= age < 43200 else "%Y-%m-%d %H:%M", time.localtime(moment))
