"""Who is imported when: read off ``sys.modules`` in fresh interpreters, where import-linter sees source only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"textual", "docker", "networkx", "asyncio", "msgspec", "yaml", "watchfiles", "xxhash", "platformdirs"}
"""What a command that runs nothing must not pay for."""

REPORT = """
import json, sys
from orchest_tui.cli.main import main
code = main(sys.argv[1:])
print("\\n" + json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def modules_after(*arguments: str) -> set[str]:
    """Return the top-level modules that a fresh process has after ``orchest-tui`` with ``arguments`` succeeded."""
    command = [sys.executable, "-c", REPORT, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stdout + done.stderr
    return set(modules)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["run", "--help"]])
def test_questions_about_the_program_import_nothing_heavy(arguments: list[str]) -> None:
    assert not modules_after(*arguments) & HEAVY


@pytest.mark.parametrize("command", ["steps", "outputs", "runs", "check"])
def test_questions_about_a_project_import_nothing_heavy(command: str, project: Path) -> None:
    assert not modules_after(command, "--project", str(project)) & HEAVY


def test_the_engine_is_imported_without_the_screen() -> None:
    code = "import sys, orchest_tui.engine.engine; print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "False"
