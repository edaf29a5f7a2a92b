"""What terminals do to programs: other sizes, no reading for a while, another program in between."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.engine.workshop import Workshop
from tests.terminal.conftest import Open
from tests.terminal.looking import nothing_is_left, run_ends_as

SIZES = [(40, 10), (200, 60), (41, 11), (120, 12), (40, 50), (80, 24)] * 2

CHATTY = """
    import pathlib, time
    print("begun", flush=True)
    number = 0
    while not pathlib.Path("stalled").exists():
        time.sleep(0.02)
    for number in range(60):
        for column in range(40):
            print(f"line {number} " + chr(97 + (number + column) % 26) * 90, flush=True)
        time.sleep(0.05)
    print("the last line", flush=True)
"""
"""Fills a screen twenty times a second for some seconds, far more than a pseudo-terminal's buffer holds."""


STALL = 30.0
"""Seconds for which nobody reads."""


def test_a_storm_of_sizes_is_survived(workshop: Workshop, open_terminal: Open) -> None:
    source = "import itertools, time\nfor number in itertools.count():\n    print('line', number); time.sleep(0.01)"
    workshop.step("counter", source)
    terminal = open_terminal(workshop.folder)
    terminal.see_line("counter", "new")
    terminal.press("r")
    terminal.see("line")
    for columns, lines in SIZES:
        terminal.resize(columns, lines)
    terminal.resize(40, 10)
    terminal.wait(lambda: "Steps" in terminal.text and "Logs" not in terminal.text, "one pane alone")
    terminal.resize(100, 30)
    terminal.see("project ▸ Main", "Steps", "Logs", "s stop")
    terminal.wait(lambda: max(map(len, terminal.text.splitlines())) == 100, "the whole width")
    terminal.press("?")
    terminal.see("Keys")
    terminal.press("Escape")
    terminal.wait(lambda: "Keys" not in terminal.text, "the help's end")
    terminal.press("q")
    terminal.see("A run goes on")
    terminal.press("j", "Enter")
    assert terminal.ended() == 0
    assert "Traceback" not in terminal.text
    nothing_is_left(workshop)


def test_a_terminal_that_reads_nothing_does_not_stop_the_run(workshop: Workshop, open_terminal: Open) -> None:
    """Both steps run while nobody reads what the screen draws; the second needs the scheduler to be alive."""
    workshop.step("chatty", CHATTY)
    workshop.step("after", "print('after the storm')", "chatty")
    terminal = open_terminal(workshop.folder)
    terminal.see_line("after", "new")
    terminal.press("A", "r")
    terminal.see("begun")
    with terminal.stalled():
        begin = time.monotonic()
        workshop.write("stalled", "")
        run_ends_as(workshop, "SUCCESS")
        time.sleep(max(0.0, begin + STALL - time.monotonic()))
    terminal.see("✔ run 1", "the last line")
    terminal.press("j")
    terminal.see("after the storm")
    terminal.press("q")
    assert terminal.ended() == 0
    nothing_is_left(workshop)


def test_the_editor_has_the_terminal_and_gives_it_back(
    workshop: Workshop, open_terminal: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        f"#!{sys.executable}\nimport sys, pathlib\nprint('editing', pathlib.Path(sys.argv[-1]).name)\n"
        "input('save? ')\npathlib.Path(sys.argv[-1]).write_text(\"print('second thought')\\n\")\n"
    )
    editor.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))
    workshop.step("load", "print('first thought')")
    terminal = open_terminal(workshop.folder)
    terminal.see_line("load", "new")
    terminal.press("r")
    terminal.see("first thought", "✔ run 1")
    terminal.press("e")
    assert "Steps" not in terminal.see("editing load.py", "save?")
    terminal.press("y", "Enter")
    terminal.see("Steps", "stale")
    terminal.press("r")
    terminal.see("second thought", "run 2")
    terminal.press("q")
    assert terminal.ended() == 0
    assert "Traceback" not in terminal.text
