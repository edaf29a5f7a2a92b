"""Rows of the step tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from orchest_tui.engine.state import StepView
from orchest_tui.ui.pipeline.columns import Layout, RowLook, clock, duration, layout_for, row_text, wanted_width
from orchest_tui.ui.pipeline.outline import OutlineRow

HARD_TITLES = [
    "[bold]x[/bold]",
    "データの読み込み🚲",
    "مرحبا بالعالم",
    "a\x1b]0;title\x07b\x1b[2Jc",
    "e\u0301\u202eevil",
    "x" * 300,
]


def shown(step: StepView, width: int = 60, **look: object) -> str:
    settings = RowLook(**{"marked": False, "cursor": False, "unicode": True, "now": 100.0, **look})  # type: ignore[arg-type]
    row = OutlineRow(step.uuid, "└─", (), 0, children=False)
    return row_text(row, step, layout_for(width - 2, 20), settings).plain


@pytest.mark.parametrize("title", HARD_TITLES)
@pytest.mark.parametrize("width", [24, 40, 60, 120])
def test_no_title_breaks_the_row(title: str, width: int) -> None:
    text = shown(StepView("u", title, "SUCCESS", seconds=2.0), width)
    assert cell_len(text) == width
    assert text.isprintable()
    assert "\u202e" not in text


@given(st.text(max_size=40), st.integers(20, 200), st.booleans())
def test_a_row_has_exactly_its_cells(title: str, width: int, unicode: bool) -> None:
    assert cell_len(shown(StepView("u", title), width, unicode=unicode)) == width


def test_brackets_in_titles_are_text() -> None:
    assert "[bold]x[/bold]" in shown(StepView("u", "[bold]x[/bold]"))


def test_ascii_rows() -> None:
    step = StepView("u", "Load", "FAILURE", seconds=1.0)
    row = OutlineRow("u", "`-", (), 2, children=True)
    text = row_text(row, step, layout_for(58, 20), RowLook(True, True, False, 0.0)).plain
    assert text.isascii()
    assert text.startswith(">*`-ER Load [+2]")


def test_a_failed_step_tells_why_where_there_is_room() -> None:
    step = StepView("u", "Load", "FAILURE", reason="exit code 3", seconds=1.0)
    assert "exit code 3" in shown(step, 80)
    assert "failed" in shown(step, 40)


def test_progress_and_time_of_a_running_step() -> None:
    step = StepView("u", "Train", "STARTED", started=35.0, fraction=0.34)
    assert "34%" in shown(step)
    assert "1:05" in shown(step)


def test_a_step_that_ran_in_this_run_is_done_until_the_verdict_comes() -> None:
    step = StepView("u", "Load", "SUCCESS", run=4, seconds=1.0, fresh=False, stale_reasons=("never run to its end",))
    assert "done" in shown(step, run=4)
    assert "never" not in shown(step, 120, run=4)
    assert "never" in shown(step, 120, run=None)
    assert "stale" in shown(step, run=None)


@pytest.mark.parametrize(("seconds", "text"), [(0.25, "250 ms"), (3.21, "3.2 s"), (75.0, "1:15"), (4000.0, "1:06:40")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(StepView("u", "t", "SUCCESS", seconds=seconds), 0.0) == text


def test_clock() -> None:
    assert [clock(7.9), clock(754), clock(3723)] == ["0:07", "12:34", "1:02:03"]


def test_a_running_step_tells_what_it_uses_where_there_is_room() -> None:
    step = StepView("u", "Train", "STARTED", started=35.0, cpu=1.304, memory=1_900_000_000)
    assert "130%   1.9 GB" in shown(step, 90)
    assert "1.9 GB" not in shown(step, 40)


def test_a_tree_wants_room_for_its_titles_first() -> None:
    assert wanted_width(20, 0) == 4 + 20 + 7 + 8 + 8
    assert wanted_width(20, 300) == wanted_width(20, 16)
    narrow = layout_for(32, 17, 16)
    assert (narrow.title, narrow.freshness, narrow.seconds, narrow.bytes) == (17, 7, 8, 0)
    assert layout_for(30, 300, 0).seconds == 0


def test_further_parents_are_named_where_there_is_room_and_hinted_at_where_there_is_little() -> None:
    row = OutlineRow("u", "", ("p",), 0, children=False)
    look = RowLook(False, False, True, 0.0, ["Evaluate"])
    for width, tail in ((7, "Load"), (8, "Load ←"), (20, "Load ← Evaluate")):
        assert row_text(row, StepView("u", "Load"), Layout(width), look).plain[4:].rstrip() == tail


def test_a_waiting_step_tells_for_whom() -> None:
    assert "waits for Load, Clean" in shown(StepView("u", "Train", "PENDING"), 90, waits_for=["Load", "Clean"])


def test_a_deep_tree_leaves_room_for_titles() -> None:
    row = OutlineRow("u", "│ " * 60 + "└─", (), 0, children=False)
    for unicode, mark in ((True, "⋯"), (False, "~")):
        text = row_text(row, StepView("u", "Train it"), Layout(32), RowLook(False, False, unicode, 0.0)).plain
        assert cell_len(text) == 34
        assert "Train" in text
        assert text[2] == mark


def test_a_step_below_a_stale_one_says_so() -> None:
    step = StepView("u", "Report", "SUCCESS", seconds=1.0, fresh=True, upstream_stale=("Clean",))
    assert "stale↑" in shown(step, 40)
    assert "stale^" in shown(step, 40, unicode=False)


def test_a_column_that_would_hide_further_parents_is_left_out() -> None:
    row = OutlineRow("u", "    └─", (), 0, children=False)
    look = RowLook(marked=False, cursor=False, unicode=True, now=0.0, further=("Explore", "Train"))
    step = StepView("u", "Collect results")
    assert " ←" in row_text(row, step, layout_for(46, 23, 15), look).plain
    assert layout_for(46, 23).bytes
