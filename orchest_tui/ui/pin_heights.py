"""How the rows of the detail pane are shared between its tab and the pinned logs below it. No widgets."""

from __future__ import annotations

from collections.abc import Sequence

TITLE = 1
"""Rows of a folded pane: its title line alone."""

_OPEN = 6
"""Rows below which a pane folds to its title line."""

_TAB_LEAST = 3
"""Rows that the tab keeps, however many logs are pinned."""

_SHARE, _FOCUSED_SHARE = 0.45, 0.65
"""The pinned panes' share of all rows, and the same while one of them has the focus."""

_FOCUSED_LEAST, _FOCUSED_PART = 10, 0.6
"""Rows, and part of all pinned panes' rows, that the focused one has where they are there."""

_READABLE = 3
"""Rows that the focused one has in any case, at the cost of all others: what is not seen can't have the focus."""


def pin_heights(rows: int, pins: Sequence[int], focused: int | None) -> dict[int, int]:
    """Return how many rows each pinned pane has; what they leave is the tab's.

    They fold to their title lines before they vanish (no rows), the last first. The focused one grows, and on a tiny
    screen it is alone.

    Args:
        rows: The rows that there are.
        pins: The panes, in their order from the top.
        focused: The one that has the focus, None for none.
    """
    shown = list(pins)
    while shown and rows - len(shown) < _TAB_LEAST:
        shown.remove(next((pin for pin in reversed(shown) if pin != focused), shown[-1]))
    heights = dict.fromkeys(pins, 0) | _shared(rows, shown, focused)
    while focused is not None and focused in pins and heights[focused] < _READABLE:
        if len(shown) <= 1:
            return dict.fromkeys(pins, 0) | {focused: rows}
        shown.remove(next(pin for pin in reversed(shown) if pin != focused))
        heights = dict.fromkeys(pins, 0) | _shared(rows, shown, focused)
    return heights


def _shared(rows: int, shown: Sequence[int], focused: int | None) -> dict[int, int]:
    """Return the heights of the panes that have at least their title lines."""
    heights = dict.fromkeys(shown, TITLE)
    share = int(rows * (_SHARE if focused not in shown else _FOCUSED_SHARE))
    left = max(0, min(share, rows - _TAB_LEAST) - len(shown))
    if focused is not None and focused in shown:
        more = min(left, max(_FOCUSED_LEAST, int(share * _FOCUSED_PART)) - TITLE)
        heights[focused] += more
        left -= more
    others = [pin for pin in shown if pin != focused]
    opened = others[: left // (_OPEN - TITLE)]
    for place, pin in enumerate(opened):
        more = left // (len(opened) - place)
        heights[pin] += more
        left -= more
    if focused is not None and focused in shown and not opened:
        heights[focused] += left
    return heights
