"""Order and reachability in a graph given as ``parents``: step → its parents in connection order.

Parents that are no keys of the mapping are ignored, so any part of a pipeline is a graph too. Everything is iterative
(a chain may be longer than Python's stack) and takes time in proportion to steps and connections.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from orchest_tui.errors import OrchestTuiError

LONGEST_SHOWN = 8
"""Steps of a cycle that are named in a message."""

Parents = Mapping[str, Sequence[str]]


class CycleError(OrchestTuiError):
    """The graph has a cycle, so there is no order.

    Args:
        cycle: The steps of one cycle, each a parent of the next and the last one of the first.
    """

    def __init__(self, cycle: Sequence[str]) -> None:
        self.cycle = tuple(cycle)
        super().__init__(
            f"The steps {describe_cycle(self.cycle)} form a cycle.",
            "Take out one of these connections.",
        )


def describe_cycle(names: Sequence[str]) -> str:
    """Return a cycle in words that fit a line: the names in order, the first one again, the middle of many left out."""
    shown = names if len(names) <= LONGEST_SHOWN else (*names[: LONGEST_SHOWN - 1], "…", names[-1])
    return " → ".join((*shown, names[0]))


def children(parents: Parents) -> dict[str, list[str]]:
    """Return step → its children, in the order of ``parents``; each once."""
    found: dict[str, list[str]] = {step: [] for step in parents}
    for step, above in parents.items():
        for parent in dict.fromkeys(above):
            if parent in found:
                found[parent].append(step)
    return found


def induced(parents: Parents, chosen: Collection[str]) -> dict[str, list[str]]:
    """Return the subgraph of the ``chosen`` steps, in the order of ``parents``."""
    kept = set(chosen)
    return {
        step: [parent for parent in above if parent in kept and parent in parents]
        for step, above in parents.items()
        if step in kept
    }


def topological_order(parents: Parents) -> list[str]:
    """Return the steps so that each stands after its parents; the order of ``parents`` decides among ready ones.

    Raises:
        CycleError: There is a cycle.
    """
    order, stuck = partial_order(parents)
    if stuck:
        raise CycleError(_some_cycle(induced(parents, stuck)))
    return order


def partial_order(parents: Parents) -> tuple[list[str], list[str]]:
    """Return what can be ordered, and the steps in or below a cycle, which can't, in the order of ``parents``."""
    names = list(parents)
    place = {step: index for index, step in enumerate(names)}
    below = children(parents)
    waiting = {step: len({parent for parent in above if parent in place}) for step, above in parents.items()}
    ready = [place[step] for step, count in waiting.items() if not count]
    heapify(ready)
    order: list[str] = []
    while ready:
        step = names[heappop(ready)]
        order.append(step)
        for child in below[step]:
            waiting[child] -= 1
            if not waiting[child]:
                heappush(ready, place[child])
    return order, [step for step, count in waiting.items() if count]


def ancestors(parents: Parents, of: Iterable[str]) -> set[str]:
    """Return every step from which one of ``of`` can be reached; a step of ``of`` only where it can reach one too."""
    return _reachable(parents, of)


def descendants(parents: Parents, of: Iterable[str]) -> set[str]:
    """Return every step that can be reached from one of ``of``; a step of ``of`` only where it can be reached too."""
    return _reachable(children(parents), of)


def find_cycles(parents: Parents) -> list[list[str]]:
    """Return one cycle for each knot of steps that can all reach each other; each step is a parent of the next.

    There may be exponentially many cycles; one for each knot is what a person can mend, and mending shows the next.
    """
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(parents)
    graph.add_edges_from((parent, step) for step, above in parents.items() for parent in above if parent in parents)
    place = {step: index for index, step in enumerate(parents)}
    cycles = []
    for knot in networkx.strongly_connected_components(graph):
        start = min(knot, key=place.__getitem__)
        if len(knot) > 1 or graph.has_edge(start, start):
            edges = networkx.find_cycle(graph.subgraph(knot), start)
            cycles.append([step for step, _ in edges])
    return sorted(cycles, key=lambda cycle: min(place[step] for step in cycle))


def _reachable(neighbours: Parents, start: Iterable[str]) -> set[str]:
    """Return what can be reached from ``start`` in one step or more."""
    seen: set[str] = set()
    queue = deque(step for step in start if step in neighbours)
    while queue:
        for neighbour in neighbours[queue.popleft()]:
            if neighbour in neighbours and neighbour not in seen:
                seen.add(neighbour)
                queue.append(neighbour)
    return seen


def _some_cycle(stuck: Parents) -> list[str]:
    """Return one cycle of a graph in which every step has a parent."""
    seen: dict[str, int] = {}
    path: list[str] = []
    step = next(iter(stuck))
    while step not in seen:
        seen[step] = len(path)
        path.append(step)
        step = stuck[step][0]
    return path[seen[step] :][::-1]
