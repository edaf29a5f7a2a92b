from __future__ import annotations

import io

import pytest

from orchest_tui.cli import display
from orchest_tui.cli.display import (
    Cell,
    cell_width,
    fit,
    human_bytes,
    human_seconds,
    human_time,
    print_table,
    screen,
    speaks_utf8,
)


def use_screen(
    monkeypatch: pytest.MonkeyPatch, width: int | None, *, unicode: bool = True, colours: bool = False
) -> None:
    shape = display.Screen(terminal=True, width=width, colours=colours, redraw=True, unicode=unicode)
    monkeypatch.setattr(display, "screen", lambda stream=None: shape)


def test_wide_and_combining_characters_are_measured_in_cells() -> None:
    assert cell_width("abc") == 3
    assert cell_width("模型") == 4
    assert cell_width("e\u0301") == 1


@pytest.mark.parametrize(
    ("text", "shown"), [("ab", "ab   "), ("abcdef", "abcd…"), ("模型模型", "模型…"), ("模ab型", "模ab…")]
)
def test_fit_is_exact(text: str, shown: str) -> None:
    assert fit(text, 5) == shown
    assert cell_width(fit(text, 5)) == 5


def test_a_table_fits_the_terminal_and_cuts_the_widest_column(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_screen(monkeypatch, 40)
    print_table(("step", "reason"), [("Load", "x" * 100), ("A longer title", "short")])
    lines = capsys.readouterr().out.splitlines()
    assert all(cell_width(line) <= 40 for line in lines)
    assert lines[1].startswith("Load            xxxx")
    assert lines[1].endswith("…")
    assert lines[2] == "A longer title  short"


def test_a_table_that_is_piped_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("a", "b"), [("x" * 300, "y")])
    assert capsys.readouterr().out.splitlines()[1] == "x" * 300 + "  y"


def test_a_table_shows_hostile_text_as_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("title",), [("\x1b]0;owned\x07Lo\nad\x1b[2J",)])
    assert capsys.readouterr().out.splitlines()[1] == "Lo ad"


def test_numbers_are_aligned_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("n", "x"), [("5", "a"), ("100", "b")], right=(0,))
    assert capsys.readouterr().out.splitlines() == ["  n  x", "  5  a", "100  b"]


def test_glyphs_have_ascii_twins(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    use_screen(monkeypatch, 20, unicode=False)
    print_table(("status", "x"), [(display.status_cell("SUCCESS"), Cell("y" * 40))])
    out = capsys.readouterr().out
    assert out.isascii()
    assert "+ success" in out


def test_colours_need_a_terminal_and_respect_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    assert screen(Terminal()).colours
    assert not screen(io.StringIO()).colours
    monkeypatch.setenv("NO_COLOR", "1")
    assert not screen(Terminal()).colours
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not screen(Terminal()).colours


@pytest.mark.parametrize(
    ("variables", "encoding", "expected"),
    [
        ({"LANG": "en_GB.UTF-8"}, "utf-8", True),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, "utf-8", False),
        ({"LC_CTYPE": "C.utf8"}, "utf-8", True),
        ({"LANG": "en_GB.UTF-8"}, "iso8859-1", False),
        ({}, "utf-8", False),
    ],
)
def test_unicode_needs_a_utf8_locale(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], encoding: str, expected: bool
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert speaks_utf8(io.TextIOWrapper(io.BytesIO(), encoding=encoding)) is expected


def test_quantities_for_people() -> None:
    assert [human_bytes(count) for count in (0, 999, 1400, 250_000_000, 3.2e13)] == [
        "0 B", "999 B", "1.4 kB", "250 MB", "32.0 TB",
    ]  # fmt: skip
    assert [human_seconds(seconds) for seconds in (None, 0.34, 2.06, 200, 7500)] == [
        "", "340 ms", "2.1 s", "3 min 20 s", "2 h 05 min",
    ]  # fmt: skip
    assert [human_time(moment, now=1000.0) for moment in (None, 988.0, 700.0)] == ["", "12 s ago", "5 min ago"]
