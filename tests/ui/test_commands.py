"""Commands of the app and of a step, by their keys or as the palette performs them."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
from textual._compositor import LayoutUpdate

from orchest_tui.ui.screens.dialogs import Ask
from orchest_tui.ui.themes.picker import ThemePicker
from tests.engine.workshop import Workshop, step_uuid
from tests.ui.screens import opened_app, screen_text, until


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A project of two steps that hand something over, on the local executor."""
    workshop = Workshop(tmp_path / "project")
    workshop.step("Load", "import orchest; orchest.output([1, 2], name='numbers')")
    workshop.step("Sum", "import orchest; orchest.output(3, name='sum')", "Load")
    return workshop


async def test_the_last_run_is_repeated_with_its_steps_and_not_those_under_the_cursor(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, screen):
        session = screen.session
        await pilot.press("full_stop")
        await until(
            pilot,
            lambda: "Repeat the last run: there is nothing to run" in screen_text(app),
            "the refusal before any run",
        )
        await pilot.press("r")
        await until(pilot, lambda: screen.situation().ran and not session.running, "run 1")
        await pilot.press("j", "full_stop")
        await until(pilot, lambda: session.state.run.number == 2 and not session.running, "run 2")  # type: ignore[union-attr]
        assert session.state.run is not None
        assert session.state.run.steps == (step_uuid("Load"),)
        assert session.state.steps[step_uuid("Sum")].status is None


async def test_redrawing_writes_the_whole_screen(project: Path) -> None:
    async with opened_app(project) as (app, pilot, _):
        drawn: list[object] = []
        before = app._display

        def display(screen: object, renderable: object) -> None:
            drawn.append(renderable)
            before(screen, renderable)  # type: ignore[arg-type]

        app._display = display  # type: ignore[method-assign, assignment]
        await pilot.press("ctrl+l")
        await until(pilot, lambda: any(isinstance(each, LayoutUpdate) for each in drawn), "a whole frame")
        [frame, *_] = [each for each in drawn if isinstance(each, LayoutUpdate)]
        assert frame.region == app.size.region


async def test_another_pipeline_is_opened_in_this_ones_place(project: Path) -> None:
    document = json.loads((project / "main.orchest").read_text())
    document |= {"name": "Second", "uuid": str(uuid.uuid4())}
    (project / "second.orchest").write_text(json.dumps(document))
    async with opened_app(project) as (app, pilot, screen):
        await pilot.press("P")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the question")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen, "the same pipeline")
        await pilot.press("P")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the question again")
        await pilot.press("j", "enter")
        await until(pilot, lambda: "weather ▸ Second" in screen_text(app), "the other pipeline")
        assert not screen.session.is_open
        assert app.session is not None
        assert app.session.target.path == project / "second.orchest"


async def test_a_theme_is_tried_and_left_or_taken(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        first = app.theme
        app.action_command("app.theme")
        await until(pilot, lambda: isinstance(app.screen, ThemePicker), "the themes")
        await pilot.press("j")
        await until(pilot, lambda: app.theme != first, "the next theme")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen, "the pipeline")
        assert app.theme == first
        app.action_command("app.theme")
        await until(pilot, lambda: isinstance(app.screen, ThemePicker), "the themes again")
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.screen is screen, "the pipeline again")
        assert app.theme != first


async def test_outputs_are_cleared_after_a_question_alone(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, screen):
        session, load = screen.session, step_uuid("Load")
        await pilot.press("r")
        await until(pilot, lambda: session.state.steps[load].status == "SUCCESS" and not session.running, "the run")
        assert [entry.name for entry in await session.outputs(load)] == ["numbers"]
        for keys, left in ((["enter"], 1), (["j", "enter"], 0)):
            screen.action_command("step.clear_outputs")
            await until(pilot, lambda: isinstance(app.screen, Ask), "the question")
            await pilot.press(*keys)
            await until(pilot, lambda: app.screen is screen, "the answer")
            if not left:
                await until(pilot, lambda: "free again" in screen_text(app), "the notice")
            assert len(await session.outputs(load)) == left


async def test_the_menu_of_a_row_offers_what_is_possible_and_does_it(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the menu")
        await pilot.pause()
        text = screen_text(app)
        assert "Load" in text
        assert "Run from here down" in text
        assert "Stop" not in text
        await pilot.press("escape", "j", "x")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the menu again")
        await pilot.press("j", "j", "enter")
        load = step_uuid("Load")
        await until(pilot, lambda: screen.session.state.steps[load].status == "SUCCESS", "the incoming step's run")
        assert screen.session.state.steps[step_uuid("Sum")].status is None


async def test_suspending_asks_while_a_run_goes_on(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.step("Wait", "import time; print('waiting', flush=True); time.sleep(600)")
    async with opened_app(workshop.folder) as (app, pilot, screen):
        suspended: list[bool] = []
        monkeypatch.setattr(app, "action_suspend_process", lambda: suspended.append(True))
        await pilot.press("ctrl+z")
        await until(pilot, lambda: suspended == [True], "suspending at once")
        await pilot.press("G", "r")
        await until(pilot, lambda: "waiting" in screen_text(app), "the step")
        await pilot.press("ctrl+z")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the question")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen, "staying")
        assert suspended == [True]
        await pilot.press("ctrl+z")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the question again")
        await pilot.press("j", "enter")
        await until(pilot, lambda: suspended == [True, True], "suspending")
