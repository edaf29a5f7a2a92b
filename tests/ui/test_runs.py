"""Runs in the app, on the local executor."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchest_tui.ui.screens.dialogs import Ask
from tests.engine.workshop import Workshop, step_uuid
from tests.ui.screens import opened_app, screen_text, until


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project whose steps run on the local executor."""
    return Workshop(tmp_path / "project")


async def test_run_break_read_mend_and_run_what_is_stale(workshop: Workshop) -> None:
    workshop.step("Load", "import orchest; orchest.output([1, 2], name='numbers')\nprint('loaded')")
    workshop.step("Sum", "import orchest\nprint('sum', sum(orchest.get_inputs()['nothing']))", "Load")
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("r")
        state = screen.session
        await until(pilot, lambda: state.state.run is not None and state.state.run.finished is not None, "run 1")
        await until(pilot, lambda: "fresh" in screen_text(app) and "loaded" in screen_text(app), "its log")
        await pilot.press("j", "r")
        await until(pilot, lambda: state.state.steps[step_uuid("Sum")].status == "FAILURE", "the failure")
        await until(pilot, lambda: "KeyError" in screen_text(app), "the traceback")
        workshop.write("Sum.py", "import orchest\nprint('sum', sum(orchest.get_inputs()['numbers']))")
        await until(pilot, lambda: not screen.session.running, "the end of run 2")
        screen.action_command("run.stale")
        await until(pilot, lambda: "sum 3" in screen_text(app), "the sum")
        await until(pilot, lambda: not screen.session.running, "the end of run 3")
        assert state.state.run is not None
        assert state.state.run.number == 3
        await pilot.press("k", "]")
        await until(pilot, lambda: "numbers" in screen_text(app), "the output of Load")


async def test_stopping_asks_and_stops(workshop: Workshop) -> None:
    workshop.step("Wait", "import time\nprint('waiting', flush=True)\ntime.sleep(600)")
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("r")
        await until(pilot, lambda: "waiting" in screen_text(app), "its start")
        await pilot.press("r")
        await until(pilot, lambda: "a run goes on" in screen_text(app), "the refusal")
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the question")
        await pilot.press("G", "enter")
        await until(pilot, lambda: not screen.session.running, "the end")
        assert screen.session.state.steps[step_uuid("Wait")].status == "ABORTED"


async def test_quitting_while_a_run_goes_on_asks(workshop: Workshop) -> None:
    workshop.step("Wait", "import time\nprint('waiting', flush=True)\ntime.sleep(600)")
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("r")
        await until(pilot, lambda: "waiting" in screen_text(app), "its start")
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the question")
        assert "leave it running" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert screen.session.running
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the question again")
        await pilot.press("j", "enter")
        await until(pilot, lambda: not screen.session.is_open, "the end")


async def test_live_mode_runs_what_is_saved(workshop: Workshop) -> None:
    workshop.step("Load", "print('first')")
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("r")
        await until(pilot, lambda: "first" in screen_text(app) and "fresh" in screen_text(app), "the run")
        await pilot.press("L")
        await until(pilot, lambda: screen.session.live, "live mode")
        workshop.write("Load.py", "print('second')")
        await until(pilot, lambda: "second" in screen_text(app), "the second run")
        assert "LIVE" in screen_text(app)
