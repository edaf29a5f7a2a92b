"""Every screen in its states, cell by cell, at three sizes.

The golden files are ``snapshots/<state>-<columns>x<rows>.txt``, blanks at the ends of lines cut. After a wanted change:
``ORCHEST_TUI_UPDATE_SNAPSHOTS=1 .venv/bin/python -m pytest tests/ui/test_snapshots.py``, then read what git shows.
"""

from __future__ import annotations

import difflib
import os
import time
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from orchest_tui.ui.app import OrchestApp
from tests.ui.scene import Clock
from tests.ui.screens import screen_lines
from tests.ui.staging import press, settled, staged_app, stop_time
from tests.ui.states import STATES, State

FOLDER = Path(__file__).parent / "snapshots"
UPDATE = os.environ.get("ORCHEST_TUI_UPDATE_SNAPSHOTS") == "1"
SETTLED = 0.25
"""Seconds without a change after which a screen that waits for nothing is taken as it is."""

LIMIT = 20.0
"""Seconds after which a screen that lacks what it has to show is a failure."""

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


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
    async with staged_app(scene, monkeypatch, state.sizes[0], state.abilities) as (app, pilot):
        await press(pilot, state.keys)
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
