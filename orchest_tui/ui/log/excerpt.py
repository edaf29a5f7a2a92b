"""The text of a log that one wants elsewhere: as it is seen, without tags, times and colours."""

from __future__ import annotations

from orchest_tui.ui.log.ansi import text_of
from orchest_tui.ui.log.model import LogModel

COPY_LIMIT = 1024 * 1024
"""Characters of log that are ever taken into memory to be copied."""


def current_text(model: LogModel) -> str:
    """Return the selected lines, else the last jump's line, else the topmost one."""
    model.settle()
    first, last = model.selection.range or (model.look.current, model.look.current)
    if first is None:
        first = last = next((row.line for row in model.viewport.rows()), None)
    return _text_between(model, first, last)


def whole_text(model: LogModel) -> str:
    """Return all lines that can be seen."""
    return _text_between(model, model.viewport.lines.first(), model.viewport.lines.last())


def _text_between(model: LogModel, first: int | None, last: int | None) -> str:
    """Return the lines from ``first`` to ``last``, at most ``COPY_LIMIT`` characters and the line they end in."""
    found: list[str] = []
    room = COPY_LIMIT
    while first is not None and last is not None and first <= last and room > 0:
        found.append(text_of(model.painter.line(first)).rstrip())
        room -= len(found[-1]) + 1
        first = model.viewport.lines.after(first)
    return "\n".join(found)
