"""Lines of the tabs, and the small pure parts of the screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.cache.entry import OutputEntry
from orchest_tui.commands import ALL
from orchest_tui.commands.command import Scope, Situation
from orchest_tui.commands.keymap import effective_keys
from orchest_tui.engine.history import RunRow, StepRow
from orchest_tui.engine.state import Preparing, RunView, StepView, ViewState
from orchest_tui.errors import OrchestTuiError
from orchest_tui.project.parameters import parse_assignment, with_parameter
from orchest_tui.ui.bindings import bindings_of, textual_key
from orchest_tui.ui.detail.data import output_lines
from orchest_tui.ui.detail.runs import timeline_lines
from orchest_tui.ui.detail.source import failing_line, source_lines
from orchest_tui.ui.footer import hints
from orchest_tui.ui.log.log_keys import LogKeys
from orchest_tui.ui.map.step_map import StepMap
from orchest_tui.ui.outside import editor_command
from orchest_tui.ui.pictures import Gallery
from orchest_tui.ui.pipeline.header import run_words, used_words
from orchest_tui.ui.run_choices import RunChoice, RunRequest, expected_seconds

KEYS = effective_keys({})


def entry(preview: dict[str, Any], **changes: Any) -> OutputEntry:
    values = {
        "id": 1, "step": "s", "name": "out", "path": Path("x"), "location": "memory", "kind": "segment",
        "serialization": None, "bytes": 2048, "digest": None, "preview": preview, "run": "3", "created": 0.0,
        "used": 0.0, "provenance": {},
    }  # fmt: skip
    return OutputEntry(**{**values, **changes})


def plain(lines: Any) -> str:
    return "\n".join(line.plain for line in lines)


def shown(preview: dict[str, Any], width: int = 80, **changes: Any) -> str:
    """Return what the tab Data shows of one output."""
    return plain(output_lines([entry(preview, **changes)], width, Gallery()))


def test_a_table_is_aligned_and_its_text_harmless() -> None:
    preview = {"type": "pandas.DataFrame", "shape": [1745, 2], "length": 1745,
               "columns": ["a", "long name"], "dtypes": ["int64", "object"],
               "head": [["1", "x\x1b[2J"], ["22", "[b]"]], "index": ["x", "y"]}  # fmt: skip
    lines = shown(preview).splitlines()
    assert lines[0] == "out  pandas.DataFrame, 1,745 x 2, 2.0 kB, in memory"
    assert lines[1:6] == [
        "       a  long name",
        "   int64  object",
        "x      1  x",
        "y     22  [b]",
        "… 1,745 rows in all",
    ]


def test_an_array_shows_its_first_values_and_its_type() -> None:
    preview = {"type": "numpy.ndarray", "shape": [3, 50], "length": 3, "dtypes": ["float64"],
               "head": [["1.5", "-2"], ["10", "3"]]}  # fmt: skip
    lines = shown(preview).splitlines()
    assert lines[0].startswith("out  numpy.ndarray of float64, 3 x 50,")
    assert lines[1:4] == ["1.5  -2", " 10   3", "… 3 rows in all, 50 columns in all"]


def test_the_head_keeps_its_facts_where_the_pane_is_narrow() -> None:
    preview = {"type": "pandas.core.frame.DataFrame", "shape": [1745, 20], "text": "rows"}
    lines = shown(preview, 40, name="a name of some length").splitlines()
    assert all(len(line) <= 40 for line in lines)
    assert "1,745 x 20" in " ".join(line.strip() for line in lines[:3])


def test_provenance_is_told_in_words() -> None:
    made = {"run": 3, "file": "steps/clean.py", "digest": "3f2a91c4d5", "inputs": [["Load", "rides", "2"]],
            "parameters": {"rows": "1000"}, "environment": "9bc1aa00ff", "environment_name": "Python 3"}  # fmt: skip
    text = shown({"text": "5"}, provenance=made)
    assert ", run 3\n" in text
    assert "code        steps/clean.py (3f2a91c4)\n" in text
    assert "from        Load rides (run 2)\n" in text
    assert "parameters  rows = 1000\n" in text
    assert text.endswith("environment Python 3 (9bc1aa00)")


WRONG: list[Any] = [None, 3, "text", [], [3], [[]], {}, {"a": 3}, [["x", ["y"]]], True, 1e300]


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("key", ["type", "text", "shape", "length", "columns", "dtypes", "head", "index", "png"])
def test_no_preview_is_a_crash(key: str, value: Any) -> None:
    preview = {"type": "t", "text": "words", "shape": [2], "length": 2, "columns": ["c"], "dtypes": ["int64"],
               "head": [["1"], ["2"]], "index": ["a", "b"], key: value}  # fmt: skip
    assert shown(preview).startswith("out")
    assert shown({"text": "x"}, provenance={key: value, "inputs": value, "parameters": value, "file": value})


def test_a_preview_of_the_wrong_kind_is_shown_as_text() -> None:
    assert "a       b" in shown({"columns": "no list", "text": "a\tb", "shape": 7})


def test_a_broken_picture_is_told() -> None:
    assert "can't be shown" in shown({"png": "AAAA", "text": "figure"})


def test_a_step_without_outputs() -> None:
    assert "nothing" in plain(output_lines([], 80, Gallery()))


def test_source_has_line_numbers_and_no_control_characters(tmp_path: Path) -> None:
    file = tmp_path / "step.py"
    file.write_text("import os\nx = '\x1b[2J'\n")
    assert plain(source_lines(file, "monokai")).splitlines() == ["1 import os", "2 x = ''"]


def test_the_line_that_failed_is_marked(tmp_path: Path) -> None:
    file = tmp_path / "step.py"
    file.write_text("one\ntwo\n")
    assert plain(source_lines(file, "monokai", 2)).splitlines() == ["1 one", "2>two"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "can't be read" in plain(source_lines(tmp_path / "no.py", "monokai"))


def test_the_timeline_has_one_scale() -> None:
    run = RunRow(1, "all", "SUCCESS", None, "local", 100.0, 110.0, {})
    steps = [
        StepRow(1, "a", "First", "SUCCESS", None, 1, 100.0, 105.0, 0, None, None),
        StepRow(1, "b", "Second", "SUCCESS", None, 1, 105.0, 110.0, 0, None, None),
        StepRow(1, "c", "Third", "ABORTED", None, 0, None, None, None, None, None),
    ]
    _, first, second, third = (line.plain for line in timeline_lines(run, steps, 69, unicode=True))
    assert first.index("█") == 19
    assert second.index("█") == 19 + first.count("█")
    assert "█" not in third


def test_the_header_counts_steps() -> None:
    steps = {"a": StepView("a", "A", "SUCCESS", run=2), "b": StepView("b", "B", "STARTED", run=2)}
    state = ViewState(run=RunView(2, "all", ("a", "b"), "STARTED", 100.0), steps=steps)
    assert run_words(state, 112.0) == "run 2 step 2 of 2 0:12"


def test_the_header_sums_up_what_running_steps_use() -> None:
    steps = {
        "a": StepView("a", "A", "STARTED", cpu=0.5, memory=1_000_000_000),
        "b": StepView("b", "B", "STARTED", cpu=None, memory=200_000_000),
        "c": StepView("c", "C", "SUCCESS"),
    }
    assert used_words(ViewState(steps=steps)) == "cpu 50% 1.2 GB"
    assert used_words(ViewState()) == ""


def test_the_header_tells_of_a_build_until_a_step_runs() -> None:
    steps = {"a": StepView("a", "A", "PENDING", run=2)}
    state = ViewState(run=RunView(2, "all", ("a",), "STARTED", 100.0), steps=steps)
    building = replace(state, environments={"e": Preparing("Python 3", "Installing\x1b[2J pandas")})
    assert run_words(building, 112.0) == "run 2 building Python 3: Installing pandas 0:12"
    steps["a"] = StepView("a", "A", "STARTED", run=2)
    assert run_words(building, 112.0) == "run 2 step 1 of 1 0:12"


def test_the_footer_never_has_more_than_seven_and_always_the_help() -> None:
    situation = Situation(step=True, steps=5, marked=1, stale=1, ran=True)
    for scope in Scope:
        for width in (20, 80, 200):
            shown = hints(scope, situation, KEYS, width)
            assert len(shown) <= 7
            assert shown[-1] == ("?", "help")
    assert sum(len(key) + len(word) + 3 for key, word in hints(Scope.TREE, situation, KEYS, 40)) <= 40


def test_while_a_run_goes_on_the_footer_offers_to_stop_it() -> None:
    shown = hints(Scope.TREE, Situation(step=True, steps=2, running=True), KEYS, 120)
    assert ("s", "stop") in shown
    assert ("r", "run") not in shown


def test_the_log_views_own_keys_are_the_declared_ones() -> None:
    declared = {command.id: {textual_key(key) for key in command.keys} for command in ALL if command.id[:4] == "log."}
    bound = {binding.id: set(binding.key.split(",")) for binding in LogKeys.BINDINGS if not isinstance(binding, tuple)}
    assert declared == bound


def test_the_maps_own_keys_are_the_declared_ones() -> None:
    declared = {command.id: {textual_key(key) for key in command.keys} for command in ALL if command.id[:4] == "map."}
    bound = {binding.id: set(binding.key.split(",")) for binding in StepMap.BINDINGS if not isinstance(binding, tuple)}
    assert declared == bound


def test_every_command_is_bound_in_its_scopes() -> None:
    for command in ALL:
        for scope in command.scopes:
            assert command.id in {binding.id for binding in bindings_of(scope)}


def test_parameters_are_json_or_words() -> None:
    assert parse_assignment("rows = 10") == ("rows", 10)
    assert parse_assignment("name=bike") == ("name", "bike")
    assert parse_assignment('list = [1, "a"]') == ("list", [1, "a"])
    for wrong in ("rows", "= 3", "list = [1,"):
        with pytest.raises(OrchestTuiError):
            parse_assignment(wrong)


def test_setting_a_parameter_leaves_the_document_as_it_was() -> None:
    document = {"parameters": {"seed": 1}, "steps": {"s": {"parameters": {}}}, "unknown": 3}
    assert with_parameter(document, "s", "rows", 5)["steps"]["s"]["parameters"] == {"rows": 5}
    assert with_parameter(document, None, "seed", 2)["parameters"] == {"seed": 2}
    assert document["parameters"] == {"seed": 1}
    with pytest.raises(OrchestTuiError):
        with_parameter(document, "gone", "rows", 5)


def test_the_expected_time_is_that_of_the_longest_path() -> None:
    parents = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}
    assert expected_seconds(parents, {"a": 1.0, "b": 2.0, "c": 5.0}) == 6.0
    assert expected_seconds(parents, {}) is None


def test_a_choice_tells_what_it_does() -> None:
    choice = RunChoice(RunRequest("all"), "all steps", ("A", "B"), 3, 4.0)
    assert choice.summary() == "2 steps, about 4.0 s, 3 reused"
    assert RunChoice(RunRequest("stale"), "stale", (), 5, None).summary() == "nothing to run"
    alone = RunChoice(RunRequest("selected", ("b",)), "B alone", ("B",), 0, None, ("A", "C"))
    assert alone.summary() == "1 step, without data of A and 1 more"


def test_the_editor_opens_at_the_failing_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "step.log"
    log.write_text('File "/project-dir/load.py", line 3, in f\n  File "/x/other.py", line 9\nFile "load.py", line 12\n')
    assert failing_line(log, "load.py") == 12
    assert failing_line(log, "clean.py") is None
    assert failing_line(tmp_path / "none.log", "load.py") is None
    vim = tmp_path / "vim"
    vim.write_text("#!/bin/sh\n")
    vim.chmod(0o755)
    monkeypatch.setenv("VISUAL", f"{vim} -n")
    assert editor_command(Path("load.py"), 12) == [str(vim), "-n", "+12", "load.py"]
