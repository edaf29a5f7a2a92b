"""A log with every known control sequence in it: nothing but its words reaches the terminal."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.engine.workshop import Workshop
from tests.terminal.conftest import Open
from tests.terminal.tmux import Terminal
from tests.ui.log.hostile import CORPUS

SIZE = (200, 60)
A_LINE = 3
"""Sequences on one line of the log; with their words they fit the pane."""

LINES = -(-len(CORPUS) // A_LINE)

STATE = "|".join(
    f"#{{{name}}}"
    for name in (
        "pane_title", "cursor_flag", "alternate_on", "mouse_any_flag", "mouse_standard_flag", "mouse_button_flag",
        "mouse_all_flag", "mouse_sgr_flag", "mouse_utf8_flag", "keypad_flag", "keypad_cursor_flag", "insert_flag",
        "origin_flag", "wrap_flag", "scroll_region_upper", "scroll_region_lower", "pane_width", "pane_height",
        "pane_tabs", "window_name",
    )
)  # fmt: skip
"""What tmux knows of a terminal's modes."""


def words(number: int) -> tuple[str, str]:
    """Return what stands before and after a sequence."""
    return f"b{number:04}", f"a{number:04}"


def words_to(lines: int) -> set[str]:
    """Return the words of the first ``lines`` lines."""
    return {word for number in range(min(len(CORPUS), max(0, lines) * A_LINE)) for word in words(number)}


def hostile_log() -> bytes:
    """Return a log with the whole corpus."""
    pieces = [f"{words(n)[0]} ".encode() + each + f" {words(n)[1]} ".encode() for n, each in enumerate(CORPUS)]
    return b"\n".join(b"".join(pieces[start : start + A_LINE]) for start in range(0, len(pieces), A_LINE)) + b"\n"


def settled(terminal: Terminal) -> list[str]:
    """Return the screen's lines once two looks show the same."""
    screens = [terminal.text]

    def stands() -> bool:
        screens.append(terminal.text)
        return screens[-1] == screens[-2]

    terminal.wait(stands, "a screen that stands still")
    return screens[-1].splitlines()


def sees(terminal: Terminal, wanted: set[str]) -> None:
    """Wait until all ``wanted`` words are on the screen at once."""
    missing: list[set[str]] = []

    def are_there() -> bool:
        missing.append(wanted - set(re.findall(r"\b[ab]\d{4}\b", terminal.text)))
        return not missing[-1]

    terminal.wait(are_there, f"seeing all words of {sorted(wanted)[0]} and after")


def around(lines: list[str], border: int) -> list[str]:
    """Return what is not the log's: the header's start, the tree, the right border, the footer."""
    return [lines[0][:20], *(line[: border + 1] + line[SIZE[0] - 1 :] for line in lines[2:-2]), *lines[-2:]]


def test_a_hostile_log_is_shown_and_does_nothing(workshop: Workshop, open_terminal: Open) -> None:
    workshop.write("hostile.log", "").write_bytes(hostile_log())
    workshop.step("Calm", "print('nothing but words')")
    workshop.step("Hostile", "import sys\nsys.stdout.buffer.write(open('hostile.log', 'rb').read())")
    assert workshop.run().statuses == {"Calm": "SUCCESS", "Hostile": "SUCCESS"}
    terminal = open_terminal(workshop.folder, size=SIZE)
    terminal.take_clipboard()
    terminal.see("nothing but words", "? help")
    before = terminal.ask(STATE)
    terminal.press("j", "Enter", "g")
    terminal.see("b0000", "/ search")
    terminal.wait(lambda: all(word in terminal.text for word in words_to(1)), "the first line")
    lines = settled(terminal)
    border = next(line for line in lines if "b0000" in line).rindex("│", 0, SIZE[0] - 20)
    frame = around(lines, border)
    rows = sum("b0" in line for line in lines)
    shown = rows
    while True:
        sees(terminal, words_to(shown) - words_to(shown - rows))
        assert around(settled(terminal), border) == frame, terminal.text
        assert terminal.ask(STATE) == before, terminal.text
        if shown >= LINES:
            break
        terminal.press("NPage")
        shown = min(LINES, shown + rows - 1)
    assert terminal.clipboard == []
    terminal.press("q")
    assert terminal.ended() == 0


def test_the_same_log_does_harm_to_a_bare_terminal(tmp_path: Path) -> None:
    """Otherwise the test above could not fail."""
    log = tmp_path / "hostile.log"
    log.write_bytes(hostile_log())
    terminal = Terminal(
        ["sh", "-c", f"read go; cat {shlex.quote(str(log))}; printf '\\nDONE'; read end"], tmp_path, SIZE
    )
    try:
        terminal.take_clipboard()
        before = terminal.ask(STATE)
        terminal.press("Enter")
        terminal.wait(lambda: terminal.ask(STATE) != before and bool(terminal.clipboard), "harm")
    finally:
        terminal.close()
