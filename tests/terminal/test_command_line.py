"""``orchest-tui run`` on a terminal: what it draws while steps run, at two widths, and Ctrl+C."""

from __future__ import annotations

import pytest

from tests.engine.workshop import Workshop
from tests.terminal.conftest import Open
from tests.terminal.looking import nothing_is_left, run_statuses

SIZES = [(80, 24), (40, 24)]

WAITING = """
    import pathlib, time
    print("waiting for the word", flush=True)
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
"""


@pytest.mark.parametrize("size", SIZES)
def test_steps_have_a_line_each(workshop: Workshop, open_terminal: Open, size: tuple[int, int]) -> None:
    workshop.step("waiter", WAITING)
    workshop.step("after", "print('last words')", "waiter")
    terminal = open_terminal(workshop.folder, "run", "--all", size=size)
    terminal.see_line("waiter", "wait")
    workshop.write("go", "")
    assert terminal.ended() == 0
    lines = terminal.text.splitlines()
    for title in ("waiter", "after"):
        assert sum(title in line for line in lines) == 1, terminal.text
    assert max(map(len, lines)) <= size[0]
    assert run_statuses(workshop) == ["SUCCESS"]


@pytest.mark.parametrize("size", SIZES)
def test_interrupting_aborts_the_run(workshop: Workshop, open_terminal: Open, size: tuple[int, int]) -> None:
    workshop.step("waiter", WAITING)
    terminal = open_terminal(workshop.folder, "run", "--all", size=size)
    terminal.see_line("waiter", "wait")
    terminal.press("C-c")
    assert terminal.ended() == 130
    assert "Traceback" not in terminal.text
    assert run_statuses(workshop) == ["ABORTED"]
    nothing_is_left(workshop)
