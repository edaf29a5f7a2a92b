"""Terminals of other kinds: few colours, none, ASCII alone, GNU screen, a shell with job control."""

from __future__ import annotations

import re
import shutil
import signal
import sys

import pytest

from tests.engine.workshop import Workshop
from tests.terminal.looking import nothing_is_left
from tests.terminal.raw import hung_up, written_by_app
from tests.terminal.tmux import Terminal

SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
PLAIN = {"COLORTERM": "", "NO_COLOR": "", "SSH_CONNECTION": "", "TMUX": "", "STY": ""}


def codes(written: bytes) -> set[int]:
    """Return the numbers of all colour sequences."""
    return {int(code) for codes in SGR.findall(written) for code in re.split(rb"[;:]", codes) if code}


@pytest.fixture
def step(workshop: Workshop) -> Workshop:
    """A project of one step."""
    workshop.step("load", "print('loading')")
    return workshop


def test_no_colour_is_written_where_the_user_wants_none(step: Workshop) -> None:
    written = written_by_app(step.folder, {**PLAIN, "NO_COLOR": "1"}, b"load")
    assert codes(written) <= set(range(10)) | {22, 23, 24, 25, 27, 28, 29}


def test_a_terminal_of_sixteen_colours_gets_no_others(step: Workshop) -> None:
    written = written_by_app(step.folder, {**PLAIN, "TERM": "screen"}, b"load")
    assert codes(written)
    assert not codes(written) & {38, 48}


def test_an_old_terminal_in_the_c_locale_gets_ascii_without_colours(step: Workshop) -> None:
    written = written_by_app(step.folder, {**PLAIN, "TERM": "vt100", "LC_ALL": "C"}, b"load")
    assert max(written) < 128
    assert codes(written) <= set(range(10)) | {22, 23, 24, 25, 27, 28, 29}


def test_every_mode_that_is_switched_on_is_switched_off_at_the_end(step: Workshop) -> None:
    last = dict(MODE.findall(written_by_app(step.folder, PLAIN, b"load")))
    shown = {b"25", b"7"}  # the cursor, and wrapping at the edge: on is how a shell has them
    assert {mode for mode, switch in last.items() if switch == b"h"} <= shown
    assert last[b"25"] == b"h"
    assert last[b"1049"] == b"l"


@pytest.mark.skipif(shutil.which("screen") is None, reason="GNU screen is not installed")
def test_inside_gnu_screen(
    step: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sockets = tmp_path_factory.mktemp("s")
    sockets.chmod(0o700)
    monkeypatch.setenv("SCREENDIR", str(sockets))
    terminal = Terminal(["screen", "-c", "/dev/null", "-U", sys.executable, "-m", "orchest_tui"], step.folder, (80, 24))
    try:
        terminal.see_line("load", "new")
        terminal.press("r")
        terminal.see("loading", "✔ run 1")
        terminal.press("q")
        assert terminal.ended() == 0
    finally:
        terminal.close()


def test_suspending_gives_the_shell_the_terminal_until_fg(step: Workshop) -> None:
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], step.folder, (100, 30))
    try:
        terminal.press(f"PS1='shell> '; {sys.executable} -m orchest_tui", "Enter")
        terminal.see_line("load", "new")
        terminal.press("r")
        terminal.see("loading", "✔ run 1")
        terminal.press("C-z")
        assert "Steps" not in terminal.see("Stopped", "shell>")
        terminal.press("echo between $((6*7))", "Enter")
        terminal.see("between 42")
        terminal.press("fg", "Enter")
        terminal.see("Steps", "loading", "✔ run 1")
        terminal.press("r")
        terminal.see("✔ run 2")
        terminal.press("q")
        terminal.see("shell>")
        terminal.press("exit", "Enter")
        assert terminal.ended() == 0
    finally:
        terminal.close()


@pytest.mark.parametrize("unread", [[], [b"m"] * 100], ids=["read", "unread"])
def test_an_app_whose_terminal_is_hung_up_ends(step: Workshop, unread: list[bytes]) -> None:
    """Though what it still has to say, dozens of frames of it, can't be written any more."""
    assert hung_up(step.folder, b"load", unread) in {0, -signal.SIGHUP}
    nothing_is_left(step)
