"""Routing between two layers: lines of different owners never touch, whatever their pins."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from orchest_tui.graph.canvas import STRAIGHT, Area, Canvas
from orchest_tui.graph.channel import Line, points, route_channel
from orchest_tui.graph.placing import settle


@st.composite
def crowded_lines(draw):
    """Lines whose pins are so close together that they have to trade places, also in circles."""
    owners = [f"l{number}" for number in range(draw(st.integers(1, 7)))]
    places = range(2 * len(owners))
    starts = draw(st.permutations(places))
    ends = list(draw(st.permutations(places)))
    lines = {}
    for owner, start in zip(owners, starts, strict=False):
        count = draw(st.integers(1, max(1, min(3, len(ends) - len(owners)))))
        lines[owner] = Line(start, tuple(ends.pop() for _ in range(min(count, len(ends)))))
    return {owner: line for owner, line in lines.items() if line.ends}


def painted(lines):
    channel = route_channel(lines)
    canvas = Canvas(Area(-5, 0, 200, channel.lanes + 2))
    for (owner, end), path in channel.paths.items():
        corners = points(lines[owner].start, path, 1, 0, channel.lanes + 1)
        assert corners[-1][0] == end
        for one, other in pairwise(corners):
            canvas.line(owner, one, other)
    return channel, canvas


@settings(max_examples=400, deadline=None)
@given(crowded_lines())
def test_lines_only_cross_at_right_angles(lines):
    channel, canvas = painted(lines)
    assert set(channel.paths) == {(owner, end) for owner, line in lines.items() for end in line.ends}
    for cell in canvas.cells():
        owners = canvas.owners(*cell)
        if len(owners) > 1:
            assert sorted(owners.values()) == sorted(STRAIGHT)
        else:
            assert sum(owners.values()) != sum(STRAIGHT), "one line alone must not look like a crossing"


def test_two_lines_that_trade_places_use_a_dogleg():
    channel, _ = painted({"a": Line(0, (6,)), "b": Line(6, (0,))})
    assert sorted(len(path) for path in channel.paths.values()) == [1, 2]


def test_a_straight_line_needs_no_lane():
    assert route_channel({"a": Line(3, (3,)), "b": Line(5, (5,))}).lanes == 0


def test_lines_that_do_not_meet_share_a_lane():
    assert route_channel({"a": Line(0, (3,)), "b": Line(9, (6,))}).lanes == 1


def test_lines_to_one_side_nest_without_crossing():
    _, canvas = painted({"a": Line(0, (10,)), "b": Line(5, (15,))})
    assert not any(len(canvas.owners(*cell)) > 1 for cell in canvas.cells())


@given(st.data(), st.integers(1, 5))
def test_settled_places_are_the_closest_that_keep_their_distances(data, count):
    wanted = data.draw(st.lists(st.integers(0, 6), min_size=count, max_size=count))
    pulls = data.draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
    gaps = data.draw(st.lists(st.integers(1, 2), min_size=count, max_size=count))
    offsets = [sum(gaps[:number]) for number in range(count)]

    def cost(places):
        return sum(pull * abs(place - want) for pull, place, want in zip(pulls, places, wanted, strict=True))

    settled = settle(wanted, pulls, offsets)
    assert all(b - a >= d - c for (a, b), (c, d) in zip(pairwise(settled), pairwise(offsets), strict=True))
    assert cost(settled) == min(map(cost, _all_places(offsets, -10, 7)))


def _all_places(offsets, low, high):
    """Every way to stand at least that far apart: shifts from ``offsets`` that never fall."""
    from itertools import combinations_with_replacement

    for shifts in combinations_with_replacement(range(low, high), len(offsets)):
        yield [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]
