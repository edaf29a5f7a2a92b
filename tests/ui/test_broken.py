"""Definitions that can't be used, at start and later, and steps that can't run."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from orchest_tui.errors import Problem
from orchest_tui.ui.screens.broken import BrokenDefinition, line_of
from tests.conftest import CLEAN, LOAD, REPORT
from tests.ui.elsewhere import begun_app, see
from tests.ui.screens import opened_app, screen_text, until


def with_cycle(project: Path) -> str:
    """Connect the last step to the first; return the text from before."""
    file = project / "main.orchest"
    before = file.read_text()
    document = json.loads(before)
    document["steps"][LOAD]["incoming_connections"] = [REPORT]
    file.write_text(json.dumps(document, indent=4))
    return before


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (40, 12)])
async def test_what_is_wrong_is_shown_and_mending_opens(project: Path, size: tuple[int, int]) -> None:
    file = project / "main.orchest"
    before = file.read_text()
    file.write_text(before.replace('"name": "Weather",', '"name" "Weather",'))
    async with begun_app(project, size=size) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, BrokenDefinition), "the screen")
        await see(pilot, "error: is not JSON", "in main.orchest line 2, column", "Mend the text", "e edit the file")
        assert len(screen_text(app).splitlines()[0]) == size[0]
        with_cycle_in = before.replace('"incoming_connections": []', f'"incoming_connections": ["{REPORT}"]')
        file.write_text(with_cycle_in)
        await see(pilot, "cycle")
        file.write_text(before)
        await until(pilot, lambda: app.session is not None and app.session.is_open, "opening")
        await see(pilot, "Weather", "Load")


async def test_an_editor_mends_it_at_its_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = with_cycle(project)
    asked: list[tuple[Path, int | None]] = []

    async def edit(_app: object, path: Path, line: int | None) -> None:
        asked.append((path, line))
        await asyncio.to_thread(path.write_text, before)

    monkeypatch.setattr("orchest_tui.ui.screens.broken.edit_file", edit)
    async with begun_app(project) as (app, pilot):
        await see(pilot, "the steps form a cycle")
        await pilot.press("e")
        await until(pilot, lambda: app.session is not None and app.session.is_open, "opening")
    [(path, line)] = asked
    assert path == project / "main.orchest"
    assert line is not None
    with_cycle(project)
    assert "incoming_connections" in path.read_text().splitlines()[line - 1]


async def test_another_pipeline_can_be_chosen_or_nothing(project: Path) -> None:
    document = json.loads((project / "main.orchest").read_text())
    (project / "other.orchest").write_text(json.dumps({**document, "uuid": "other-one", "name": "Other"}))
    (project / "main.orchest").write_text("{")
    async with begun_app(project, project / "main.orchest") as (app, pilot):
        await see(pilot, "is not JSON")
        await pilot.press("P")
        await see(pilot, "other.orchest")
        await pilot.press("j", "enter")
        await see(pilot, "weather ▸ Other", "Load")
        await pilot.press("q")
        await until(pilot, lambda: app.return_code == 0, "the end")


async def test_quitting_before_it_is_mended(project: Path) -> None:
    (project / "main.orchest").write_text("[]")
    async with begun_app(project) as (app, pilot):
        await see(pilot, "is not a JSON object")
        await pilot.press("q")
        await until(pilot, lambda: app.return_code == 0, "the end")


async def test_what_breaks_later_is_told_once_and_stays_in_the_header(project: Path) -> None:
    file = project / "main.orchest"
    before = file.read_text()
    async with opened_app(project) as (app, pilot, screen):

        def notices() -> list[str]:
            return [notice.text for notice in screen.session.state.notices]

        file.write_text("{ ")
        await see(pilot, "file broken", "The last good definition stays", "Report")
        assert len(notices()) == 1
        file.write_text("{ \n")
        (project / "load.py").write_text("print('saved beside it')\n")
        await until(pilot, lambda: screen.session.state.steps[LOAD].fresh is None, "the watch")
        await pilot.press("W")
        await see(pilot, "error: is not JSON", "in main.orchest line")
        await pilot.press("escape")
        file.write_text(before)
        await until(pilot, lambda: "file broken" not in screen_text(app), "mending")
        assert len(notices()) <= 2


async def test_a_step_that_can_not_run_says_so_on_its_row(project: Path) -> None:
    async with opened_app(project, (160, 30)) as (app, pilot, screen):
        assert "broken" not in screen_text(app)
        (project / "clean.py").unlink()
        shown = await see(pilot, "broken")
        [row] = [line for line in shown.splitlines() if "broken" in line]
        assert "Clean" in row
        await pilot.press("j", "d")
        await see(pilot, "Why: Clean", "clean.py", "Make the file or correct the path")
        await pilot.press("escape")
        (project / "clean.py").write_text("print('Clean')\n")
        await until(pilot, lambda: "broken" not in screen_text(app), "mending")
        assert screen.step_tree.problems == {}


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("line 7, column 3", 7),
        ("steps.b.incoming_connections[0]", 9),
        ("steps.a", 3),
        ("nowhere.at.all", None),
        ("", None),
    ],
)
def test_the_line_of_a_problem(tmp_path: Path, place: str, line: int | None) -> None:
    file = tmp_path / "main.orchest"
    steps = {name: {"title": name, "incoming_connections": []} for name in ("a", "b")}
    file.write_text(json.dumps({"steps": steps}, indent=1))
    assert line_of([Problem("main.orchest", place, "is wrong", "Mend it")], file) == line


def test_a_problem_of_a_file_that_is_gone_has_no_line(tmp_path: Path) -> None:
    assert line_of([Problem("main.orchest", "steps.a", "is wrong", "Mend it", step=CLEAN)], tmp_path / "gone") is None
