"""The command line, called in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.cli.main import main
from orchest_tui.engine.opened import OpenPipeline
from orchest_tui.project.settings import load_settings
from orchest_tui.step.sdk.orchest.segment import write_segment
from tests.conftest import CLEAN, LOAD


@dataclass(frozen=True)
class Result:
    """What a command did: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)


Command = Callable[..., Result]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Call ``orchest-tui`` with arguments, each made a string."""

    def call(*arguments: object) -> Result:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return call


@dataclass(frozen=True)
class Past:
    """A project with one finished run of Load and Clean, made without running anything.

    Attributes:
        project: The project's folder.
        opened: The pipeline as the engine had it, closed.
        run: The run's number.
    """

    project: Path
    opened: OpenPipeline
    run: int


@pytest.fixture
def past(project: Path) -> Past:
    """Load succeeded and handed over a list, Clean failed; both left logs."""
    opened = OpenPipeline(project, project / "main.orchest", load_settings(project).settings)
    opened.store.open()
    history = opened.history
    run = history.begin_run("all", {}, [(LOAD, "Load"), (CLEAN, "Clean")], started=1_700_000_000.0)
    history.set_executor(run, "docker")
    for step, status, reason in ((LOAD, "SUCCESS", None), (CLEAN, "FAILURE", "exit code 3")):
        history.start_step(run, step, 1, {})
        history.set_started(run, step, 1_700_000_001.0)
        history.end_step(run, step, status, 1_700_000_003.5, reason=reason, max_rss=50_000_000)
        log = opened.layout.log_file(run, step)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"one\ntwo\n\x1b]0;owned\x07three\n")
    history.end_run(run, "FAILURE", 1_700_000_004.0, "Clean failed")
    written = write_segment(["a", "b"], opened.store.output_dir(LOAD) / "_.1.seg", step=LOAD)
    preview = {"type": "builtins.list", "length": 2, "text": "['a',\n 'b\x1b[2J']"}
    opened.store.add(LOAD, None, "_.1.seg", written.bytes, preview=preview, provenance={"run": run})
    opened.close()
    return Past(project, opened, run)
