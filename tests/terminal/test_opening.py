"""Starting the app: on a project, on several pipelines, where there is no project."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.workshop import Workshop
from tests.terminal.conftest import Open


def test_a_project_opens_on_its_steps(workshop: Workshop, open_terminal: Open) -> None:
    workshop.step("load", "print('loading')")
    workshop.step("clean", "print('cleaning')", "load")
    terminal = open_terminal(workshop.folder, size=(80, 24))
    terminal.see("project ▸ Main", "load", "clean", "R run menu")
    terminal.see_line("clean", "new")
    terminal.press("q")
    assert terminal.ended() == 0
    assert "Traceback" not in terminal.text


def test_several_pipelines_are_offered(workshop: Workshop, open_terminal: Open) -> None:
    workshop.step("load", "print('loading')")
    other = {**workshop.definition, "name": "Other", "uuid": "1b0c2e4f-5b6d-4f80-a1c3-e5f708192a3b", "steps": {}}
    (workshop.folder / "other.orchest").write_text(json.dumps(other))
    terminal = open_terminal(workshop.folder)
    terminal.see("Pipelines", "main.orchest", "other.orchest")
    terminal.press("j", "Enter")
    terminal.see("project ▸ Other")
    terminal.press("P")
    terminal.see("main.orchest")
    terminal.press("Enter")
    terminal.see("project ▸ Main", "load")
    terminal.press("q")
    assert terminal.ended() == 0


def test_a_folder_without_a_project_gets_an_offer(tmp_path: Path, open_terminal: Open) -> None:
    terminal = open_terminal(tmp_path)
    terminal.see("There is no Orchest project here", "open the demo", "make a project here")
    terminal.press("j")
    terminal.see("A pipeline and a Python environment in")
    terminal.press("Enter")
    terminal.wait((tmp_path / ".orchest" / "environments").is_dir, "the new project")
    terminal.see(f"{tmp_path.name} ▸")
    terminal.press("q")
    assert terminal.ended() == 0
    assert list(tmp_path.glob("*.orchest"))


def test_an_offer_can_be_refused(tmp_path: Path, open_terminal: Open) -> None:
    terminal = open_terminal(tmp_path)
    terminal.see("There is no Orchest project here")
    terminal.press("q")
    assert terminal.ended() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_is_told_and_not_a_traceback(workshop: Workshop, open_terminal: Open) -> None:
    workshop.path.write_text('{"steps": ')
    terminal = open_terminal(workshop.folder)
    terminal.see("main.orchest")
    terminal.press("q")
    assert terminal.ended() in {0, 2}
    assert "Traceback" not in terminal.text
