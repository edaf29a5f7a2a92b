"""Every screen in its states, cell by cell, at three sizes.

The golden files are ``snapshots/<state>-<columns>x<rows>.txt``, blanks at the ends of lines cut. After a wanted change:
``ORCHEST_TUI_UPDATE_SNAPSHOTS=1 .venv/bin/python -m pytest tests/ui/test_snapshots.py``, then read what git shows.
"""

from __future__ import annotations

import difflib
import functools
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from orchest_tui.commands import BY_ID
from orchest_tui.project.settings import load_settings
from orchest_tui.ui.app import OrchestApp
from tests.ui.screens import screen_lines, until
from tests.ui.staging import Clock, Scene, StagedEngine, stop_time
from tests.ui.states import STATES, State

FOLDER = Path(__file__).parent / "snapshots"
UPDATE = os.environ.get("ORCHEST_TUI_UPDATE_SNAPSHOTS") == "1"
SETTLED = 0.4
"""Seconds without a change after which a screen that waits for nothing is taken as it is."""

LIMIT = 20.0
"""Seconds after which a screen that still changes, or lacks what it has to show, is a failure."""

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@asynccontextmanager
async def staged_app(
    scene: Scene, state: State, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[OrchestApp, Pilot[int]]]:
    """Give the app on a scene, after the state's keys."""
    monkeypatch.setattr("orchest_tui.ui.engine_session.Engine", functools.partial(StagedEngine, scene))
    folder = scene.workshop.folder
    app = OrchestApp(folder, scene.workshop.path, load_settings(folder), state.abilities)
    async with app.run_test(size=state.sizes[0], notifications=True) as pilot:
        await until(pilot, lambda: app.pipeline_screen is not None, "the screen")
        screen = app.pipeline_screen
        assert screen is not None
        await until(pilot, lambda: screen.state_watch.seen.version > 0, "opening")
        for _ in range(10):  # a second's looks at once, which ask for the machine's figures
            screen.state_watch.tick()
        await until(pilot, lambda: screen.header.facts.budget > 0, "the machine's figures")
        for key in state.keys:
            if key in BY_ID:
                app.action_command(key)
            else:
                await pilot.press(key)
            await settled(pilot)
        try:
            yield app, pilot
        finally:
            if app.session is not None:
                await app.session.close(stop=False)


async def settled(pilot: Pilot[int]) -> None:
    """Let the app finish what it is at."""
    await pilot.pause()
    end = time.monotonic() + LIMIT
    while any(worker.is_running for worker in pilot.app.workers) and time.monotonic() < end:
        if pilot.app.screen.is_modal:  # the worker waits for the dialog's answer
            break
        await pilot.pause(0.01)
    await pilot.pause()


def shown(app: OrchestApp) -> str:
    """Return the cells of the screen as golden files have them."""
    return "".join(line.rstrip() + "\n" for line in screen_lines(app))


async def look(pilot: Pilot[int], app: OrchestApp, golden: str, text: str) -> str:
    """Return what the screen shows once it is ``golden``, or once nothing changes any more."""
    await settled(pilot)
    start = changed = time.monotonic()
    before = ""
    while True:
        seen = shown(app)
        now = time.monotonic()
        if seen == golden:
            return seen
        if seen != before:
            before, changed = seen, now
        if now - changed > SETTLED and text in seen:
            return seen
        assert now - start < LIMIT, f"{text!r} is not on the screen:\n{seen}"
        await pilot.pause(0.02)


def assert_cells(app: OrchestApp, size: tuple[int, int]) -> None:
    """Fail where a line has not exactly its cells, or holds what a terminal would not print as it stands."""
    lines = screen_lines(app)
    assert len(lines) == size[1]
    for number, line in enumerate(lines):
        assert cell_len(line) == size[0], f"line {number} has {cell_len(line)} cells: {line!r}"
        assert line.replace("\u200d", "").isprintable(), repr(line)  # a joiner makes one emoji of several
        assert not set(line) & set(BIDI), repr(line)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
async def test_snapshot(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    stop_time(monkeypatch, clock)
    scene = state.scene(tmp_path, clock)
    wrong = []
    async with staged_app(scene, state, monkeypatch) as (app, pilot):
        for columns, rows in state.sizes:
            await pilot.resize_terminal(columns, rows)
            file = FOLDER / f"{state.name}-{columns}x{rows}.txt"
            golden = "" if UPDATE or not file.exists() else file.read_text(encoding="utf-8")
            seen = await look(pilot, app, golden, state.shown)
            assert_cells(app, (columns, rows))
            if UPDATE:
                file.write_text(seen, encoding="utf-8")
            elif seen != golden:
                wrong += difflib.unified_diff(
                    golden.splitlines(), seen.splitlines(), str(file.relative_to(FOLDER.parent)), "the screen",
                    lineterm="", n=1,
                )  # fmt: skip
    assert not wrong, "the screen is not as it was:\n" + "\n".join(wrong)


def test_there_is_no_golden_file_of_nothing() -> None:
    wanted = {f"{state.name}-{columns}x{rows}.txt" for state in STATES for columns, rows in state.sizes}
    assert {path.name for path in FOLDER.glob("*.txt")} == wanted
    assert len({state.name for state in STATES}) == len(STATES)
