"""What a log view tells beside the log: in its title where one is and what is searched; why there is nothing to see."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from orchest_tui.terminal_text import plain
from orchest_tui.ui.log.model import LogModel
from orchest_tui.ui.log.reader import NOT_THERE
from orchest_tui.ui.log.search import LineScan

_TITLE_LEAST = 0.8
"""Share of the title line that the title has at the least, where it needs that."""


def status_text(model: LogModel) -> str:
    """Return the state of a log view in a few words, the most important first."""
    parts = [_following(model), _position(model)]
    if model.notice:
        parts.insert(0, model.notice)
    if model.selection.active:
        parts.insert(0, "SELECT")
    if model.searches.search is not None:
        parts.append(f"/{model.searches.search.query.patterns[0]} {_hits(model.searches.search, model.look.current)}")
    if model.searches.filter is not None:
        parts.append(f"&{model.searches.filter.query.patterns[0]} {_hits(model.searches.filter, None)}")
    if model.searches.errors is not None:
        parts.append(f"errors {_hits(model.searches.errors, model.look.current)}")
    return "  ".join(part for part in parts if part)


def title_text(title: str, status: str, width: int) -> str:
    """Return title and status for a line of ``width`` cells; a title that is too long ends in ``~``."""
    text = plain(title)
    if not text or not status:
        return text or status
    room = max(width - cell_len(status) - 2, int(width * _TITLE_LEAST))
    if cell_len(text) > room:
        text = set_cell_size(text, max(0, room - 1)) + "~"
    return f"{text}  {status}"


def empty_text(model: LogModel, note: str) -> str:
    """Return what is said in place of lines; ``note`` is what the host knows of a log without any."""
    problem = model.lines.source.problem
    if problem and problem != NOT_THERE:
        return problem
    if model.searches.filter is not None:
        return "No line matches"
    return note or problem or "Nothing yet"


def _following(model: LogModel) -> str:
    """Return whether the end is followed, and what one misses otherwise."""
    if not model.lines.source.size:
        return ""
    if model.following:
        return "FOLLOW"
    return f"PAUSED +{model.new_lines:,}" if model.new_lines else "PAUSED"


def _position(model: LogModel) -> str:
    """Return the last line on the screen, of how many, and how far down that is."""
    rows = model.viewport.rows()
    if not rows:
        return ""
    last = rows[-1].line
    size = model.lines.source.size
    number, total = model.viewport.lines.number(last), model.viewport.lines.count
    percent = f"{100 * last // max(1, size - 1)}%" if not model.viewport.at_end else "100%"
    if number is None:
        return percent
    return f"L {number + 1:,}/{_short(total)} {percent}" if total is not None else f"L {number + 1:,} {percent}"


def _hits(scan: LineScan, current: int | None) -> str:
    """Return which of how many hits one is at, and how far the search has come."""
    found = len(scan.hits)
    text = f"{found:,}"
    if current is not None and current in scan.hits:
        text = f"{scan.hits.rank(current) + 1:,} of {text}"
    return text if scan.done else f"{text}… {scan.fraction:.0%}"


def _short(number: int) -> str:
    """Return a number of lines in at most five characters or so."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if number >= 10 * size:
            return f"{number / size:.1f}{unit}" if number < 100 * size else f"{number // size}{unit}"
    return f"{number:,}"
