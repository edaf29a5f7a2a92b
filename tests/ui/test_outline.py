"""The step tree as data."""

from __future__ import annotations

from hypothesis import given

from orchest_tui.ui.pipeline.outline import ASCII_GUIDES, Outline, fitting, matches
from tests.graph.strategies import graphs

DIAMOND = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}


def test_children_stand_below_their_first_parent_with_lines() -> None:
    rows = Outline(DIAMOND).rows(())
    assert [(row.guides + row.step, row.further) for row in rows] == [
        ("a", ()), ("├─b", ()), ("│ └─d", ("c",)), ("└─c", ()),
    ]  # fmt: skip


def test_ascii_guides() -> None:
    assert [row.guides for row in Outline(DIAMOND, ASCII_GUIDES).rows(())] == ["", "|-", "| `-", "`-"]


def test_folding_hides_what_is_below_and_counts_it() -> None:
    rows = Outline(DIAMOND).rows({"b"})
    assert [(row.step, row.folded) for row in rows] == [("a", 0), ("b", 1), ("c", 0)]


def test_a_filter_shows_the_matching_steps_without_tree() -> None:
    rows = Outline(DIAMOND).rows({"a"}, lambda step: step in "bd")
    assert [row.guides + row.step for row in rows] == ["b", "d"]


def test_fuzzy_matching() -> None:
    assert matches("mkft", "make_features.py")
    assert matches("MAKE feat", "make_features.py")
    assert not matches("tfkm", "make_features.py")


@given(graphs())
def test_every_step_is_shown_once_and_folding_all_leaves_the_roots(parents: dict[str, list[str]]) -> None:
    outline = Outline(parents)
    assert sorted(row.step for row in outline.rows(())) == sorted(parents)
    shown = outline.rows(set(parents))
    assert all(outline.parent(row.step) is None for row in shown)
    assert len(shown) + sum(row.folded for row in shown) == len(parents)


def test_what_contains_the_filter_goes_before_what_has_its_letters() -> None:
    names = {"e": ("Explore", "steps/explore.ipynb"), "r": ("Report", "steps/report.py")}
    assert fitting("Rep", names) == {"r"}
    assert fitting("xpl", names) == {"e"}
    assert fitting("rpy", names) == {"e", "r"}
    assert fitting("zz", names) == set()
