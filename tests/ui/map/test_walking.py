"""The cursor moves along connections, and finds back."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from orchest_tui.graph.drawing import draw
from orchest_tui.ui.map.walking import Walk
from tests.graph.strategies import graphs
from tests.ui.map.maps import DIAMOND


@settings(deadline=None, max_examples=60)
@given(graphs().filter(bool), st.sampled_from(["down", "right"]), st.data())
def test_each_move_follows_a_connection_or_stays_in_the_layer(parents, direction, data):
    drawing = draw(parents, dict.fromkeys(parents, 5), direction)
    walk = Walk(drawing, parents)
    layer = {step: number for number, band in enumerate(drawing.bands) for step in band.steps}
    step = data.draw(st.sampled_from(sorted(parents)))
    for way in data.draw(st.lists(st.sampled_from(["ahead", "back", "next", "previous"]), max_size=12)):
        found = walk.go(step, way)
        if found != step and way == "ahead":
            assert (step, found) in drawing.routes
        elif found != step and way == "back":
            assert (found, step) in drawing.routes
        else:
            assert layer[found] == layer[step]
        step = found


def walk_of(parents):
    return Walk(draw(parents, dict.fromkeys(parents, 5)), parents)


def test_who_goes_back_finds_ahead_where_he_was():
    parents = {"a": (), "b": (), "c": ("a", "b"), "d": ("a", "b")}
    for target in ("c", "d"):
        walk = walk_of(parents)
        parent = walk.go(target, "back")
        assert walk.go(parent, "ahead") == target
        assert walk.go(target, "back") == parent


def test_every_step_can_be_reached():
    walk = walk_of(DIAMOND)
    seen, waiting = {"load"}, ["load"]
    while waiting:
        step = waiting.pop()
        for way in ("ahead", "back", "next", "previous"):
            found = walk.go(step, way)
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    assert seen == set(DIAMOND)


def test_where_no_connection_leads_one_stays():
    walk = walk_of({"a": (), "b": ("a",)})
    assert (walk.go("a", "back"), walk.go("b", "ahead"), walk.go("a", "next")) == ("a", "b", "a")
