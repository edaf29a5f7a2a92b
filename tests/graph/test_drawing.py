"""The graph map: what can be walked along its lines is the graph, no more and no less."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchest_tui.graph.canvas import ASCII_LINES, ASCII_MARKS, LINES, STRAIGHT, Area
from orchest_tui.graph.drawing import Drawing, draw
from orchest_tui.graph.order import children
from tests.graph.strategies import dags, graphs
from tests.graph.walking import Reader

DIRECTIONS = st.sampled_from(["down", "right"])


def widths_of(parents, width=5):
    return dict.fromkeys(parents, width)


@st.composite
def layered_dags(draw_value):
    """Graphs of a few crowded layers, where lines have to get past each other."""
    layers = draw_value(st.lists(st.integers(1, 6), min_size=2, max_size=4))
    parents = {}
    known = []
    for depth, size in enumerate(layers):
        names = [f"{depth}{letter}" for letter in "abcdef"[:size]]
        for name in names:
            parents[name] = draw_value(st.lists(st.sampled_from(known), max_size=5, unique=True)) if known else []
        known += names
    return parents


def assert_lines_are_the_graph(parents, drawing: Drawing) -> None:
    reader = Reader(drawing)
    for step, targets in children(parents).items():
        assert reader.reached_from(step) == sorted(targets)
    assert reader.stray_cells() == []


@settings(max_examples=300, deadline=None)
@given(dags() | layered_dags(), DIRECTIONS, st.integers(1, 9))
def test_every_connection_can_be_walked_and_nothing_else(parents, direction, width):
    assert_lines_are_the_graph(parents, draw(parents, widths_of(parents, width), direction))


@settings(max_examples=100, deadline=None)
@given(layered_dags(), DIRECTIONS, st.data())
def test_boxes_of_any_width_do_not_change_what_can_be_walked(parents, direction, data):
    widths = {step: data.draw(st.integers(1, 30)) for step in parents}
    assert_lines_are_the_graph(parents, draw(parents, widths, direction))


@settings(max_examples=100, deadline=None)
@given(dags() | layered_dags(), DIRECTIONS)
def test_lines_of_two_steps_share_a_cell_only_to_cross(parents, direction):
    drawing = draw(parents, widths_of(parents), direction)
    canvas = drawing.paint()
    for column, row in canvas.cells():
        owners = canvas.owners(column, row)
        if len(owners) > 1 and drawing.step_at(column, row) is None:
            assert sorted(owners.values()) == sorted(STRAIGHT)


@settings(max_examples=100, deadline=None)
@given(dags() | layered_dags(), DIRECTIONS)
def test_a_route_leads_in_steps_of_one_cell_from_box_to_box(parents, direction):
    drawing = draw(parents, widths_of(parents), direction)
    for step, targets in children(parents).items():
        for target in targets:
            route = drawing.route(step, target)
            assert drawing.step_at(*route[0]) == step
            assert drawing.step_at(*route[-1]) == target
            assert any(route[-1] in band.marks for band in drawing.bands)
            for (x0, y0), (x1, y1) in pairwise(route):
                assert abs(x1 - x0) + abs(y1 - y0) == 1


@settings(max_examples=100, deadline=None)
@given(dags() | layered_dags(), DIRECTIONS)
def test_boxes_stand_apart_within_the_drawing_and_before_their_children(parents, direction):
    drawing = draw(parents, widths_of(parents), direction)
    boxes = list(drawing.boxes.items())
    assert {step for step, _ in boxes} == set(parents)
    for number, (_, box) in enumerate(boxes):
        assert box.left >= 0
        assert box.top >= 0
        assert drawing.area.contains(box.right, box.bottom)
        assert not any(box.meets(other) for _, other in boxes[:number])
    for step, targets in children(parents).items():
        for target in targets:
            one, other = drawing.boxes[step], drawing.boxes[target]
            assert one.bottom < other.top if direction == "down" else one.right < other.left


@settings(max_examples=60, deadline=None)
@given(dags() | layered_dags(), DIRECTIONS, st.data())
def test_any_part_is_painted_as_it_is_in_the_whole(parents, direction, data):
    drawing = draw(parents, widths_of(parents), direction)
    part = Area(*(data.draw(st.integers(0, 40)) for _ in range(2)), *(data.draw(st.integers(1, 30)) for _ in range(2)))
    whole = drawing.paint(Area(0, 0, 80, 80)).rows()
    expected = [row[part.left : part.left + part.width] for row in whole[part.top : part.top + part.height]]
    assert drawing.paint(part).rows() == expected


@settings(max_examples=60, deadline=None)
@given(graphs(), DIRECTIONS)
def test_of_a_cycle_what_is_left_out_is_told_and_the_rest_drawn(parents, direction):
    drawing = draw(parents, widths_of(parents), direction)
    kept = {
        step: [parent for parent in above if (parent, step) not in drawing.left_out] for step, above in parents.items()
    }
    assert all(parent in parents[step] for parent, step in drawing.left_out)
    assert_lines_are_the_graph(kept, drawing)


@settings(max_examples=60, deadline=None)
@given(dags())
def test_the_same_graph_is_drawn_the_same_way(parents):
    one = draw(parents, widths_of(parents))
    again = draw({step: list(above) for step, above in parents.items()}, widths_of(parents))
    assert one == again


def test_a_chain_is_one_straight_line():
    parents = {"a": [], "b": ["a"], "c": ["b"]}
    assert draw(parents, widths_of(parents, 7)).paint().rows() == [
        "┌───────┐",
        "│       │",
        "└───┬───┘",
        "    │    ",
        "┌───▼───┐",
        "│       │",
        "└───┬───┘",
        "    │    ",
        "┌───▼───┐",
        "│       │",
        "└───────┘",
    ]
    assert draw(parents, widths_of(parents, 2), "right").paint().rows(ascii_only=True) == [
        ".--.   .--.   .--.",
        "|  *--->  *--->  |",
        "'--'   '--'   '--'",
    ]


def test_lines_that_trade_places_go_across_one_after_the_other():
    # Each line starts right above the place where the other one has to end.
    parents = {"a": [], "b": [], "c": ["b"], "d": ["a"]}
    assert_lines_are_the_graph(parents, draw(parents, widths_of(parents)))


def test_an_empty_graph_is_an_empty_drawing():
    drawing = draw({}, {})
    assert (drawing.area, drawing.paint().rows()) == (Area(0, 0, 0, 0), [])


def test_a_thousand_steps_are_drawn():
    parents = {f"s{n}": [f"s{(n * 7 + k * 13) % n}" for k in range(n % 4)] if n else [] for n in range(1000)}
    drawing = draw(parents, widths_of(parents, 12))
    assert len(drawing.boxes) == 1000
    assert_lines_are_the_graph(parents, drawing)


def test_in_ascii_a_crossing_is_not_a_connection():
    crossing = LINES.index("┼")
    assert [number for number, glyph in enumerate(ASCII_LINES) if glyph == "+"] == [crossing]
    assert {LINES[number] for number, glyph in enumerate(ASCII_LINES) if glyph == "*"} == set("├┤┬┴")
    assert (ASCII_LINES + "".join(ASCII_MARKS.values())).isascii()


@pytest.mark.parametrize("module", ["drawing", "layered", "canvas"])
def test_nothing_heavy_is_imported(module):
    code = f"import sys, json, orchest_tui.graph.{module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert not {"networkx", "textual", "rich", "asyncio"} & set(json.loads(done.stdout))
