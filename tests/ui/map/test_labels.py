"""Texts of the map: harmless, and of exactly the cells that they have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from orchest_tui.engine.state import StepView
from orchest_tui.ui.map.labels import border_note, box_text, box_width, cut, short_seconds


@given(st.text(), st.integers(0, 40), st.booleans())
def test_cut_text_fits(text, cells, unicode):
    assert cell_len(cut(text, cells, unicode=unicode)) <= cells


@given(st.text(), st.booleans())
def test_a_box_is_filled_exactly(title, unicode):
    width = box_width(title, unicode=unicode)
    assert cell_len(box_text("✔" if unicode else "ok", title, width, unicode=unicode)) == width


def test_titles_are_harmless_and_cut_with_an_ellipsis():
    assert cut("a\x1b[31mb\nc", 9, unicode=True) == "ab c"
    assert (cut("abcdef", 4, unicode=True), cut("abcdef", 4, unicode=False)) == ("abc…", "abc~")
    assert cut("漢字漢字", 4, unicode=True) == "漢…"


@given(st.floats(0, 1e9))
def test_durations_take_at_most_four_cells(seconds):
    assert 2 <= len(short_seconds(seconds)) <= 4


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0s"), (9.94, "9.9s"), (9.96, "10s"), (99.6, "2m"), (5000, "83m"), (1e5, "28h")]
)
def test_durations(seconds, text):
    assert short_seconds(seconds) == text


@pytest.mark.parametrize(
    ("step", "note"),
    [
        (None, ""),
        (StepView("a", "a", status="STARTED", fraction=0.345), "34%"),
        (StepView("a", "a", status="STARTED", fraction=7), "100%"),
        (StepView("a", "a", status="STARTED"), ""),
        (StepView("a", "a", status="SUCCESS", seconds=3.21), "3.2s"),
        (StepView("a", "a", status="PENDING", seconds=3.21), ""),
    ],
)
def test_notes_on_the_border(step, note):
    assert border_note(step) == note
