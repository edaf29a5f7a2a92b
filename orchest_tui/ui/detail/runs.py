"""The tab Runs: a step's history, and the timeline of the highlighted run as bars. Enter opens that run's log."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets.option_list import Option

from orchest_tui.engine.history import History, RunRow, StepRow
from orchest_tui.human import human_seconds, human_time
from orchest_tui.terminal_text import plain
from orchest_tui.ui.choice_list import ChoiceList
from orchest_tui.ui.text_view import TextView
from orchest_tui.ui.themes.status import look_of_status

_NAME_CELLS = 16


class RunsPane(Vertical):
    """A step's runs.

    Args:
        unicode: Whether the terminal has more than ASCII.
        id: The widget's id.
    """

    DEFAULT_CSS = """
    RunsPane ChoiceList { height: 1fr; background: transparent; }
    RunsPane TextView { height: 1fr; border-top: solid $border-blurred; }
    """

    class Opened(Message):
        """A run was chosen, whose log is to be shown."""

        def __init__(self, run: int) -> None:
            super().__init__()
            self.run = run

    def __init__(self, *, unicode: bool, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self._unicode = unicode
        self._history: History | None = None
        self._rows: list[StepRow] = []

    def compose(self) -> ComposeResult:
        """Make list and timeline."""
        yield ChoiceList()
        yield TextView()

    def show(self, history: History, step: str) -> None:
        """Show the runs of a step, the newest first."""
        rows = history.of_step(step)
        if rows == self._rows and self._history is history:
            return
        self._history, self._rows = history, rows
        choices = self.query_one(ChoiceList)
        choices.set_options([Option(self._label(row)) for row in rows])
        choices.highlighted = 0 if rows else None
        if not rows:
            self.query_one(TextView).show([Text("The step has not run yet.", "dim")])

    def _label(self, row: StepRow) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        look = look_of_status(row.status)
        text.append(f"{row.run:>4} {look.sign(unicode=self._unicode)} ")
        text.append(f"{look.word:8}{human_seconds(row.seconds):>10}  {human_time(row.started)}")
        return text.append(f"  {plain(row.reason)}" if row.reason else "", "dim")

    def on_option_list_option_highlighted(self, event: ChoiceList.OptionHighlighted) -> None:
        """Show the timeline of the highlighted run."""
        event.stop()
        if self._history is None:
            return
        run = self._history.run(self._rows[event.option_index].run)
        if run is not None:
            view = self.query_one(TextView)
            width = view.size.width or self.size.width
            view.show(timeline_lines(run, self._history.steps_of(run.number), width, unicode=self._unicode))

    def on_option_list_option_selected(self, event: ChoiceList.OptionSelected) -> None:
        """Open the run's log."""
        event.stop()
        self.post_message(self.Opened(self._rows[event.option_index].run))


def timeline_lines(run: RunRow, steps: Sequence[StepRow], width: int, *, unicode: bool) -> list[Text]:
    """Return a run's steps as bars on one scale of time.

    Args:
        run: The run.
        steps: Its steps in planned order.
        width: Cells of a line.
        unicode: Whether the terminal has more than ASCII.
    """
    end = run.finished or time.time()
    total = max(end - run.started, 0.001)
    signs = 1 if unicode else 2
    room = max(8, width - _NAME_CELLS - signs - 12)
    lines = [Text(f"run {run.number}, {run.kind}, {human_seconds(total)}", "bold")]
    for step in steps:
        name = plain(step.title)
        shown = set_cell_size(name if cell_len(name) <= _NAME_CELLS else name[: _NAME_CELLS - 1] + "~", _NAME_CELLS)
        sign = look_of_status(step.status).sign(unicode=unicode)
        line = Text(f"{shown} {sign} ", no_wrap=True, end="")
        if step.started is not None:
            first = min(room - 1, int((step.started - run.started) / total * room))
            last = min(room, max(first + 1, round(((step.finished or end) - run.started) / total * room)))
            bar = " " * first + ("█" if unicode else "#") * (last - first)
            line.append(bar.ljust(room)).append(f"{human_seconds(step.seconds):>10}", "dim")
        lines.append(line)
    return lines
