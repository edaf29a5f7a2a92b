"""A pipeline that another process has open: looking on, taking over, handing over."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from orchest_tui.engine.takeover import EXIT_TAKEN_OVER
from orchest_tui.ui.palette import CommandProvider
from tests.engine.workshop import Workshop, step_uuid
from tests.ui.elsewhere import begun_app, running_elsewhere, see
from tests.ui.screens import opened_app, until


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project."""
    return Workshop(tmp_path / "project")


async def test_looking_on_shows_what_happens_and_changes_nothing(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_elsewhere(workshop) as process:
        async with begun_app(workshop.folder, size=(120, 30)) as (app, pilot):
            await see(pilot, "main.orchest is open elsewhere", f"process {process.pid} on ", "(orchest-tui run)")
            await pilot.press("enter")
            await see(pilot, "read-only", "waiting for the word", "40%", "run 1 step 1 of 2", "O open here")
            told: list[str] = []  # what is told goes by itself after a while, however slow the machine is
            with monkeypatch.context() as patch:
                patch.setattr(app, "notify", lambda message, **_: told.append(message))
                for key, title in (
                    ("r", "Run step or marked ones"),
                    ("R", "Run menu"),
                    ("s", "Stop"),
                    ("L", "Live mode"),
                ):
                    await pilot.press(key)
                    await until(pilot, lambda: bool(told), "the refusal")
                    refusal = told.pop()
                    assert refusal.startswith(title)
                    assert refusal.endswith("open elsewhere: read-only.")
            names = [str(hit.display) async for hit in CommandProvider(app.screen).discover()]
            assert any(name.startswith("Open it here") for name in names)
            assert not any(name.startswith(("Run ", "Stop", "Live", "Clear")) for name in names)
            screen = app.pipeline_screen
            assert screen is not None
            screen.detail.show_tab("params")
            await see(pilot, "+ a new parameter")
            await pilot.press("tab", "enter")
            await see(pilot, "Open elsewhere: read-only")
            screen.detail.show_tab("source")
            await see(pilot, "went on")
            screen.detail.show_tab("data")
            await see(pilot, "has handed over nothing")
            workshop.write("go", "")
            await see(pilot, "run 1 done", "numbers", "3 items", f"Process {process.pid} has ended")
            assert process.wait(120) == 0
            screen.detail.show_tab("runs")
            await see(pilot, "run 1, all")
            await pilot.press("escape", "escape", "m")
            await see(pilot, "─ Map ─", "after")
            await pilot.press("m", "G", "O")
            await until(pilot, lambda: app.session is not None and not app.session.read_only, "opening for real")
            await until(pilot, lambda: app.pipeline_screen is not None and app.pipeline_screen is app.screen, "it")
            await see(pilot, "R run menu")
            now = app.pipeline_screen
            assert now is not None
            assert now is not screen
            assert now.step_tree.cursor == step_uuid("after"), "the cursor was to stay"


async def test_another_run_of_another_process_is_seen_too(workshop: Workshop) -> None:
    with running_elsewhere(workshop):
        async with begun_app(workshop.folder, size=(120, 30)) as (app, pilot):
            await see(pilot, "look on")
            await pilot.press("enter")
            await see(pilot, "run 1 step 1 of 2")
            workshop.write("go", "")
            await see(pilot, "has ended")
            with workshop.started("run", "--all") as second:
                assert second.wait(120) == 0
            await see(pilot, "run 2 done")
            document = workshop.definition["steps"]
            document[step_uuid("after")]["title"] = "renamed"
            workshop.save()
            await see(pilot, "renamed")
            workshop.path.write_text("{")
            await see(pilot, "file broken", "The last good definition stays")
            workshop.save()
            await until(pilot, lambda: app.session is not None and not app.session.state.broken, "mending")


async def test_taking_over_goes_on_with_the_run(workshop: Workshop) -> None:
    with running_elsewhere(workshop) as process:
        async with begun_app(workshop.folder) as (app, pilot):
            await see(pilot, "take over")
            await pilot.press("j", "enter")
            await until(pilot, lambda: app.session is not None and app.session.is_open, "opening")
            assert app.session is not None
            assert not app.session.read_only
            assert process.wait(120) == EXIT_TAKEN_OVER
            await see(pilot, "s stop", "waiting for the word")
            workshop.write("go", "")
            await see(pilot, "✔ run 1")
    assert workshop.log(1, "waiter") == "waiting for the word\nwent on\n"
    assert workshop.log(1, "after") == "the last words\n"


async def test_what_is_looked_at_can_be_taken_over_later(workshop: Workshop) -> None:
    with running_elsewhere(workshop) as process:
        async with begun_app(workshop.folder) as (app, pilot):
            await see(pilot, "look on")
            await pilot.press("enter")
            await see(pilot, "read-only")
            await pilot.press("O")
            await see(pilot, "go on looking", f"process {process.pid} on ")
            await pilot.press("escape", "O")
            await see(pilot, "go on looking")
            await pilot.press("j", "enter")
            await see(pilot, "s stop")
            assert process.wait(120) == EXIT_TAKEN_OVER
            assert app.session is not None
            assert app.session.running


async def test_somebody_elses_run_is_left_alone_when_one_quits(workshop: Workshop) -> None:
    with running_elsewhere(workshop) as process:
        async with begun_app(workshop.folder) as (app, pilot):
            await see(pilot, "look on")
            await pilot.press("enter")
            await see(pilot, "read-only")
            await pilot.press("q")
            await until(pilot, lambda: app.return_code == 0, "the end")
        assert process.poll() is None
        workshop.write("go", "")
        assert process.wait(120) == 0


async def test_one_that_does_not_answer_can_still_be_looked_at(workshop: Workshop) -> None:
    with running_elsewhere(workshop) as process:
        process.send_signal(signal.SIGSTOP)
        try:
            async with begun_app(workshop.folder) as (_, pilot):
                await see(pilot, "take over")
                await pilot.press("j", "enter")
                await see(pilot, "main.orchest can't be opened", "it is stopped", "try again", "look on")
                await pilot.press("j", "enter")
                await see(pilot, "read-only", "waiting for the word")
        finally:
            process.send_signal(signal.SIGCONT)


async def test_an_app_without_a_terminal_is_succeeded_without_a_question(workshop: Workshop) -> None:
    with running_elsewhere(workshop):
        lock = workshop.layout.lock_file
        lock.write_text(lock.read_text().replace('"attended": true', '"attended": false'))
        async with begun_app(workshop.folder) as (app, pilot):
            await see(pilot, "Taken over from process", "waiting for the word")
            assert app.session is not None
            assert app.session.running


async def test_handing_over_leaves_the_run(workshop: Workshop) -> None:
    workshop.step("waiter", "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.02)")
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("r")
        await until(pilot, lambda: screen.session.running, "the run")
        waiting = workshop.layout.log_file(1, step_uuid("waiter"))
        await until(pilot, waiting.exists, "the step")
        app.hand_over_soon()
        await until(pilot, lambda: app.leaving.handed_over, "handing over")
        assert not screen.session.is_open
    workshop.write("go", "")
    with workshop.engine() as successor:
        assert successor.resumed == 1
        assert successor.wait(1).end.status == "SUCCESS"
