"""Wrapping and searching lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from orchest_tui.ui.log.search import Query
from orchest_tui.ui.pictures import PictureLine
from orchest_tui.ui.text_search import TextSearch
from orchest_tui.ui.wrapping import wrapped

LINES = [Text("one"), Text("two"), PictureLine("two"), Text("Two three"), Text("four")]


def searching(text: str) -> TextSearch:
    search = TextSearch(Query.parse(text))
    search.look_at(LINES)
    return search


def test_hits_are_lines_of_text() -> None:
    assert searching("two").hits == [1, 3]
    assert searching("Two").hits == [3]
    assert searching("t.*e+$").hits == [3]


def test_jumps_begin_where_one_reads_and_go_round() -> None:
    search = searching("two")
    assert search.jump(2, forward=True) == 3
    assert search.status == "2 of 2"
    assert [search.jump(0, forward=True) for _ in range(2)] == [1, 3]
    assert [search.jump(0, forward=False) for _ in range(3)] == [1, 3, 1]
    assert searching("two").jump(3, forward=False) == 1


def test_other_lines_are_searched_too() -> None:
    search = searching("two")
    search.jump(0, forward=True)
    search.look_at([Text("x"), Text("y"), Text("two")])
    assert (search.hits, search.current, search.status) == ([2], None, "1 found")
    search.look_at([])
    assert search.status == "not found"
    assert search.jump(0, forward=True) is None


def test_lines_break_at_words() -> None:
    text = Text("some words and a-very-long-one")
    assert [line.plain for line in wrapped(text, 12, indent="  ")] == ["some words", "  and", "  a-very-lon", "  g-one"]
    assert [line.plain for line in wrapped(Text("short"), 12)] == ["short"]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60), st.integers(6, 30))
def test_nothing_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = wrapped(Text(text), width, indent=" ")
    assert "".join("".join(line.plain.split()) for line in lines) == "".join(text.split())
    assert all(cell_len(line.plain.rstrip()) <= width for line in lines)
