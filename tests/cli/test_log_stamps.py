"""``logs --times``: when each line was written, before it."""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchest_tui.cli import log_stamps
from orchest_tui.cli import logs as logs_module
from orchest_tui.cli.display import Screen
from orchest_tui.cli.log_stamps import BLANK, LineStamps, stamped
from orchest_tui.log_times import times_path
from tests.cli.conftest import Command, Past
from tests.conftest import CLEAN, LOAD

NOON = time.mktime((2024, 5, 1, 12, 0, 0, 0, 0, -1))


@pytest.fixture
def timed(past: Past) -> Past:
    """The past with times for Load's second and third line."""
    log = past.opened.layout.log_file(past.run, LOAD)
    write_times(log, (4, NOON), (8, NOON + 61.9))
    return past


def write_times(log: Path, *records: tuple[int, float]) -> None:
    times_path(log).write_bytes(b"".join(struct.pack("<Qd", *record) for record in records))


def test_times_stand_before_lines(command: Command, timed: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Screen(terminal=True, width=80, colours=False, redraw=True, unicode=True)
    monkeypatch.setattr(logs_module, "screen", lambda: terminal)
    whole = f"{BLANK}one\n2024-05-01 12:00:00 two\n2024-05-01 12:01:01 three\n"
    assert command("logs", "Load", "--times", "--project", timed.project).out == whole
    last = command("logs", "Load", "--times", "-n", 1, "--project", timed.project).out
    assert last == "2024-05-01 12:01:01 three\n"


def test_times_stand_before_the_bytes_of_a_piped_log(timed: Past, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    arguments = ["load", "--times", "--project", str(timed.project)]
    assert logs_module.logs.main(arguments, standalone_mode=False) is None
    assert capfdbinary.readouterr().out.endswith(b"\n2024-05-01 12:01:01 \x1b]0;owned\x07three\n")


def test_a_log_without_times_comes_with_a_warning(past: Past, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    arguments = [CLEAN, "--times", "--project", str(past.project)]
    assert logs_module.logs.main(arguments, standalone_mode=False) is None
    out, err = capfdbinary.readouterr()
    assert out == b"one\ntwo\n\x1b]0;owned\x07three\n"
    assert err == b"warning: when the lines of this log were written is not known\n"


def test_a_bar_keeps_its_time_on_a_terminal(command: Command, timed: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    log = timed.opened.layout.log_file(timed.run, LOAD)
    log.write_bytes(b"a\n\r 10%\r 20%\rdone\nrest")
    write_times(log, (2, NOON))
    terminal = Screen(terminal=True, width=80, colours=False, redraw=True, unicode=True)
    monkeypatch.setattr(logs_module, "screen", lambda: terminal)
    shown = command("logs", "Load", "--times", "--project", timed.project).out
    assert shown == f"{BLANK}a\n2024-05-01 12:00:00 done\n2024-05-01 12:00:00 rest\n"


def test_what_comes_while_a_log_is_followed_has_the_time_of_its_coming(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"old\n")
    write_times(log, (0, NOON))
    stamps = LineStamps(log)
    lines = list(stamped(iter([b"old\nne", b"w\n"]), 0, stamps))
    assert lines[0] == ("2024-05-01 12:00:00 ", b"old\n")
    assert lines[1][1] == b"new\n"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", lines[1][0])
    assert lines[1][0] > "2024-05-02"


def test_a_log_that_is_not_there_yet_can_be_followed(tmp_path: Path) -> None:
    stamps = LineStamps(tmp_path / "x.log")
    assert not stamps.known
    assert [text for _, text in stamped(iter([b"a", b"\nb\n"]), 0, stamps)] == [b"a\n", b"b\n"]


def test_a_line_without_end_is_passed_on_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_stamps, "LONGEST_LINE", 3)
    log = tmp_path / "x.log"
    log.write_bytes(b"12345678\nnext\n")
    write_times(log, (0, NOON))

    def chunks() -> Iterator[bytes]:
        yield from (b"1234", b"5678\nne", b"xt\n")

    lines = list(stamped(chunks(), 0, LineStamps(log)))
    stamp = "2024-05-01 12:00:00 "
    assert lines == [(stamp, b"1234"), ("", b"5678\n"), (stamp, b"next\n")]
