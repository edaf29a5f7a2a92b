"""Two terminals and one pipeline: taking over, looking on, a link that broke; and a file that is mended."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.workshop import Workshop
from tests.terminal.conftest import Open
from tests.terminal.looking import eventually, nothing_is_left, run_ends_as, run_statuses
from tests.terminal.tmux import processes_of

WAITING = """
    import pathlib, time
    print("waiting for the word", flush=True)
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
    print("went on", flush=True)
"""
TAKEN_OVER = r"main\.orchest was taken over by process \d+ on \S+ \(orchest-tui\)"


@pytest.fixture
def waiting(workshop: Workshop) -> Iterator[Workshop]:
    """A step that waits for the file ``go``, and one below it; the file is there at the end in any case."""
    workshop.step("waiter", WAITING)
    workshop.step("after", "print('the last words')", "waiter")
    yield workshop
    workshop.write("go", "")


def script(folder: Path, name: str, source: str) -> str:
    """Return the path of a program of one's own."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{source}")
    path.chmod(0o755)
    return str(path)


def test_a_second_terminal_takes_over_while_a_step_runs(waiting: Workshop, open_terminal: Open) -> None:
    first = open_terminal(waiting.folder)
    first.see_line("after", "new")
    first.press("R")
    first.see("all steps")
    first.press("End", "Enter")
    first.see("waiting for the word", "s stop")
    second = open_terminal(waiting.folder, size=(80, 24))
    second.see("main.orchest is open elsewhere", "look on", "take over", "quit")
    second.press("j")
    second.see("the other process ends and says so")
    second.press("Enter")
    assert first.ended() == 0
    first.wait(lambda: "run 1 goes on there." in first.past, "telling who has it now")
    told = [line for line in first.past.splitlines() if re.fullmatch(TAKEN_OVER + "; run 1 goes on there.", line)]
    assert len(told) == 1, first.past
    assert "Steps" not in first.text, "the screen was to be as before"
    second.see("waiting for the word", "s stop")
    waiting.write("go", "")
    second.see("went on", "✔ run 1")
    second.press("q")
    assert second.ended() == 0
    run_ends_as(waiting, "SUCCESS")
    assert waiting.log(1, "waiter") == "waiting for the word\nwent on\n"
    assert waiting.log(1, "after") == "the last words\n"
    nothing_is_left(waiting)


def test_what_run_began_the_app_looks_at_and_takes_over(waiting: Workshop, open_terminal: Open) -> None:
    first = open_terminal(waiting.folder, "run", "--all", size=(120, 24))
    first.see_line("waiter", "wait")
    second = open_terminal(waiting.folder, size=(120, 30))
    second.see("(orchest-tui run)", "look on")
    second.press("Enter")
    second.see("read-only", "waiting for the word", "step 1 of 2", "O open here")
    second.press("s")
    second.see("open elsewhere: read-only")
    second.press("O")
    second.see("go on looking")
    second.press("j", "Enter")
    assert first.ended() == 75
    first.see("run 1 goes on there.")
    assert re.search(TAKEN_OVER, first.text), first.text
    second.see("s stop")
    waiting.write("go", "")
    second.see("✔ run 1")
    second.press("q")
    assert second.ended() == 0
    assert run_statuses(waiting) == ["SUCCESS"]
    nothing_is_left(waiting)


def test_once_the_other_one_has_ended_one_key_opens(waiting: Workshop, open_terminal: Open) -> None:
    first = open_terminal(waiting.folder, "run", "--all")
    first.see_line("waiter", "wait")
    second = open_terminal(waiting.folder, size=(100, 30))
    second.see("look on")
    second.press("Enter")
    second.see("read-only", "waiting for the word")
    waiting.write("go", "")
    assert first.ended() == 0
    second.see("✔ run 1", "has ended", "O opens the pipeline here", "went on")
    second.press("O")
    second.see("R run menu")
    second.wait(lambda: "read-only" not in second.text, "opening for real")
    second.press("r")
    second.see("✔ run 2")
    second.press("q")
    assert second.ended() == 0


def test_after_a_lost_link_the_next_start_goes_on(waiting: Workshop, open_terminal: Open) -> None:
    first = open_terminal(waiting.folder)
    first.see_line("after", "new")
    first.press("A", "r")
    first.see("waiting for the word")
    first.hang_up()
    eventually(lambda: not Path(f"/proc/{first.server}").exists(), "the end of the terminal")
    eventually(lambda: '"attended": false' in waiting.layout.lock_file.read_text(), "the engine without a terminal")
    [left] = [each for each in processes_of(waiting.folder) if "-m orchest_tui" in each.command]
    second = open_terminal(waiting.folder)
    second.see("Taken over from process", "waiting for the word", "s stop")
    eventually(lambda: left not in processes_of(waiting.folder), "the end of the first engine")
    waiting.write("go", "")
    second.see("✔ run 1")
    second.press("q")
    assert second.ended() == 0
    assert run_statuses(waiting) == ["SUCCESS"]
    nothing_is_left(waiting)


def test_an_editor_keeps_its_terminal_when_the_pipeline_is_taken_over(
    waiting: Workshop, open_terminal: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", script(tmp_path, "editor", "input('editing, enter saves? ')\nprint('saved')\n"))
    first = open_terminal(waiting.folder)
    first.see_line("after", "new")
    first.press("e")
    first.see("enter saves?")
    second = open_terminal(waiting.folder, "run", "--step", "after", "--take-over")
    assert second.ended() == 0
    assert "enter saves?" in first.text
    assert first.exit_code is None
    first.press("Enter")
    assert first.ended() == 0
    first.wait(lambda: "was taken over by" in first.past, "telling who has it now")
    assert "Traceback" not in first.text


def test_a_broken_file_is_mended_in_the_editor(
    workshop: Workshop, open_terminal: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.step("load", "print('loading')")
    good = workshop.path.read_text()
    workshop.path.write_text(good.replace('"version":', '"version"'))
    mend = f"import pathlib, sys\nprint(sys.argv[1:])\npathlib.Path(sys.argv[-1]).write_text({good!r})\n"
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", script(tmp_path, "vi", mend))
    terminal = open_terminal(workshop.folder, size=(80, 24))
    terminal.see("main.orchest: can't be used", "is not JSON", "line 4, column", "Mend the text", "e edit the file")
    terminal.press("e")
    terminal.see("project ▸ Main", "load", "R run menu")
    terminal.press("r")
    terminal.see("✔ run 1", "loading")
    workshop.path.write_text("{")
    terminal.see("file broken", "The last good definition stays")
    workshop.path.write_text(good)
    terminal.wait(lambda: "file broken" not in terminal.text, "mending")
    terminal.press("q")
    assert terminal.ended() == 0
    assert "Traceback" not in terminal.text


def test_a_pipeline_is_opened_by_its_file(workshop: Workshop, open_terminal: Open, tmp_path: Path) -> None:
    workshop.step("load", "print('loading')")
    other = workshop.path.read_text().replace('"Main"', '"Other"').replace("9a0c2e4f", "1a0c2e4f")
    (workshop.folder / "other.orchest").write_text(other)
    terminal = open_terminal(tmp_path, str(Path("project") / "other.orchest"))
    terminal.see("project ▸ Other", "load")
    terminal.press("q")
    assert terminal.ended() == 0


def test_a_folder_without_a_project_is_offered_one_there(tmp_path: Path, open_terminal: Open) -> None:
    (tmp_path / "wanted").mkdir()
    terminal = open_terminal(tmp_path, "wanted")
    terminal.see("There is no Orchest project here", "wanted")
    terminal.press("j", "Enter")
    terminal.see("wanted ▸ Main")
    terminal.press("q")
    assert terminal.ended() == 0
    assert (tmp_path / "wanted" / "main.orchest").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["wanted"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, open_terminal: Open) -> None:
    terminal = open_terminal(tmp_path, "no/such")
    assert terminal.ended() == 2
    assert "There is no folder or file 'no/such'." in terminal.text
