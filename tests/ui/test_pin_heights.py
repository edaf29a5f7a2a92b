"""How rows are shared between the tab and the pinned logs below it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.ui.pin_heights import pin_heights

ROOM_AT_80X24, ROOM_AT_120X35, ROOM_AT_200X60 = 20, 31, 56


@pytest.mark.parametrize(
    ("rows", "pins", "focused", "heights"),
    [
        (ROOM_AT_80X24, [1], None, {1: 9}),
        (ROOM_AT_80X24, [1], 1, {1: 13}),
        (ROOM_AT_80X24, [1, 2], None, {1: 8, 2: 1}),
        (ROOM_AT_80X24, [1, 2, 3], None, {1: 7, 2: 1, 3: 1}),
        (ROOM_AT_80X24, [1, 2, 3], 3, {1: 1, 2: 1, 3: 11}),
        (ROOM_AT_120X35, [1, 2], None, {1: 6, 2: 7}),
        (ROOM_AT_120X35, [1, 2, 3], 2, {1: 7, 2: 12, 3: 1}),
        (ROOM_AT_200X60, [1, 2, 3], None, {1: 8, 2: 8, 3: 9}),
        (4, [1, 2, 3], None, {1: 1, 2: 0, 3: 0}),
        (4, [1, 2, 3], 3, {1: 0, 2: 0, 3: 4}),
        (6, [1, 2, 3], 2, {1: 0, 2: 3, 3: 0}),
        (0, [1], 1, {1: 0}),
    ],
)
def test_the_sizes_of_the_sketches(rows: int, pins: list[int], focused: int | None, heights: dict[int, int]) -> None:
    assert pin_heights(rows, pins, focused) == heights


@given(st.integers(0, 200), st.sets(st.integers(1, 3)), st.none() | st.integers(1, 3))
def test_the_tab_keeps_its_rows_and_panes_fold_before_they_vanish(
    rows: int, pins: set[int], focused: int | None
) -> None:
    shown = sorted(pins)
    focused = focused if focused in pins else None
    heights = pin_heights(rows, shown, focused)
    assert sorted(heights) == shown
    assert all(height >= 0 for height in heights.values())
    tab = rows - sum(heights.values())
    assert tab >= min(rows, 3) or (focused is not None and tab == 0)
    others = [height for pin, height in heights.items() if pin != focused]
    if 0 in others:
        assert max(others) <= 1, "one vanishes while another is not folded"
    if focused is not None:
        assert heights[focused] >= min(rows, 3)
        without = pin_heights(rows, shown, None)
        assert heights[focused] >= without[focused]
        assert heights[focused] == max(heights.values())
