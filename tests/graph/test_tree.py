from hypothesis import given

from orchest_tui.graph.order import topological_order
from orchest_tui.graph.tree import TreeRow, project_tree
from tests.graph.strategies import dags, graphs
from tests.graph.test_order import CHAIN


@given(graphs())
def test_every_step_has_one_row_below_its_first_parent(parents):
    rows = project_tree(parents)
    assert sorted(row.step for row in rows) == sorted(parents)
    path = []
    for index, row in enumerate(rows):
        path = path[: row.depth]
        assert row.first_parent == (path[-1] if path else None)
        assert row.has_children == (index + 1 < len(rows) and rows[index + 1].depth > row.depth)
        path.append(row.step)


@given(graphs())
def test_all_parents_are_named(parents):
    for row in project_tree(parents):
        named = [*([row.first_parent] if row.first_parent else []), *row.further_parents]
        assert sorted(named) == sorted({parent for parent in parents[row.step] if parent in parents})


@given(dags())
def test_children_stand_below_the_first_parent_in_topological_order(parents):
    rows = project_tree(parents)
    order = topological_order(parents)
    for row in rows:
        present = [parent for parent in parents[row.step] if parent in parents]
        assert row.first_parent == (present[0] if present else None)
    for parent in [None, *parents]:
        below = [row for row in rows if row.first_parent == parent]
        assert [row.step for row in below] == [step for step in order if step in {row.step for row in below}]
        assert [row.last_child for row in below] == [False] * (len(below) - 1) + [True] * bool(below)


def test_a_diamond():
    parents = {"join": ["left", "right"], "left": ["root"], "right": ["root"], "root": []}
    assert project_tree(parents) == [
        TreeRow("root", 0, None, (), True, True),
        TreeRow("left", 1, "root", (), False, True),
        TreeRow("join", 2, "left", ("right",), True, False),
        TreeRow("right", 1, "root", (), True, False),
    ]


def test_a_long_chain_needs_no_stack():
    rows = project_tree(CHAIN)
    assert [row.depth for row in rows] == list(range(20_000))


def test_a_cycle_is_shown():
    rows = project_tree({"a": ["b"], "b": ["a"], "c": ["b"]})
    assert [(row.step, row.depth, row.further_parents) for row in rows] == [
        ("a", 0, ("b",)),
        ("b", 1, ()),
        ("c", 2, ()),
    ]
