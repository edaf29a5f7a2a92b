"""The Logs tab of a step in the app: runs, waiting, builds, merging, the file of an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from orchest_tui.ui.log.canvas import LogCanvas
from orchest_tui.ui.pipeline.screen import PipelineScreen
from tests.engine.workshop import ENVIRONMENT, Workshop, step_uuid
from tests.ui.screens import SIZES, opened_app, screen_text, until

sizes = pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x35", "200x60"])

WAITING = """
    import pathlib, time
    print("{title} begins", flush=True)
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
    print("{title} ends", flush=True)
"""
"""A step that ends once there is a file ``go``."""


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project."""
    return Workshop(tmp_path / "project")


async def end(workshop: Workshop, pilot: Pilot[int], screen: PipelineScreen) -> None:
    """Let the waiting steps end."""
    workshop.write("go", "")
    await until(pilot, lambda: not screen.session.running, "the end of the run")


@sizes
async def test_earlier_runs_are_gone_through_and_a_new_one_is_shown(workshop: Workshop, size: tuple[int, int]) -> None:
    for number in (1, 2, 3):
        workshop.step("Load", f"print('in run', {number})")
        workshop.run()
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await until(pilot, lambda: "in run 3" in screen_text(app), "the newest log")
        assert "Load  run 3  FOLLOW" in screen_text(app)
        await pilot.press("enter")
        for run, words in ((2, " (before the last)"), (1, " (2 before the last)"), (3, "  FOLLOW"), (2, " (before")):
            await pilot.press("p")
            title, line = f"Load  run {run}{words}", f"in run {run}"
            await until(pilot, lambda: title in screen_text(app) and line in screen_text(app), title)  # noqa: B023
        await pilot.press("r")
        await until(pilot, lambda: "Load  run 4" in screen_text(app), "the new run")
        await until(pilot, lambda: not screen.session.running, "its end")


async def test_a_step_of_one_run_has_no_earlier_log(workshop: Workshop) -> None:
    workshop.step("Load", "print('once')")
    workshop.run()
    async with opened_app(workshop.folder) as (app, pilot, _):
        await pilot.press("enter", "p")
        await until(pilot, lambda: "No earlier log" in screen_text(app), "the answer")
        assert "once" in screen_text(app)


async def test_the_runs_tab_opens_old_logs_and_the_newest_is_followed(workshop: Workshop) -> None:
    for number in (1, 2):
        workshop.step("Load", f"print('in run', {number})")
        workshop.run()
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("left_square_bracket", "left_square_bracket", "tab")
        await until(pilot, lambda: "[Runs]" in screen_text(app), "the runs")
        await pilot.press("j", "enter")
        await until(pilot, lambda: "run 1 (before the last)" in screen_text(app), "the old log")
        await pilot.press("left_square_bracket", "left_square_bracket", "g", "enter")
        await until(pilot, lambda: "Load  run 2  FOLLOW" in screen_text(app), "the newest log")
        assert screen.detail.step_log.run is None


@sizes
async def test_a_step_without_a_log_tells_why(workshop: Workshop, size: tuple[int, int]) -> None:
    workshop.step("Load", WAITING.format(title="Load"))
    workshop.step("Other", WAITING.format(title="Other"))
    workshop.step("Fit", "print('fitted')", "Load", "Other")
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await until(pilot, lambda: "Load has not run yet. r runs it." in screen_text(app), "how to run it")
        await pilot.press("A", "r")
        await until(pilot, lambda: "Load begins" in screen_text(app), "its log")
        await pilot.press("j")
        await until(pilot, lambda: "Waits for Load and Other." in screen_text(app), "whom it waits for")
        assert "Load begins" not in screen_text(app)
        await end(workshop, pilot, screen)
        await until(pilot, lambda: "fitted" in screen_text(app), "its log in the same place")


async def test_the_key_that_runs_a_step_is_the_users(workshop: Workshop) -> None:
    workshop.step("Load", "print('x')")
    (workshop.folder / "orchest-tui.yaml").write_text("keymap:\n  run.selected: f5\n")
    async with opened_app(workshop.folder) as (app, pilot, _):
        await until(pilot, lambda: "Load has not run yet. f5 runs it." in screen_text(app), "the user's key")


@sizes
async def test_the_environments_build_is_shown_until_the_step_has_a_log(
    workshop: Workshop, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "pip"  # the one folder that a setup script and this machine both see
    shared.mkdir()
    monkeypatch.setenv("PIP_CACHE_DIR", str(shared))
    script = f'echo "making widgets"; while [ ! -e "$PIP_CACHE_DIR/go" ]; do sleep 0.05; done  # {size}\n'
    (workshop.folder / ".orchest" / "environments" / ENVIRONMENT / "setup_script.sh").write_text(script)
    workshop.step("Load", "print('loaded at last')")
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await pilot.press("r")
        await until(pilot, lambda: "making widgets" in screen_text(app), "the build's log")
        assert "building environment Python  FOLLOW" in screen_text(app)
        (shared / "go").touch()
        await until(pilot, lambda: "loaded at last" in screen_text(app), "the step's own log")
        await until(pilot, lambda: "Load  run 1  FOLLOW" in screen_text(app), "its title")
        assert "making widgets" not in screen_text(app)
        await until(pilot, lambda: not screen.session.running, "the end")


async def test_a_build_that_fails_is_told_in_the_steps_log(workshop: Workshop) -> None:
    script = "echo 'no such package: widgets'; exit 3\n"
    (workshop.folder / ".orchest" / "environments" / ENVIRONMENT / "setup_script.sh").write_text(script)
    workshop.step("Load", "print('never')")
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("r")
        await until(pilot, lambda: screen.session.state.steps[step_uuid("Load")].status == "FAILURE", "the failure")
        await until(pilot, lambda: "The setup script ended with exit" in screen_text(app), "the error")
        await until(pilot, lambda: "Load  run 1" in screen_text(app), "the title")
        assert "no such package: widgets" in screen_text(app)


@sizes
async def test_marked_steps_are_merged_while_they_run(workshop: Workshop, size: tuple[int, int]) -> None:
    titles = ("One", "Two", "Six")
    for title in titles:
        workshop.step(title, WAITING.format(title=title))
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await pilot.press("A", "r")
        await until(pilot, lambda: "One begins" in screen_text(app), "the first log")
        await pilot.press("A", "enter", "a")
        await until(pilot, lambda: all(f"{each} begins" in screen_text(app) for each in titles), "all three")
        assert "3 steps merged" in screen_text(app)
        canvas = screen.detail.step_log.query_one(LogCanvas)
        tags = {}
        for row in range(3):
            tag = next(iter(canvas.render_line(row)))
            assert tag.style is not None
            tags[tag.text.strip()] = tag.style.color
        assert sorted(tags) == sorted(titles)
        assert len(set(tags.values())) == 3, "each tag has its colour"
        await pilot.press("Y")
        await until(pilot, lambda: bool(app.clipboard), "the copy")
        assert sorted(app.clipboard.splitlines()) == [f"{each} begins" for each in sorted(titles)]
        workshop.write("go", "")
        await until(pilot, lambda: all(f"{each} ends" in screen_text(app) for each in titles), "all the ends")
        await until(pilot, lambda: not screen.session.running, "the end of the run")
        assert "3 steps merged" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: "merged" not in screen_text(app), "one log again")
        assert screen.detail.has_focus_within, "esc goes back one level"
        await pilot.press("escape")
        await pilot.pause()
        assert screen.step_tree.has_focus


async def test_a_merge_follows_the_marks_and_is_left_with_another_step(workshop: Workshop) -> None:
    for title in ("One", "Two", "Six"):
        workshop.step(title, f"print('{title} says')")
    workshop.run()
    async with opened_app(workshop.folder) as (app, pilot, _):
        await pilot.press("space", "space", "enter", "a")
        await until(pilot, lambda: "2 steps merged" in screen_text(app), "two logs")
        await until(pilot, lambda: "Two says" in screen_text(app) and "Six says" not in screen_text(app), "theirs")
        await pilot.press("shift+tab", "space")
        await until(pilot, lambda: "3 steps merged" in screen_text(app) and "Six says" in screen_text(app), "the third")
        await pilot.press("k")
        await until(pilot, lambda: "merged" not in screen_text(app) and "Two  run 1" in screen_text(app), "one log")


async def test_without_marks_the_steps_of_the_run_are_merged(workshop: Workshop) -> None:
    for title in ("One", "Two"):
        workshop.step(title, f"print('{title} says')")
    workshop.run()
    async with opened_app(workshop.folder) as (app, pilot, _):
        await pilot.press("enter", "a")
        await until(pilot, lambda: "2 steps merged" in screen_text(app) and "Two says" in screen_text(app), "both logs")
        await pilot.press("a")
        await until(pilot, lambda: "One  run 1" in screen_text(app) and "Two says" not in screen_text(app), "one")


async def test_one_log_alone_can_not_be_merged(workshop: Workshop) -> None:
    workshop.step("One", "print('says')")
    workshop.run()
    async with opened_app(workshop.folder) as (app, pilot, _):
        await pilot.press("enter", "a")
        await until(pilot, lambda: "Mark several steps" in screen_text(app), "the advice")


async def test_a_merge_in_a_pinned_log_stays_there(workshop: Workshop) -> None:
    for title in ("One", "Two", "Six"):
        workshop.step(title, f"print('{title} says')")
    workshop.run()
    async with opened_app(workshop.folder) as (app, pilot, _):
        await pilot.press("1", "space", "space", "tab", "tab", "a")
        await until(pilot, lambda: "─ 1 2 steps merged" in screen_text(app) and "Two says" in screen_text(app), "two")
        assert "Six  run 1" in screen_text(app)


@pytest.mark.parametrize(("jump", "line"), [([], "2"), (["e"], "2")])
async def test_the_file_of_an_error_opens_at_its_line(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, jump: list[str], line: str
) -> None:
    workshop.write("lib/tools.py", "def f(x):\n    raise ValueError(x)\n")
    workshop.step("Fit", "from lib.tools import f\nf('bad')\n")
    workshop.run()
    opened: list[tuple[Path, int | None]] = []

    async def edit(app: object, path: Path, line: int | None = None) -> None:
        opened.append((path, line))

    monkeypatch.setattr("orchest_tui.ui.pipeline.step_actions.edit_file", edit)
    async with opened_app(workshop.folder) as (app, pilot, _):
        await until(pilot, lambda: "ValueError: bad" in screen_text(app), "the error")
        await pilot.press("enter", *jump)
        await pilot.pause(0.3)
        await pilot.press("o")
        await until(pilot, lambda: bool(opened), "the editor")
        assert opened == [(workshop.folder / "lib" / "tools.py", int(line))]


async def test_a_file_of_the_environment_alone_is_told(workshop: Workshop) -> None:
    workshop.step("Fit", "print('ERROR at /nowhere/in/the/image.py:7')\nprint('done')")
    workshop.run()
    async with opened_app(workshop.folder) as (app, pilot, _):
        await until(pilot, lambda: "image.py:7" in screen_text(app), "the log")
        await pilot.press("enter", "o")
        await until(pilot, lambda: "/nowhere/in/the/image.py is not on this machine" in screen_text(app), "the answer")


async def test_a_log_without_errors_names_no_file(workshop: Workshop) -> None:
    workshop.step("Fit", "print('fine')")
    workshop.run()
    async with opened_app(workshop.folder) as (app, pilot, _):
        await until(pilot, lambda: "fine" in screen_text(app), "the log")
        await pilot.press("enter", "o")
        await until(pilot, lambda: "No error names a file here" in screen_text(app), "the answer")


@sizes
async def test_lines_are_wrapped_until_one_does_not_want_that(workshop: Workshop, size: tuple[int, int]) -> None:
    workshop.step("One", "print('word ' * 60 + 'END')")
    workshop.step("Two", "print('term ' * 60 + 'END')")
    workshop.run()
    async with opened_app(workshop.folder, size) as (app, pilot, _):
        await until(pilot, lambda: "END" in screen_text(app), "the end of the line")
        await pilot.press("enter", "w")
        await until(pilot, lambda: "END" not in screen_text(app) and ">│" in screen_text(app), "the cut line")
        await pilot.press("escape", "j")
        await until(pilot, lambda: "term" in screen_text(app), "the next step")
        assert "END" not in screen_text(app), "remembered"


async def test_holding_a_key_opens_the_last_log_alone(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        workshop.step(f"S{number}", f"print('log of {number}.')")
    workshop.run()
    async with opened_app(workshop.folder) as (app, pilot, screen):
        shown: list[str] = []
        original = screen.detail.step_log.show_step

        def show_step(session: object, step: str) -> None:
            shown.append(step)
            original(session, step)  # type: ignore[arg-type]

        monkeypatch.setattr(screen.detail.step_log, "show_step", show_step)
        for _ in range(11):
            screen.step_tree.move_by(1)
        await until(pilot, lambda: "log of 11." in screen_text(app), "the last log")
        assert set(shown) <= {step_uuid("S1"), step_uuid("S11")}, "the first at once, then the last"
