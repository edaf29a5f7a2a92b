"""The lines of ``run`` on a terminal."""

from __future__ import annotations

from orchest_tui.cli.display import Screen, cell_width
from orchest_tui.cli.run_screen import frame_lines
from orchest_tui.engine.state import RunView, StepView, ViewState

LOOK = Screen(terminal=True, width=80, colours=False, redraw=True, unicode=True)


def line(width: int, step: StepView, tail: str = "") -> str:
    """Return a step's line in a frame of ``width`` columns."""
    state = ViewState(steps={"a": step}, run=RunView(1, "all", ("a",), "STARTED", 100.0))
    [shown] = frame_lines(state, {"a": tail}, (), 112.0, width, 24, LOOK)
    assert cell_width(shown) < width
    return shown


RUNNING = StepView(
    "a", "Train", "STARTED", started=100.0, cpu=1.52, memory=412_000_000, fraction=0.34, progress="34/100",
    outputs={None: 1000},
)  # fmt: skip


def test_a_running_step_shows_what_it_uses() -> None:
    shown = line(80, RUNNING, "the last line of its log")
    assert shown[2:] == "Train        12 s    412 MB  cpu 1.5  34% 34/100 the last line of its log"


def test_a_bar_is_not_told_twice() -> None:
    shown = line(80, RUNNING, "35%|███▌      | 35/100")
    assert shown.endswith("412 MB  cpu 1.5  35%|███▌      | 35/100")


def test_where_room_is_short_the_words_are_worth_more() -> None:
    shown = line(48, RUNNING)
    assert "412 MB" in shown
    assert "34/100" in shown
    assert "cpu" not in shown


def test_a_step_that_does_not_run_shows_the_size_of_its_outputs() -> None:
    ended = StepView("a", "Train", "SUCCESS", seconds=12.0, outputs={None: 1000})
    assert line(80, ended)[2:].rstrip() == "Train      12.0 s    1.0 kB"
    assert "kB" not in line(80, StepView("a", "Train", "STARTED", started=100.0, outputs={None: 1000}))
