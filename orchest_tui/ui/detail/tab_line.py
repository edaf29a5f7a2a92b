"""What the border of the tabs' pane tells, as markup: their names above, keys below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from orchest_tui.terminal_text import plain

if TYPE_CHECKING:
    from orchest_tui.ui.session import Session

_FRAME, _TITLE_LEAST = 9, 6
"""Cells of the border that hold no title, and those in which a step's title is worth showing."""
_ENTER = {"params": "enter change", "runs": "enter log"}
"""What enter does in the tabs that are lists."""


def tab_line(names: Mapping[str, str], shown: str, title: str = "", width: int = 0, *, unicode: bool = True) -> str:
    """Return the names, the shown tab's in brackets and bold, the others to be clicked on.

    Args:
        names: Each tab's name by its id.
        shown: Id of the tab that is shown.
        title: The step's title, to stand before the names where there is room; empty for none.
        width: Cells of the pane, borders included.
        unicode: Whether the terminal has more than ASCII.
    """
    tabs = " ".join(
        f"[b]\\[{name}][/]" if tab == shown else f"[@click=screen.show_tab('{tab}')]{name}[/]"
        for tab, name in names.items()
    )
    room = width - _FRAME - sum(cell_len(name) + 1 for name in names.values())
    if not title or room < _TITLE_LEAST:
        return tabs
    text = Text(plain(title))
    text.truncate(room, overflow="ellipsis" if unicode else "crop")
    safe = text.plain.replace("[", r"\[")
    return f"[b]{safe}[/]  {tabs}"


def title_of(session: Session | None, step: str | None) -> str:
    """Return a step's title; empty where there is none."""
    found = session.opened.pipeline.steps.get(step or "") if session is not None and session.is_open else None
    return found.title if found is not None else ""


def hint_line(tab: str, keys: tuple[str, str], *, focused: bool, whole: bool) -> str:
    """Return which keys lead about; first what enter does in a list that has the focus.

    Args:
        tab: Id of the tab that is shown.
        keys: The keys beside the tree, and where the pane has the whole screen.
        focused: Whether the tab has the focus.
        whole: Whether the pane has the whole screen.
    """
    enter = _ENTER.get(tab, "") if focused else ""
    return "  ".join(filter(None, (enter, keys[whole or bool(enter)]))).replace("[", r"\[")
