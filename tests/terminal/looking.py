"""What the terminal's tests look at beside the screen: the history and the processes of a project."""

from __future__ import annotations

import time
from collections.abc import Callable

from orchest_tui.engine.history import History
from tests.engine.workshop import Workshop
from tests.terminal.tmux import PATIENCE, processes_of


def run_statuses(workshop: Workshop) -> list[str]:
    """Return the statuses of all runs by the history, the newest first."""
    history = History(workshop.layout.history_file, read_only=True)
    try:
        return [row.status for row in history.runs()]
    finally:
        history.close()


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Return when ``condition`` holds; fail where it never does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} never happened"
        time.sleep(0.05)


def run_ends_as(workshop: Workshop, *statuses: str) -> None:
    """Wait until the history has runs with exactly ``statuses``, the newest first."""
    eventually(lambda: run_statuses(workshop) == list(statuses), f"{statuses} in the history")


def nothing_is_left(workshop: Workshop) -> None:
    """Wait until no process of the project is left."""
    end = time.monotonic() + PATIENCE
    while left := processes_of(workshop.folder):
        assert time.monotonic() < end, f"these go on: {left}"
        time.sleep(0.05)
