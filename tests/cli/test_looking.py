"""Commands that look at a project: steps, outputs, logs, runs, check."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orchest_tui.cli import logs as logs_module
from orchest_tui.cli.display import Screen
from tests.cli.conftest import Command, Past
from tests.conftest import CLEAN, LOAD, REPORT

STEP_KEYS = {"uuid", "title", "file", "environment", "status", "fresh", "reasons", "outputs"}


def test_steps_of_a_project_that_never_ran(command: Command, project: Path) -> None:
    steps = command("steps", "--project", project, "--json").json
    assert [step["title"] for step in steps] == ["Load", "Clean", "Report"]
    for step in steps:
        assert set(step) == STEP_KEYS
        assert step["fresh"] is None
        assert step["status"] is None
        assert step["environment"] == "Python 3"
        assert step["outputs"] == []


def test_looking_leaves_no_trace_in_the_project(command: Command, project: Path) -> None:
    before = sorted(project.rglob("*"))
    for name in ("steps", "outputs", "runs", "check", "config"):
        assert command(name, "--project", project).code == 0
    assert sorted(project.rglob("*")) == before


def test_steps_tell_how_the_last_run_ended(command: Command, past: Past) -> None:
    by_title = {step["title"]: step for step in command("steps", "--project", past.project, "--json").json}
    assert by_title["Clean"]["status"] == "FAILURE"
    assert by_title["Clean"]["fresh"] is False
    assert by_title["Clean"]["reasons"] == ["last run failed: exit code 3"]
    [output] = by_title["Load"]["outputs"]
    assert output["name"] is None
    assert output["bytes"] > 0
    table = command("steps", "--project", past.project).out
    assert "last run failed: exit code 3" in table


def test_the_project_is_found_from_below_and_from_the_pipelines_file(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(command("steps", project / "main.orchest", "--json").json) == 3
    (project / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(project / "deep" / "er")
    assert len(command("steps", "--json").json) == 3


def test_several_pipelines_have_to_be_told_apart(command: Command, project: Path) -> None:
    document = json.loads((project / "main.orchest").read_text())
    (project / "other.orchest").write_text(json.dumps(document | {"steps": {}, "name": "Other"}))
    result = command("steps", "--project", project)
    assert result.code == 2
    assert "main.orchest" in result.err
    assert "other.orchest" in result.err
    assert command("steps", "other", "--project", project, "--json").json == []


def test_a_pipeline_of_another_project_is_refused(command: Command, project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.orchest").write_text("{}")
    result = command("steps", tmp_path / "elsewhere" / "x.orchest", "--project", project)
    assert result.code == 2
    assert "The project has no pipeline" in result.err


def test_outputs_list_and_preview(command: Command, past: Past) -> None:
    [entry] = command("outputs", "--project", past.project, "--json").json
    assert (entry["step"], entry["title"], entry["name"], entry["run"]) == (LOAD, "Load", None, str(past.run))
    assert entry["location"] == "memory"
    assert "list of 2" in command("outputs", "--project", past.project).out
    preview = command("outputs", "Load", "--project", past.project).out
    assert "  ['a',\n   'b']" in preview
    assert "\x1b" not in preview


def test_cache_usage_and_clear(command: Command, past: Past) -> None:
    before = command("cache", "usage", "--project", past.project, "--json").json
    assert before["memory_bytes"] > 0
    assert command("cache", "clear", "Clean", "--project", past.project).out == "0 B were freed.\n"
    assert command("cache", "clear", "--project", past.project).code == 0
    after = command("cache", "usage", "--project", past.project, "--json").json
    assert after["memory_bytes"] == 0
    assert after["budget"] == 10**9


def test_runs_and_the_steps_of_one(command: Command, past: Past) -> None:
    [run] = command("runs", "--project", past.project, "--json").json
    assert (run["run"], run["status"], run["executor"], run["seconds"]) == (past.run, "FAILURE", "docker", 4.0)
    detail = command("runs", past.run, "--project", past.project, "--json").json
    assert [(step["title"], step["status"], step["seconds"]) for step in detail["steps"]] == [
        ("Load", "SUCCESS", 2.5), ("Clean", "FAILURE", 2.5),
    ]  # fmt: skip
    assert "exit code 3" in command("runs", past.run, "--project", past.project).out
    assert command("runs", 99, "--project", past.project).code == 2


def test_a_piped_log_is_the_log(past: Past, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert logs_module.logs.main(["load", "--project", str(past.project)], standalone_mode=False) is None
    assert capfdbinary.readouterr().out == b"one\ntwo\n\x1b]0;owned\x07three\n"


def test_a_log_on_a_terminal_is_harmless(command: Command, past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Screen(terminal=True, width=80, colours=False, redraw=True, unicode=True)
    monkeypatch.setattr(logs_module, "screen", lambda: terminal)
    assert command("logs", "clean.py", "--project", past.project).out == "one\ntwo\nthree\n"
    assert command("logs", CLEAN[:8], "-n", 2, "--project", past.project).out == "two\nthree\n"
    assert command("logs", "Clean", "-f", "--run", past.run, "--project", past.project).out == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Report"], "Report has never run"),
        (["Load", "--run", "7"], "Load was not in run 7"),
        (["Loads"], "Did you mean 'Load'?"),
    ],
)
def test_a_log_that_is_not_there_is_told(command: Command, past: Past, arguments: list[str], message: str) -> None:
    result = command("logs", *arguments, "--project", past.project)
    assert result.code == 2
    assert message in result.err


def test_check_of_a_healthy_project(command: Command, project: Path) -> None:
    result = command("check", "--project", project)
    assert result.code == 0
    assert result.out == "No problems: 1 pipeline, 1 environment and the settings are well.\n"
    assert command("check", "--project", project, "--json").json == []


def test_check_tells_all_problems_and_exits_1(command: Command, project: Path) -> None:
    (project / "report.py").unlink()
    (project / "bad.orchest").write_text('{\n  "name": oops\n}')
    (project / "orchest-tui.yaml").write_text("parallels: 2\n")
    result = command("check", "--project", project)
    assert result.code == 1
    for text in ("report.py", "bad.orchest", "line 2", "parallels", "Did you mean parallel"):
        assert text in result.out
    found = command("check", "--project", project, "--json").json
    assert {Path(problem["file"]).name for problem in found} == {"main.orchest", "bad.orchest", "orchest-tui.yaml"}
    assert REPORT in {problem["step"] for problem in found}
    only = command("check", "main.orchest", "--project", project, "--json").json
    assert {problem["file"] for problem in only} == {"main.orchest"}


def test_a_folder_that_is_gone_is_told(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    result = command("steps")
    os.chdir(tmp_path)
    assert result.code == 2
    assert "current folder" in result.err
