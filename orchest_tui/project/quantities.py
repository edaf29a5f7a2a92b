"""Sizes and durations as people write them in definitions and settings."""

from __future__ import annotations

import math
import re

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)")
_BYTES = {"KB": 1000, "MB": 1000**2, "GB": 1000**3}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

SIZE_FORM = 'a size as "500MB" or "1.5GB" (KB, MB, GB; 1 GB is 1000³ bytes), or a number of bytes'
DURATION_FORM = 'a number of seconds, or a text as "90s", "5m" or "2h"'


def parse_size(value: object) -> int:
    """Return a size in bytes.

    Args:
        value: A number of bytes, or a text in the reference's grammar for ``data_passing_memory_size``.

    Raises:
        ValueError: It is neither, or not above zero.
    """
    size = 0
    if isinstance(value, int) and not isinstance(value, bool):
        size = value
    elif isinstance(value, str) and (found := _SIZE.fullmatch(value.strip())):
        size = round(float(found[1]) * _BYTES[found[2]])
    if size <= 0:
        raise ValueError(SIZE_FORM)
    return size


def parse_duration(value: object) -> float:
    """Return a duration in seconds, zero included.

    Args:
        value: A number of seconds, or a number with one of the units ``ms``, ``s``, ``m``, ``h``.

    Raises:
        ValueError: It is neither, negative, or not finite.
    """
    seconds = -1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif isinstance(value, str) and (found := _DURATION.fullmatch(value.strip())):
        seconds = float(found[1]) * _SECONDS[found[2]]
    if seconds < 0 or not math.isfinite(seconds):
        raise ValueError(DURATION_FORM)
    return seconds
