"""What ``run`` and ``outputs`` say, line by line."""

from __future__ import annotations

import pytest

from orchest_tui.cli.outputs import print_rows
from orchest_tui.cli.run_output import plain_event
from orchest_tui.cli.run_screen import Stage, stage_lines
from orchest_tui.engine import events


def title_of(step: str) -> str:
    return {"a": "Load"}[step]


def test_stages_of_a_build_are_told_and_what_its_tools_say_is_not() -> None:
    stage = events.EnvironmentProgress(1.0, "e", "Python 3", "Running the setup script")
    detail = events.EnvironmentProgress(1.0, "e", "Python 3", "pip: Collecting pandas")
    assert plain_event(stage, title_of) == "environment Python 3: Running the setup script"
    assert plain_event(detail, title_of) is None


def test_an_output_is_told_with_its_step() -> None:
    assert plain_event(events.OutputStored(1.0, 1, "a", "rows", 2048, "d"), title_of) == "Load output rows: 2.0 kB"
    assert plain_event(events.OutputStored(1.0, 1, "a", None, 2048, "d"), title_of) == "Load output: 2.0 kB"


def test_a_table_shows_its_first_rows_and_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(
        {
            "type": "pandas.DataFrame",
            "shape": [1200, 50],
            "length": 1200,
            "columns": ["name", "count", *(f"c{place}" for place in range(48))],
            "dtypes": ["str", "int64"],
            "index": ["x", "y"],
            "head": [["one\x1b[2J", "1"], ["two", "10"]],
        }
    )
    assert capsys.readouterr().out.splitlines() == [
        "     name  count",
        "  x  one       1",
        "  y  two      10",
        "  and 1,198 more rows, 48 more columns",
    ]


def test_a_dictionary_shows_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows({"length": 1, "columns": ["key", "type", "value"], "head": [["hours", "int", "1745"]]})
    assert capsys.readouterr().out.splitlines() == ["  key    type  value", "  hours  int   1745"]


def test_a_build_tells_for_how_long_it_is_at_it_and_what_it_said_last() -> None:
    stage = Stage("e", "Python 3", "Running the setup script", 1000.0)
    head = "environment Python 3: Running the setup script"
    assert stage_lines(stage, 1035.2, "line 12\x1b[2J") == [f"{head}  35 s", "  line 12"]
    assert stage_lines(stage, 1000.0, "==> Running the setup script") == [f"{head}  0 s"]
