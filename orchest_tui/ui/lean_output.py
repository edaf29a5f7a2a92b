"""What is written to the terminal, without what changes nothing: a quarter of the bytes of a frame.

Textual resets all attributes behind each piece of a row and sets them again before the next, though the pieces mostly
look the same, and goes to the next line before it goes to a place.
"""

from __future__ import annotations

import re

_ATTRIBUTES = re.compile(
    r"\x1b\[0m(?P<newline>\n)?(?P<place>\x1b\[\d+;\d+H)?\x1b\[(?P<next>[1-9][\d;]*)m"
    r"|\x1b\[(?P<alone>[\d;]*)m"
)
"""Attributes that are reset and set again with nothing but moving in between; any other change of attributes."""


def lean(data: str) -> str:
    """Return what shows the same with fewer bytes, whatever the attributes are before and behind it."""
    current: str | None = None  # the attributes in force, "" after a reset; None where they are not known

    def leaner(found: re.Match[str]) -> str:
        nonlocal current
        following = found["next"]
        if following is None:
            alone = found["alone"].lstrip("0")
            current = alone if not alone or current == "" else None
            return found[0]
        moved = found["place"] or found["newline"] or ""
        if following == current:
            return moved
        current = following
        return f"{moved}\x1b[0;{following}m"

    return _ATTRIBUTES.sub(leaner, data)
