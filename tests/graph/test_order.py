import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.graph.order import (
    CycleError,
    ancestors,
    children,
    descendants,
    find_cycles,
    induced,
    partial_order,
    topological_order,
)
from tests.graph.strategies import STEPS, dags, graphs

CHAIN = {f"s{number}": [f"s{number - 1}"] if number else [] for number in range(20_000)}


def as_networkx(parents):
    graph = networkx.DiGraph()
    graph.add_nodes_from(parents)
    graph.add_edges_from((parent, step) for step, above in parents.items() for parent in above if parent in parents)
    return graph


def is_cycle(parents, cycle):
    return all(parent in parents[step] for parent, step in zip(cycle, [*cycle[1:], cycle[0]], strict=True))


@given(dags())
def test_order_has_every_step_once_and_parents_first(parents):
    order = topological_order(parents)
    assert sorted(order) == sorted(parents)
    place = {step: index for index, step in enumerate(order)}
    assert all(place[parent] < place[step] for step in parents for parent in parents[step] if parent in parents)


@given(dags())
def test_order_is_the_smallest_one_by_file_order(parents):
    place = {step: index for index, step in enumerate(parents)}
    expected = networkx.lexicographical_topological_sort(as_networkx(parents), key=place.__getitem__)
    assert topological_order(parents) == list(expected)


@given(graphs(), st.lists(st.sampled_from(STEPS), max_size=3))
def test_reachability_agrees_with_networkx(parents, chosen):
    graph = as_networkx(parents)
    present = [step for step in chosen if step in parents]
    above = {
        found
        for step in present
        for start in graph.predecessors(step)
        for found in networkx.ancestors(graph, start) | {start}
    }
    below = {
        found
        for step in present
        for start in graph.successors(step)
        for found in networkx.descendants(graph, start) | {start}
    }
    assert ancestors(parents, chosen) == above
    assert descendants(parents, chosen) == below


@given(graphs())
def test_children_are_the_edges_turned_round(parents):
    edges = {(parent, step) for step, above in parents.items() for parent in above if parent in parents}
    below = children(parents)
    assert {(parent, step) for parent, steps in below.items() for step in steps} == edges
    assert all(len(steps) == len(set(steps)) for steps in below.values())


@given(graphs(), st.sets(st.sampled_from(STEPS)))
def test_induced_keeps_the_edges_among_the_chosen(parents, chosen):
    part = induced(parents, chosen)
    assert list(part) == [step for step in parents if step in chosen]
    for step, above in part.items():
        assert above == [parent for parent in parents[step] if parent in chosen and parent in parents]


@given(graphs())
def test_cycles_are_found_exactly_where_networkx_finds_them(parents):
    acyclic = networkx.is_directed_acyclic_graph(as_networkx(parents))
    cycles = find_cycles(parents)
    assert (not cycles) == acyclic
    assert all(is_cycle(parents, cycle) for cycle in cycles)
    if acyclic:
        assert partial_order(parents) == (topological_order(parents), [])
    else:
        with pytest.raises(CycleError) as caught:
            topological_order(parents)
        assert is_cycle(parents, caught.value.cycle)


def test_every_knot_is_told_once():
    parents = {"a": ["b"], "b": ["a"], "c": ["c"], "d": ["a", "f"], "e": ["d"], "f": ["e"], "g": ["f"]}
    assert [set(cycle) for cycle in find_cycles(parents)] == [{"a", "b"}, {"c"}, {"d", "e", "f"}]


def test_a_long_chain_needs_no_stack():
    assert topological_order(CHAIN) == list(CHAIN)
    assert len(ancestors(CHAIN, ["s19999"])) == 19_999
    assert len(descendants(CHAIN, ["s0"])) == 19_999


def test_a_long_cycle_is_explained():
    ring = {**CHAIN, "s0": ["s19999"]}
    with pytest.raises(CycleError) as caught:
        topological_order(ring)
    assert len(caught.value.cycle) == 20_000
    assert len(find_cycles(ring)[0]) == 20_000
