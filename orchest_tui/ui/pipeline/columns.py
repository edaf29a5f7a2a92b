"""One row of the step tree as styled text in exactly the cells that there are. No widgets.

Columns by priority: glyph and title always; then freshness, duration, size, processor, memory, reason as room allows.
Their widths are fixed, so nothing moves while steps run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from orchest_tui.engine.state import StepView
from orchest_tui.human import human_bytes
from orchest_tui.terminal_text import plain
from orchest_tui.ui.pipeline.outline import OutlineRow
from orchest_tui.ui.themes.status import LOOKS, Look, look_of

_TITLE_MIN = 14
_COLUMNS = (("freshness", 7, 14), ("seconds", 8, 20), ("bytes", 8, 26), ("cpu", 6, 30), ("memory", 9, 30))
"""Name, cells, and up to how many cells the longest title has to be left before the column has its turn."""
_REASON_MIN = 16
_TITLE_BESIDE_GUIDES = 10
"""Cells of a row's sign and title that the lines of a deep tree leave alone."""
_BORDERS_AND_MARKS = 4
_ARROW = 2
"""Cells in which a row shows that it has further parents."""
_BEFORE_ARROW = {"freshness", "seconds"}
"""Columns that may take these cells."""
_FURTHER_MOST = 16
"""Cells that a row's further parents may widen the tree by."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths in cells; 0 for a column that is left out."""

    title: int
    seconds: int = 0
    freshness: int = 0
    bytes: int = 0
    cpu: int = 0
    memory: int = 0
    reason: int = 0


def layout_for(width: int, longest: int, further: int = 0) -> Layout:
    """Return the columns for rows of ``width`` cells.

    Args:
        width: The cells of a row, without mark and glyph.
        longest: Cells of the longest title with what is drawn before it.
        further: Cells of the longest names of further parents.
    """
    left = width
    whole = max(longest, _TITLE_MIN)
    least = whole + (_ARROW if further > 1 else 0)
    widths = {}
    for name, cells, for_title in _COLUMNS:
        if left - cells >= min(whole if name in _BEFORE_ARROW else least, for_title):
            widths[name] = cells
            left -= cells
    named = max(longest, _TITLE_MIN) + min(further, _FURTHER_MOST)
    title = min(left, named if left - named > _REASON_MIN else least)
    reason = left - title - 1
    if reason < _REASON_MIN:
        return Layout(left, **widths)
    return Layout(title, **widths, reason=reason)


def wanted_width(longest: int, further: int) -> int:
    """Return the cells, borders included, in which a tree shows what matters: titles whole, freshness, time, size.

    Args:
        longest: Cells of the longest title with what is drawn before it.
        further: Cells of the longest names of further parents.
    """
    return _BORDERS_AND_MARKS + longest + min(further, _FURTHER_MOST) + sum(cells for _, cells, _ in _COLUMNS[:3])


@dataclass(frozen=True, slots=True)
class RowLook:
    """What a row shows beside its step's state.

    Attributes:
        marked: Whether the step is marked.
        cursor: Whether the cursor is on it.
        unicode: Whether the terminal has more than ASCII.
        now: The time, Unix seconds, for steps that run.
        further: Titles of further parents.
        run: Number of the run that goes on, None where none does.
        preparing: Whether the step's environment is being made ready.
        problem: What keeps the step from running, by the definition; empty where nothing does.
        waits_for: Titles of the parents that a waiting step waits for.
    """

    marked: bool
    cursor: bool
    unicode: bool
    now: float
    further: Sequence[str] = ()
    run: int | None = None
    preparing: bool = False
    problem: str = ""
    waits_for: Sequence[str] = ()


def row_text(row: OutlineRow, step: StepView, layout: Layout, look: RowLook) -> Text:
    """Return the row; styles are names that the widget knows: theme variables of states, and ``muted``.

    Args:
        row: Its place in the tree.
        step: The step as it stands.
        layout: The columns' widths.
        look: The rest.
    """
    cursor = ("▌" if look.unicode else ">") if look.cursor else " "
    text = Text(cursor + ("*" if look.marked else " "), no_wrap=True, end="")
    state = state_of(step, look.run)
    problem = "" if step.status in {"STARTED", "PENDING"} else look.problem
    sign = state.sign(unicode=look.unicode)
    title = min(_TITLE_BESIDE_GUIDES, len(sign) + 1 + cell_len(plain(step.title)))
    guides = guides_within(row.guides, layout.title - title, unicode=look.unicode)
    text.append(guides, "muted")
    text.append(sign, state.variable)
    text.append(" ")
    text.append(_title(row, step, layout.title - cell_len(guides) - len(sign) - 1, look))
    if layout.seconds:
        text.append(duration(step, look.now).rjust(layout.seconds), "muted")
    if layout.freshness:
        word, style = progress_or_freshness(step, look.run, preparing=look.preparing, unicode=look.unicode)
        if problem:
            word, style = "broken", LOOKS["failure"].variable
        text.append(set_cell_size(" " + word, layout.freshness), style)
    if layout.bytes:
        text.append((human_bytes(step.bytes) if step.outputs else "").rjust(layout.bytes), "muted")
    if layout.cpu:
        text.append(cores(step.cpu).rjust(layout.cpu), "muted")
    if layout.memory:
        text.append(("" if step.memory is None else human_bytes(step.memory)).rjust(layout.memory), "muted")
    if layout.reason:
        text.append(" " + _cut(plain(problem) or reason(step, look), layout.reason, look), "muted")
    return text


def guides_within(guides: str, most: int, *, unicode: bool) -> str:
    """Return the lines before a step in about ``most`` cells: of a deep tree the innermost ones, after a mark."""
    most = max(4, most)
    return guides if cell_len(guides) <= most else ("⋯" if unicode else "~") + guides[-most:][1:]


def duration(step: StepView, now: float) -> str:
    """Return how long the step took, or has been running, in at most seven cells."""
    seconds = step.seconds
    if step.status == "STARTED":
        seconds = max(0.0, now - step.started) if step.started is not None else None
        return "" if seconds is None else clock(seconds)
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def cores(used: float | None) -> str:
    """Return the use of the processor in per cent of a core, empty where it is not known."""
    return "" if used is None else f"{used:.0%}"


def clock(seconds: float) -> str:
    """Return whole seconds as ``0:07``, ``12:34`` or ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def state_of(step: StepView, run: int | None) -> Look:
    """Return how a step looks.

    Args:
        step: The step.
        run: Number of the run that goes on: freshness of what ran in it is told at its end.
    """
    return LOOKS["success"] if _done_in(step, run) else look_of(step)


def _done_in(step: StepView, run: int | None) -> bool:
    """Return whether a step succeeded in the run that goes on."""
    return step.status == "SUCCESS" and run is not None and step.run == run


def progress_or_freshness(
    step: StepView, run: int | None, *, preparing: bool = False, unicode: bool = True
) -> tuple[str, str]:
    """Return one word of at most six cells, and its style; ``run`` as for ``state_of``."""
    colour = state_of(step, run).variable
    if _done_in(step, run):
        return "done", colour
    match step.status:
        case "STARTED":
            return (f"{step.fraction:.0%}" if step.fraction is not None else "run"), colour
        case "PENDING":
            return ("build" if preparing else "wait"), colour
        case "FAILURE":
            return "failed", colour
        case "ABORTED":
            return "abort", colour
        case _:
            return freshness_word(step, unicode=unicode)


def freshness_word(step: StepView, *, unicode: bool = True) -> tuple[str, str]:
    """Return one word for a step's freshness, and its style: fresh, stale, stale↑ (something above is stale), new."""
    if step.fresh:
        return (
            ("stale↑" if unicode else "stale^", "muted")
            if step.upstream_stale
            else ("fresh", LOOKS["success"].variable)
        )
    return ("new", "muted") if step.fresh is None else ("stale", LOOKS["stale"].variable)


def reason(step: StepView, look: RowLook) -> str:
    """Return in words why the step is as it is, the most telling thing alone."""
    if step.status == "STARTED":
        return plain(step.progress)
    if _done_in(step, look.run):
        return ""  # the verdict on it comes at the run's end
    if step.status == "PENDING" and not step.reason and look.waits_for and not look.preparing:
        return f"waits for {plain(', '.join(look.waits_for))}"
    if step.status in {"FAILURE", "ABORTED", "PENDING"}:
        return plain(step.reason or look_of(step).word)
    if step.stale_reasons:
        return plain(step.stale_reasons[0])
    return f"{plain(step.upstream_stale[0])} above is not fresh" if step.upstream_stale else ""


def _title(row: OutlineRow, step: StepView, width: int, look: RowLook) -> Text:
    """Return title and further parents in ``width`` cells."""
    title = plain(step.title)
    room = max(0, width)
    text = Text(_cut(title, min(cell_len(title), room), look))
    left = max(0, room - cell_len(text.plain))
    tail, arrow = "", " ←" if look.unicode else " <-"
    if row.folded:
        tail = f" [+{row.folded}]"
    elif look.further and left >= len(arrow):
        tail = arrow if left < len(arrow) + 3 else f"{arrow} {plain(', '.join(look.further))}"
    text.append(_cut(tail, left, look), "muted")
    return text


def _cut(text: str, width: int, look: RowLook) -> str:
    """Return ``text`` in exactly ``width`` cells."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    kept = set_cell_size(text, max(0, width - 1)).rstrip()
    return set_cell_size(kept + ("…" if look.unicode else "~"), width)
