"""Which front end a command line opens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchest_tui.entry import main, wants_screen


def test_without_a_command_the_app_opens(tmp_path: Path) -> None:
    assert wants_screen([], terminal=True)
    assert wants_screen([str(tmp_path)], terminal=True)


@pytest.mark.parametrize("arguments", [["steps"], ["--help"], ["rnu"], ["run", "--all"]])
def test_commands_options_and_mistyped_words_are_the_command_lines(arguments: list[str]) -> None:
    assert not wants_screen(arguments, terminal=True)


def test_a_command_wins_over_a_folder_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path)
    assert not wants_screen(["run"], terminal=True)
    assert wants_screen(["./run"], terminal=True)


def test_without_a_terminal_there_is_no_app(capsys: pytest.CaptureFixture[str]) -> None:
    assert not wants_screen([], terminal=False)
    assert main(["--version"]) == 0
    assert "orchest-tui" in capsys.readouterr().out


def test_a_command_imports_no_screen() -> None:
    code = "import sys; from orchest_tui.entry import main; main(['--version']); print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.splitlines()[-1] == "False"
