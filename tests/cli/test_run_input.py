"""What ``run`` says about input that it can't use, or that is likely a slip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No container engine answers."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")


@pytest.mark.usefixtures("no_engine")
def test_an_engine_that_was_asked_for_and_does_not_answer_begins_no_run(command: Command, project: Path) -> None:
    result = command("run", "--executor", "docker", "--project", project)
    assert result.code == 2
    assert "/nowhere/docker.sock" in result.err
    assert "--executor local" in result.err
    assert command("runs", "--json", "--project", project).json == []
    assert [step["status"] for step in command("steps", "--json", "--project", project).json] == [None] * 3


@pytest.mark.usefixtures("no_engine")
def test_parameters_that_are_not_in_the_definition_are_told(command: Command, project: Path) -> None:
    given = ("--param", "rows=1", "--step-param", "Load.depth=2", "--param", "color=red")
    source = (project / "main.orchest").read_text()
    (project / "main.orchest").write_text(
        source.replace('"parameters": {},\n    "services"', '"parameters": {"colour": 1},\n    "services"')
    )
    result = command("run", "--executor", "docker", "--project", project, *given)
    assert "warning: The pipeline main.orchest has no parameter 'rows'.\n" in result.err
    assert "warning: The pipeline main.orchest has no parameter 'color'. Did you mean 'colour'?\n" in result.err
    assert "warning: The step 'Load' has no parameter 'depth'.\n" in result.err


@pytest.mark.parametrize(("steps", "message"), [("{}", "main.orchest has no steps yet"), ("null", "steps: is null")])
def test_a_pipeline_without_steps_has_nothing_to_run(command: Command, project: Path, steps: str, message: str) -> None:
    (project / "main.orchest").write_text(f'{{"name": "x", "uuid": "u", "version": "1.2.3", "steps": {steps}}}')
    result = command("run", "--project", project)
    assert result.code == 2
    assert message in result.err
