"""Terminals with the program in them, on small projects whose steps run on the local executor."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.workshop import Workshop
from tests.terminal.tmux import Terminal

Open = Callable[..., Terminal]
"""``open_terminal(folder, *arguments, size=(100, 30))``: the program in a terminal, in ``folder``."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, and skip it with the reason where there is no tmux."""
    missing = pytest.mark.skip(reason="tmux is not installed: no terminal to drive")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.terminal)
            if shutil.which("tmux") is None:
                item.add_marker(missing)


@pytest.fixture(autouse=True)
def terminal_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the program a UTF-8 terminal, the local executor and one warm spare."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("ORCHEST_TUI_EXECUTOR", "local")
    monkeypatch.setenv("ORCHEST_TUI_WARM_SPARES", "1")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project."""
    return Workshop(tmp_path / "project")


@pytest.fixture
def open_terminal() -> Iterator[Open]:
    """Open terminals; they are closed at the end."""
    opened: list[Terminal] = []

    def start(folder: Path, *arguments: str, size: tuple[int, int] = (100, 30)) -> Terminal:
        terminal = Terminal([sys.executable, "-m", "orchest_tui", *arguments], folder, size)
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.close()
