"""A graph as a tree: what a list with indentation shows of it."""

from __future__ import annotations

from dataclasses import dataclass

from orchest_tui.graph.order import Parents, partial_order


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One row of the tree.

    Attributes:
        step: The step.
        depth: 0 for a root.
        first_parent: The step under which it stands, None for a root.
        further_parents: Its other parents, in connection order; they are named on the row.
        last_child: Whether no other step follows under the same parent.
        has_children: Whether rows follow under it.
    """

    step: str
    depth: int
    first_parent: str | None
    further_parents: tuple[str, ...]
    last_child: bool
    has_children: bool


def project_tree(parents: Parents) -> list[TreeRow]:
    """Return every step once, below its first parent, siblings in topological order.

    A broken pipeline has to be shown as well: steps in or below a cycle come after the others, in the order of
    ``parents``, and a parent that would close the cycle is a further one.
    """
    order, stuck = partial_order(parents)
    placed: set[str] = set()
    first: dict[str, str | None] = {}
    under: dict[str | None, list[str]] = {None: []}
    for step in (*order, *stuck):
        first[step] = next((parent for parent in parents[step] if parent in placed), None)
        under.setdefault(first[step], []).append(step)
        placed.add(step)

    rows: list[TreeRow] = []
    waiting = [(step, 0) for step in reversed(under[None])]
    while waiting:
        step, depth = waiting.pop()
        parent = first[step]
        rows.append(
            TreeRow(
                step=step,
                depth=depth,
                first_parent=parent,
                further_parents=tuple(p for p in dict.fromkeys(parents[step]) if p in parents and p != parent),
                last_child=under[parent][-1] == step,
                has_children=step in under,
            )
        )
        waiting.extend((child, depth + 1) for child in reversed(under.get(step, ())))
    return rows
