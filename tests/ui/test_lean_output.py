"""Leaner output: every cell of a terminal looks as it would have looked, with fewer bytes."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver

from orchest_tui.ui.lean_output import lean
from orchest_tui.ui.terminal_driver import TerminalDriver, terminal_driver

pieces = st.lists(
    st.one_of(
        st.sampled_from(
            ["\x1b[0m", "\x1b[m", "\n", "\x1b[31m", "\x1b[1;31m", "\x1b[1;38;2;9;9;9;48;2;0;0;0m", "\x1b[0;4m"]
        ),
        st.tuples(st.integers(1, 5), st.integers(1, 20)).map(lambda place: f"\x1b[{place[0]};{place[1]}H"),
        st.text("ab ", min_size=1, max_size=5),
        st.just("\x1b[0m\x1b[2;3H\x1b[31m"),
        st.just("\x1b[0m\n\x1b[2;3H\x1b[1;31m"),
    )
).map("".join)


def cells(*written: str) -> list[list[pyte.screens.Char]]:
    """Return the cells of a terminal, with their attributes, to which something was written."""
    screen = pyte.Screen(20, 8)
    stream = pyte.Stream(screen)
    for data in written:
        stream.feed(data)
    return [[screen.buffer[row][column] for column in range(20)] for row in range(8)]


@given(pieces, pieces, pieces)
@example("", "\x1b[1ma\x1b[31mb\x1b[0m\x1b[31mc", "")
@example("\x1b[1m", "\x1b[31ma\x1b[0m\x1b[31mb", "")
def test_every_cell_looks_the_same(before: str, data: str, after: str) -> None:
    assert cells(before, lean(data), after) == cells(before, data, after)
    assert len(lean(data)) <= len(data)


def test_rows_that_look_alike_set_their_attributes_once() -> None:
    rows = "".join(f"\x1b[{row};1H\x1b[38;2;1;2;3mrow {row}\x1b[0m\n" for row in range(1, 5))
    assert lean("\x1b[0m" + rows).count("38;2;1;2;3") == 1
    assert cells(lean("\x1b[0m" + rows)) == cells("\x1b[0m" + rows)


@pytest.mark.parametrize("data", ["", "\x07", "\x1b[?2026h", "\x1b]52;c;YQ==\x07", "\x1b[2J", "a \x1b[38;5;1mb"])
def test_other_sequences_stay(data: str) -> None:
    assert lean(data) == data


def test_only_the_common_driver_is_replaced() -> None:
    assert terminal_driver(LinuxDriver) is TerminalDriver
    assert terminal_driver(HeadlessDriver) is HeadlessDriver
