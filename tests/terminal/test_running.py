"""Running steps with keys: success, failure, leaving while a run goes on, a terminal that goes away."""

from __future__ import annotations

import os
import signal
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
"""A step that ends once there is a file ``go``; until then it works for as long as the test wants."""


@pytest.fixture
def waiting(workshop: Workshop) -> Workshop:
    """A step that waits for the file ``go``."""
    workshop.step("waiter", WAITING)
    return workshop


def test_all_steps_run_by_the_menu(workshop: Workshop, open_terminal: Open) -> None:
    workshop.step("load", "print('loading rows')")
    workshop.step("clean", "print('cleaning rows')", "load")
    terminal = open_terminal(workshop.folder)
    terminal.see_line("clean", "new")
    terminal.press("R")
    terminal.see("all steps")
    terminal.press("End")
    terminal.see("load, clean")
    terminal.press("Enter")
    terminal.see("✔ run 1", "loading rows")
    terminal.see_line("clean", "✔", "fresh")
    terminal.press("j")
    terminal.see("cleaning rows")
    assert run_statuses(workshop) == ["SUCCESS"]
    terminal.press("q")
    assert terminal.ended() == 0
    nothing_is_left(workshop)


def test_a_failure_shows_its_error(workshop: Workshop, open_terminal: Open) -> None:
    workshop.step("bad", "raise ValueError('no such luck')")
    workshop.step("below", "print('never')", "bad")
    terminal = open_terminal(workshop.folder, size=(120, 35))
    terminal.see_line("below", "new")
    terminal.press("A", "r")
    terminal.see("run 1", "ValueError: no such luck")
    terminal.see_line("✘", "bad")
    assert run_statuses(workshop) == ["FAILURE"]
    terminal.press("q")
    assert terminal.ended() == 0


def test_quitting_can_stop_the_run(waiting: Workshop, open_terminal: Open) -> None:
    terminal = open_terminal(waiting.folder)
    terminal.see_line("waiter", "new")
    terminal.press("r")
    terminal.see("waiting for the word")
    terminal.press("q")
    terminal.see("A run goes on", "leave it running", "stop it")
    terminal.press("j", "Enter")
    assert terminal.ended() == 0
    nothing_is_left(waiting)
    assert run_statuses(waiting) == ["ABORTED"]


def test_a_run_that_was_left_is_taken_over(waiting: Workshop, open_terminal: Open) -> None:
    terminal = open_terminal(waiting.folder)
    terminal.see_line("waiter", "new")
    terminal.press("r")
    terminal.see("waiting for the word")
    terminal.press("q")
    terminal.see("leave it running")
    terminal.press("Enter")
    assert terminal.ended() == 0
    assert processes_of(waiting.folder), "the step was to go on"
    again = open_terminal(waiting.folder)
    again.see("run 1", "waiting for the word")
    waiting.write("go", "")
    again.see("went on", "✔ run 1")
    assert run_statuses(waiting) == ["SUCCESS"]
    again.press("q")
    assert again.ended() == 0
    nothing_is_left(waiting)


def test_leaving_the_dialog_stays(waiting: Workshop, open_terminal: Open) -> None:
    terminal = open_terminal(waiting.folder)
    terminal.see_line("waiter", "new")
    terminal.press("r")
    terminal.see("waiting for the word")
    terminal.press("q")
    terminal.see("A run goes on")
    terminal.press("Escape")
    terminal.wait(lambda: "A run goes on" not in terminal.text, "the dialog's end")
    waiting.write("go", "")
    terminal.see("✔ run 1", "went on")
    terminal.press("q")
    assert terminal.ended() == 0


def test_a_run_outlives_its_terminal(workshop: Workshop, open_terminal: Open) -> None:
    """The second step begins only after the terminal has gone: scheduling goes on, not just what ran already."""
    workshop.step("waiter", WAITING)
    workshop.step("after", "print('scheduled without a terminal')", "waiter")
    terminal = open_terminal(workshop.folder)
    terminal.see_line("after", "new")
    terminal.press("A", "r")
    terminal.see("waiting for the word")
    terminal.hang_up()
    eventually(lambda: not Path(f"/proc/{terminal.server}").exists(), "the end of the terminal")
    assert any("orchest_tui" in process.command for process in processes_of(workshop.folder)), "no engine goes on"
    workshop.write("go", "")
    run_ends_as(workshop, "SUCCESS")
    nothing_is_left(workshop)
    assert workshop.log(1, "after") == "scheduled without a terminal\n"


def test_without_a_run_a_lost_terminal_ends_the_app(workshop: Workshop, open_terminal: Open) -> None:
    workshop.step("load", "print('loading')")
    terminal = open_terminal(workshop.folder)
    terminal.see_line("load", "new")
    terminal.hang_up()
    nothing_is_left(workshop)


def test_a_run_that_was_left_goes_on_by_itself(waiting: Workshop, open_terminal: Open) -> None:
    waiting.step("after", "print('scheduled with no app')", "waiter")
    terminal = open_terminal(waiting.folder)
    terminal.see_line("after", "new")
    terminal.press("A", "r")
    terminal.see("waiting for the word")
    terminal.press("q")
    terminal.see("leave it running")
    terminal.press("Enter")
    assert terminal.ended() == 0
    waiting.write("go", "")
    run_ends_as(waiting, "SUCCESS")
    nothing_is_left(waiting)
    assert waiting.log(1, "after") == "scheduled with no app\n"


def test_a_step_that_does_not_want_to_end_is_killed_by_quitting_again(workshop: Workshop, open_terminal: Open) -> None:
    source = "import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: print('not yet', flush=True))"
    workshop.step("stubborn", source + "\nprint('begun', flush=True)\nwhile True: time.sleep(0.1)")
    terminal = open_terminal(workshop.folder, size=(120, 30))
    terminal.see_line("stubborn", "new")
    terminal.press("r")
    terminal.see("begun")
    terminal.press("q")
    terminal.see("stop it")
    terminal.press("j", "Enter")
    terminal.see("q again ends it at once", "not yet")
    terminal.press("q")
    assert terminal.ended() == 0
    nothing_is_left(workshop)
    assert run_statuses(workshop) == ["ABORTED"]


def test_an_app_that_is_told_to_end_restores_the_terminal_and_leaves_the_run(
    waiting: Workshop, open_terminal: Open
) -> None:
    terminal = open_terminal(waiting.folder)
    terminal.see_line("waiter", "new")
    terminal.press("r")
    terminal.see("waiting for the word")
    [app] = [each for each in processes_of(waiting.folder) if each.command.endswith("-m orchest_tui ")]
    os.kill(app.pid, signal.SIGTERM)
    assert terminal.ended() == 143
    assert "Steps" not in terminal.text
    waiting.write("go", "")
    run_ends_as(waiting, "SUCCESS")
    nothing_is_left(waiting)
