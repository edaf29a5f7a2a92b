"""Before a pipeline is open: no project, no pipelines, several of them, and what can't be made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchest_tui import entry
from orchest_tui.errors import OrchestTuiError
from orchest_tui.project.discovery import find_pipelines
from orchest_tui.ui.start import start
from tests.ui.elsewhere import begun_app, see
from tests.ui.screens import screen_text, until

UNWRITABLE = Path("/proc")
"""A folder in which nobody can make anything, not even root."""


def pipelines(project: Path, count: int) -> None:
    """Add pipelines ``p01.orchest`` and so on with as many steps as their numbers say."""
    document = json.loads((project / "main.orchest").read_text())
    [first, *_] = document["steps"].values()
    for number in range(1, count + 1):
        steps = {f"{step:08d}": {**first, "uuid": f"{step:08d}", "incoming_connections": []} for step in range(number)}
        other = {**document, "uuid": f"{number:08d}", "name": f"Number [{number}]", "steps": steps}
        (project / f"p{number:02d}.orchest").write_text(json.dumps(other))


async def test_a_project_is_made_in_the_folder_that_was_named_and_not_in_the_current_one(tmp_path: Path) -> None:
    async with begun_app(None, where=tmp_path) as (app, pilot):
        await see(pilot, "There is no Orchest project here", tmp_path.name)
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.session is not None and app.session.is_open, "opening")
    assert (tmp_path / "main.orchest").is_file()
    assert list(Path.cwd().iterdir()) == []


async def test_the_demo_is_copied_beside_and_opened(tmp_path: Path) -> None:
    async with begun_app(None, where=tmp_path) as (app, pilot):
        await see(pilot, "open the demo")
        await pilot.press("enter")
        await until(pilot, lambda: app.session is not None and app.session.is_open, "opening")
    assert (tmp_path / "orchest-tui-demo" / "main.orchest").is_file()


async def test_a_folder_that_holds_something_else_is_told_and_the_question_stays(tmp_path: Path) -> None:
    (tmp_path / "orchest-tui-demo").mkdir()
    (tmp_path / "orchest-tui-demo" / "thesis.tex").touch()
    async with begun_app(None, where=tmp_path) as (app, pilot):
        await see(pilot, "open the demo")
        await pilot.press("enter")
        await see(pilot, "does not hold the demo", "Name another folder", "make a project here")
        await pilot.press("escape")
        await until(pilot, lambda: app.return_code == 0, "the end")
    assert [path.name for path in (tmp_path / "orchest-tui-demo").iterdir()] == ["thesis.tex"]


async def test_a_folder_that_can_not_be_written_to_is_told_and_the_question_stays() -> None:
    async with begun_app(None, where=UNWRITABLE) as (_, pilot):
        await see(pilot, "make a project here")
        await pilot.press("j", "enter")
        await see(pilot, "/proc/.gitignore can't be written", "Look at its permissions", "make a project here")


async def test_a_project_without_pipelines_offers_to_make_one(project: Path) -> None:
    (project / "main.orchest").unlink()
    async with begun_app(project) as (app, pilot):
        await see(pilot, "This project has no pipelines", "make one")
        await pilot.press("enter")
        await until(pilot, lambda: app.session is not None and app.session.is_open, "opening")
        await see(pilot, "weather ▸ Main")
    assert json.loads((project / "main.orchest").read_text())["steps"] == {}


async def test_the_offer_can_be_refused(project: Path) -> None:
    (project / "main.orchest").unlink()
    async with begun_app(project) as (app, pilot):
        await see(pilot, "make one")
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.return_code == 0, "the end")
    assert find_pipelines(project) == []


async def test_several_pipelines_are_listed_with_name_path_and_steps(project: Path) -> None:
    pipelines(project, 2)
    (project / "bad.orchest").write_text("{")
    async with begun_app(project) as (_, pilot):
        shown = await see(pilot, "Pipelines")
        rows = [" ".join(line.strip(" │").split()) for line in shown.splitlines()]
        for row in (
            "bad bad.orchest can't be read", "Weather main.orchest 3 steps", "Number [1] p01.orchest 1 step",
            "Number [2] p02.orchest 2 steps",
        ):  # fmt: skip
            assert row in rows
        assert "/ filter" not in shown


async def test_many_pipelines_are_filtered_by_typing(project: Path) -> None:
    pipelines(project, 12)
    async with begun_app(project) as (app, pilot):
        await see(pilot, "/ filter", "p01.orchest")
        await pilot.press("slash", *"p11")
        await until(pilot, lambda: "p01.orchest" not in screen_text(app), "the filter")
        assert "p11.orchest" in screen_text(app)
        await pilot.press("enter", "enter")
        await see(pilot, "weather ▸ Number [11]")


async def test_a_filter_that_is_dropped_shows_all_again(project: Path) -> None:
    pipelines(project, 12)
    async with begun_app(project) as (_, pilot):
        await see(pilot, "p01.orchest")
        await pilot.press("slash", *"zzz")
        await see(pilot, "Nothing matches.")
        await pilot.press("escape")
        await see(pilot, "p01.orchest", "Pipelines")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("no/such/folder", "There is no folder or file 'no/such/folder'."),
        ("train.orchest", "There is no folder or file 'train.orchest'."),
        ("rn", "There is no command, folder or file 'rn'. Did you mean 'run'?"),
        (".", "'.' can be opened in the terminal app only, which needs a terminal"),
    ],
)
def test_a_word_that_leads_nowhere_is_answered(word: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main([word]) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_is_no_pipeline_is_told(project: Path) -> None:
    with pytest.raises(OrchestTuiError, match=r"no pipeline .*load\.py"):
        start(str(project / "load.py"))


def test_a_current_folder_that_was_removed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(OrchestTuiError, match="current folder is not there"):
        start()
