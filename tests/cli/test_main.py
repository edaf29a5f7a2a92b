from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import click
import pytest

from orchest_tui.cli import main as module
from orchest_tui.cli.main import COMMANDS, cli
from orchest_tui.errors import InvalidProjectError, OrchestTuiError, Problem
from tests.cli.conftest import Command


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make a command ``broken`` that raises ``error``."""

    @click.command()
    def broken() -> None:
        raise error

    monkeypatch.setitem(cli.commands, "broken", broken)


def test_every_declared_command_exists_and_has_help(command: Command) -> None:
    for name in COMMANDS:
        result = command(name, "--help")
        assert result.code == 0, result.err
        assert result.out.startswith(f"Usage: orchest-tui {name}")


def test_help_lists_all_commands_in_their_order(command: Command) -> None:
    lines = [line.split()[0] for line in command("--help").out.partition("Commands:")[2].splitlines() if line.strip()]
    assert lines == list(COMMANDS)


def test_an_unknown_command_names_the_nearest(command: Command) -> None:
    result = command("stepz")
    assert result.code == 2
    assert "Did you mean 'steps'?" in result.err


def test_errors_are_told_with_their_mend_and_exit_2(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, OrchestTuiError("The \x1b[31mthing is broken.", "Mend it."))
    result = command("broken")
    assert result.code == 2
    assert result.out == ""
    assert result.err == "error: The thing is broken.\n  Mend it.\n"


def test_all_problems_of_a_project_are_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [
        Problem("main.orchest", "line 3", "it is wrong", "Right it"),
        Problem("b", "", "odd", "Look", severity="warning"),
    ]
    raising(monkeypatch, InvalidProjectError(problems))
    result = command("broken")
    assert result.code == 2
    assert result.err == "error: main.orchest: line 3: it is wrong. Right it.\nwarning: b: odd. Look.\n"


def test_a_defect_gives_a_message_and_a_file_not_a_traceback(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    raising(monkeypatch, ZeroDivisionError("unforeseen"))
    result = command("broken")
    assert result.code == 70
    assert "Traceback" not in result.err
    [log] = (tmp_path / "orchest-tui").glob("crash-*.log")
    assert str(log) in result.err
    assert "ZeroDivisionError: unforeseen" in log.read_text()


def test_a_defect_is_told_where_no_file_can_be_written(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    raising(monkeypatch, ZeroDivisionError("unforeseen"))
    result = command("broken")
    assert result.code == 70
    assert "could not be written" in result.err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupt_exits_130(command: Command, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    raising(monkeypatch, error)
    assert command("broken").code == module.EXIT_INTERRUPTED


def test_a_reader_that_went_away_is_no_error() -> None:
    script = f"{sys.executable} -m orchest_tui --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert "Traceback" not in done.stderr
    assert done.stdout.strip() in {"0", "1"}


def test_a_full_disk_is_no_defect(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, OSError(errno.ENOSPC, "No space left on device", "/somewhere/file"))
    result = command("broken")
    assert result.code == 2
    assert (
        result.err
        == "error: Nothing more can be written at /somewhere/file: No space left on device.\n  Make room there.\n"
    )


def test_standard_output_may_be_closed() -> None:
    script = f"{sys.executable} -m orchest_tui completion bash >&-"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_outside_of_a_project_the_message_says_what_to_do(command: Command) -> None:
    for name in ("steps", "check", "runs", "outputs"):
        result = command(name)
        assert result.code == 2
        assert "There is no Orchest project here" in result.err
        assert "orchest-tui init" in result.err


def test_completion_scripts(command: Command) -> None:
    for shell in ("bash", "zsh", "fish"):
        result = command("completion", shell)
        assert result.code == 0
        assert "_ORCHEST_TUI_COMPLETE" in result.out
