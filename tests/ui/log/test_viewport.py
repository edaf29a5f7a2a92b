"""The viewport against a list: what is seen is always a run of rows, full wherever there are enough."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.ui.log.viewport import Row, Viewport


class ListedLines:
    """Lines whose offsets are their numbers times ten."""

    def __init__(self, heights: list[int]) -> None:
        self.heights = heights

    @property
    def count(self) -> int | None:
        return len(self.heights)

    def first(self) -> int | None:
        return 0 if self.heights else None

    def last(self) -> int | None:
        return 10 * len(self.heights) - 10 if self.heights else None

    def after(self, offset: int) -> int | None:
        return offset + 10 if offset + 10 < 10 * len(self.heights) else None

    def before(self, offset: int) -> int | None:
        return offset - 10 if offset else None

    def nearest(self, offset: int) -> int | None:
        return min(offset // 10 * 10, self.last() or 0) if self.heights else None

    def number(self, offset: int) -> int | None:
        return offset // 10


moves = st.lists(
    st.one_of(st.tuples(st.just("move"), st.integers(-12, 12)), st.tuples(st.just("show"), st.integers(0, 11)),
              st.tuples(st.just("start"), st.just(0)), st.tuples(st.just("end"), st.just(0))), max_size=12,
)  # fmt: skip


@given(st.lists(st.integers(1, 4), max_size=12), st.integers(1, 8), moves)
def test_what_is_seen_is_a_run_of_rows(heights: list[int], height: int, steps: list[tuple[str, int]]) -> None:
    lines = ListedLines(heights)
    viewport = Viewport(lines, lambda offset: heights[offset // 10])
    viewport.height = height
    rows = [Row(10 * line, part) for line, parts in enumerate(heights) for part in range(parts)]
    top, last = 0, max(0, len(rows) - height)
    for step, amount in steps:
        if step == "move":
            viewport.move(amount)
            top = min(max(0, top + amount), last)
        elif step == "start":
            viewport.to_start()
            top = 0
        elif step == "end":
            viewport.to_end()
            top = last
        elif amount < len(heights):
            viewport.show(10 * amount)
            assert Row(10 * amount, 0) in viewport.rows()
            top = rows.index(viewport.rows()[0])
        assert viewport.rows() == rows[top : top + height]
        assert viewport.at_end == (top == last)


def test_a_viewport_that_grows_is_filled_from_above() -> None:
    viewport = Viewport(ListedLines([1] * 10), lambda offset: 1)
    viewport.height = 3
    viewport.to_end()
    viewport.height = 5
    viewport.settle()
    assert [row.line for row in viewport.rows()] == [50, 60, 70, 80, 90]


def test_a_place_that_is_gone_becomes_the_nearest() -> None:
    lines = ListedLines([1] * 10)
    viewport = Viewport(lines, lambda offset: 1)
    viewport.height = 2
    viewport.show(80)
    lines.heights = [1] * 4
    viewport.settle()
    assert [row.line for row in viewport.rows()] == [20, 30]
    lines.heights = []
    viewport.settle()
    assert viewport.rows() == []
