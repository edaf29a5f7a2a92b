"""The first row: project, pipeline, run with its progress, and what the machine has."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.widget import Widget

from orchest_tui.engine.history import END_STATUSES
from orchest_tui.engine.state import ViewState
from orchest_tui.human import human_bytes
from orchest_tui.terminal_text import plain
from orchest_tui.ui.pipeline.columns import clock, cores
from orchest_tui.ui.themes.status import look_of_status


@dataclass(frozen=True, slots=True)
class Facts:
    """What the header tells beside the run.

    Attributes:
        project: The project's name.
        pipeline: The pipeline's name.
        executor: Name of what runs steps.
        spares: Number of warm spares.
        memory: Bytes of outputs in memory.
        budget: Bytes that they may take.
        live: Whether live mode is on.
        problems: How many things are wrong with the files.
        read_only: Whether another process has the pipeline, and this one looks on.
        broken: Whether the pipeline's file can't be used and an older definition stands in.
    """

    project: str = ""
    pipeline: str = ""
    executor: str = ""
    spares: int = 0
    memory: int = 0
    budget: int = 0
    live: bool = False
    problems: int = 0
    read_only: bool = False
    broken: bool = False


def run_words(state: ViewState, now: float) -> str:
    """Return the run in words: ``run 4 step 3 of 7 0:12``; empty where nothing ever ran.

    While an environment is made ready and no step runs, that is told in the steps' place.
    """
    run = state.run
    if run is None:
        return ""
    ended = sum(1 for step in run.steps if step in state.steps and _has_ended(state, step))
    if run.finished is not None:
        failed = [plain(state.steps[step].title) for step in run.steps if _failed_in(state, step)]
        names = f": {failed[0]}" + (f" and {len(failed) - 1} more" if failed[1:] else "") if failed else ""
        return f"run {run.number} {look_of_status(run.status).word}{names} {clock(run.finished - run.started)}"
    step = min(ended + 1, len(run.steps))
    doing = f"step {step} of {len(run.steps)}"
    if state.environments and not any(each.status == "STARTED" for each in state.steps.values()):
        preparing = next(iter(state.environments.values()))
        doing = f"building {plain(preparing.name)}: {plain(preparing.text)}"
    return f"run {run.number} {doing} {clock(max(0.0, now - run.started))}"


def _failed_in(state: ViewState, step: str) -> bool:
    """Return whether a step failed in the run that is shown."""
    view = state.steps.get(step)
    return view is not None and view.status == "FAILURE" and state.run is not None and view.run == state.run.number


def _has_ended(state: ViewState, step: str) -> bool:
    view = state.steps[step]
    return view.run == (state.run.number if state.run else None) and view.status in END_STATUSES


def used_words(state: ViewState) -> str:
    """Return what running steps use together, ``cpu 130% 1.2 GB``; empty where none has told."""
    told = [step for step in state.steps.values() if step.memory is not None]
    if not told:
        return ""
    return f"cpu {cores(sum(step.cpu or 0.0 for step in told))} {human_bytes(sum(step.memory or 0 for step in told))}"


def right_words(facts: Facts, used: str = "") -> list[str]:
    """Return the facts of the right side, the least telling last; ``used`` is what running steps use."""
    words = []
    if facts.read_only:
        words.append("read-only (O)")
    if facts.broken:
        words.append("file broken (W)")
    if used:
        words.append(used)
    if facts.live:
        words.append("LIVE")
    if facts.problems:
        words.append(f"{facts.problems} problem{'s' if facts.problems > 1 else ''} (W)")
    if facts.budget:
        words.append(f"cache {human_bytes(facts.memory)} of {human_bytes(facts.budget)}")
    if facts.executor:
        words.append(facts.executor)
    if facts.spares:
        words.append(f"{facts.spares} warm")
    return words


class Header(Widget):
    """The header.

    Args:
        unicode: Whether the terminal has more than ASCII.
    """

    DEFAULT_CSS = "Header { height: 1; background: $panel; color: $foreground; }"

    def __init__(self, *, unicode: bool) -> None:
        super().__init__(id="header")
        self.facts = Facts()
        self._unicode = unicode
        self._state = ViewState()

    def set_state(self, state: ViewState) -> None:
        """Take another state of the run."""
        self._state = state
        self.refresh(layout=False)

    def set_facts(self, **changes: object) -> None:
        """Take other facts."""
        facts = replace(self.facts, **changes)  # type: ignore[arg-type]  # the caller's names are those of Facts
        if facts != self.facts:
            self.facts = facts
            self.refresh(layout=False)

    def render(self) -> Text:
        """Return the row, in the cells that there are; what is least telling is left out first."""
        width = self.size.width
        between = " ▸ " if self._unicode else " > "
        names = between.join(filter(None, (plain(self.facts.project), plain(self.facts.pipeline))))
        run = self._state.run
        told = run_words(self._state, time.time())
        if run is not None:
            told = f"{look_of_status(run.status).sign(unicode=self._unicode)} {told}"
        right = right_words(self.facts, used_words(self._state))
        while right and cell_len(names) + cell_len(told) + cell_len("  ".join(right)) + 8 > width:
            right.pop()
        tail = "  ".join(right)
        left = f" {names}   {told}"
        text = Text(set_cell_size(left, max(0, width - cell_len(tail) - 1)), no_wrap=True, end="")
        text.stylize("bold", 0, 1 + len(names))
        text.append(tail + " ")
        return text
