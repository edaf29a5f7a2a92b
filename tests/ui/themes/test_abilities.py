"""What the terminal can show, and what is made of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from orchest_tui.engine.state import StepView
from orchest_tui.ui.abilities import Abilities, detect_abilities
from orchest_tui.ui.themes.filters import AsciiFilter, ColourlessFilter, ascii_twin, line_filters
from orchest_tui.ui.themes.status import LOOKS, look_of


@pytest.mark.parametrize(
    ("variables", "colours"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "millions"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "screen-256color", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm", "NO_COLOR": ""}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "xterm-16color"}, "16"),
        ({"TERM": "vt100"}, "none"),
        ({"TERM": "dumb"}, "none"),
        ({}, "none"),
    ],
)
def test_colours(variables, colours):
    assert detect_abilities(variables).colours == colours


@pytest.mark.parametrize(
    ("variables", "unicode"),
    [
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "C.utf8", "LANG": "C"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({}, False),
    ],
)
def test_unicode(variables, unicode):
    assert detect_abilities(variables).unicode is unicode


def test_what_lies_between():
    assert detect_abilities({"TMUX": "/tmp/x", "SSH_TTY": "/dev/pts/1"}) == Abilities("none", False, True, "tmux")
    assert detect_abilities({"STY": "1.x"}).multiplexer == "screen"


@given(st.text())
def test_ascii_takes_as_many_cells(text):
    twin = ascii_twin(text)
    assert twin.isascii()
    assert cell_len(twin) == cell_len(text) or not text.isprintable()


@pytest.mark.parametrize(
    "text", ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f", "1\ufe0f\u20e3", "\U0001f44d\U0001f3fd"]
)
def test_ascii_of_characters_that_are_one_together(text):
    assert cell_len(ascii_twin(f"a{text}b")) == cell_len(f"a{text}b")


def test_ascii_of_what_the_program_draws():
    assert ascii_twin("┌─é─┐ 漢 a… ✔ →") == "+-e-+ ?? a. + >"


def test_without_colours_a_cursor_stands_out_in_reverse():
    ground = Color.parse("#101010")
    segments = [
        Segment("text", Style.parse("bold red on #101010")),
        Segment("cursor", Style.parse("black on #dddddd")),
        Segment("none", None),
    ]
    text, cursor, none = ColourlessFilter().apply(segments, ground)
    assert text.style == Style(bold=True)
    assert cursor.style == Style(reverse=True)
    assert none.style == Style.null()


def test_meta_of_segments_outlives_the_filters():
    segment = Segment("→", Style.parse("red") + Style.from_meta({"@click": "x"}))
    [plain] = ColourlessFilter().apply(AsciiFilter().apply([segment], Color.parse("black")), Color.parse("black"))
    assert (plain.text, plain.style.meta, plain.style.color) == (">", {"@click": "x"}, None)


def test_filters_only_where_they_are_needed():
    assert line_filters(Abilities()) == []
    assert [type(each) for each in line_filters(Abilities("none", unicode=False))] == [AsciiFilter, ColourlessFilter]


def test_every_state_has_its_own_signs():
    assert len({look.glyph for look in LOOKS.values()}) == len({look.ascii for look in LOOKS.values()}) == len(LOOKS)
    assert all(cell_len(look.glyph) == 1 and cell_len(look.ascii) == 2 for look in LOOKS.values())
    assert all(look.ascii.isascii() for look in LOOKS.values())


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (None, "never"),
        (StepView("a", "a"), "never"),
        (StepView("a", "a", status="STARTED"), "running"),
        (StepView("a", "a", status="PENDING"), "pending"),
        (StepView("a", "a", status="FAILURE", fresh=False), "failure"),
        (StepView("a", "a", status="ABORTED"), "aborted"),
        (StepView("a", "a", status="SUCCESS", fresh=True), "success"),
        (StepView("a", "a", status="SUCCESS"), "success"),
        (StepView("a", "a", status="SUCCESS", fresh=False), "stale"),
    ],
)
def test_how_a_step_looks(step, name):
    assert look_of(step).name == name


def test_a_step_that_was_not_run_again_looks_reused():
    assert look_of(StepView("a", "a", status="SUCCESS", fresh=True), reused=True).name == "reused"
