"""What the map says about a step: texts of exactly the cells that they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.cells import cell_len, set_cell_size

from orchest_tui.engine.state import StepView
from orchest_tui.terminal_text import plain

LONGEST_TITLE = 28
"""Cells of a title in a box; longer ones are cut."""

LEAST_WIDTH = 11
"""Cells inside of a box, at least: so much that a percentage or a duration fits on its border."""


def cut(text: str, cells: int, *, unicode: bool) -> str:
    """Return harmless text in at most ``cells`` cells, with an ellipsis where something is missing."""
    clean = plain(text)
    if cell_len(clean) <= cells:
        return clean
    ellipsis = "…" if unicode else "~"
    return set_cell_size(clean, max(cells - 1, 0)).rstrip() + ellipsis[:cells]


def box_width(title: str, *, unicode: bool) -> int:
    """Return the cells that a step needs inside of its box: a sign, the title, and a space around each."""
    sign = 1 if unicode else 2
    return max(LEAST_WIDTH, sign + 3 + min(cell_len(plain(title)), LONGEST_TITLE))


def box_text(sign: str, title: str, cells: int, *, unicode: bool) -> str:
    """Return the inside of a box, in exactly ``cells`` cells."""
    room = max(cells - len(sign) - 3, 0)
    return set_cell_size(f" {sign} {cut(title, room, unicode=unicode)}", cells)


def border_note(step: StepView | None) -> str:
    """Return what stands on a box's lower border, at most four cells: how far it is, or how long it took."""
    if step is None:
        return ""
    if step.status == "STARTED":
        return "" if step.fraction is None else f"{min(max(step.fraction, 0), 1):.0%}"
    if step.status in ("SUCCESS", "FAILURE") and step.seconds is not None:
        return short_seconds(step.seconds)
    return ""


def short_seconds(seconds: float) -> str:
    """Return a duration in at most four cells: ``0.4s``, ``42s``, ``17m``, ``3h``, ``12d``."""
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    for unit, size, least in (("s", 1, 99.5), ("m", 60, 99.5 * 60), ("h", 3600, 99.5 * 3600)):
        if seconds < least:
            return f"{seconds / size:.0f}{unit}"
    return f"{min(seconds / 86400, 999):.0f}d"


def names_text(arrow: str, names: Iterable[str]) -> str:
    """Return harmless names behind an arrow; empty without any."""
    text = ", ".join(plain(name) for name in names)
    return f"{arrow} {text}" if text else ""


def title_column(titles: Mapping[str, str]) -> int:
    """Return the cells of the list's title column."""
    return min(LONGEST_TITLE, max((cell_len(plain(title)) for title in titles.values()), default=0))
