"""A graph in layers, as Sugiyama, Tagawa and Toda (1981) draw it: every connection leads to a later layer.

A step's layer is the length of the longest path to it. Where a connection skips layers, the step's line *passes* them:
such a vertex is shared by all connections of one step, so that a line splits as late as it can. The order in each
layer is chosen by barycentre sweeps.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from orchest_tui.graph.order import Parents, children, partial_order

Adjacency = Sequence[Sequence[int]]

_MOST_SWEEPS = 16
_SWEEP_WORK = 60_000
"""Vertices and connections that all sweeps together may look at, so that large graphs take no longer than a moment."""

_SMALL = 600
"""Vertices and connections up to which every start is tried."""


class _Start(NamedTuple):
    """How a search for an order begins: with the children mirrored or not, and with which sweep."""

    mirrored: bool
    upwards: bool


_STARTS = tuple(_Start(mirrored, upwards) for upwards in (False, True) for mirrored in (False, True))


@dataclass(frozen=True, slots=True)
class Vertex:
    """One place in a layer: a step, or the line of ``step`` on its way past this layer."""

    step: str
    layer: int
    passing: bool


@dataclass(frozen=True, slots=True)
class Layered:
    """A graph in layers. Vertices are named by their index in ``vertices``.

    Attributes:
        vertices: All vertices; the first ones are the steps, in topological order.
        layers: The vertices of each layer from left to right.
        above: For each vertex, those in the layer before that lead to it.
        below: For each vertex, those in the next layer that it leads to.
        left_out: Connections (parent, step) that would close a cycle, which no drawing in layers can show.
    """

    vertices: Sequence[Vertex]
    layers: Sequence[Sequence[int]]
    above: Sequence[Sequence[int]]
    below: Sequence[Sequence[int]]
    left_out: tuple[tuple[str, str], ...]


def layered(parents: Parents) -> Layered:
    """Return the steps in layers, ordered so that few connections cross; the same graph always gives the same."""
    acyclic, left_out = _without_cycles(parents)
    vertices, above, below = _vertices(acyclic)
    return Layered(vertices, _ordered(vertices, above, below), above, below, left_out)


def _without_cycles(parents: Parents) -> tuple[dict[str, list[str]], tuple[tuple[str, str], ...]]:
    """Return the graph in topological order without the connections that close a cycle, and those."""
    order, stuck = partial_order(parents)
    placed: set[str] = set()
    kept: dict[str, list[str]] = {}
    left_out = []
    for step in (*order, *stuck):
        known = [parent for parent in dict.fromkeys(parents[step]) if parent in parents]
        kept[step] = [parent for parent in known if parent in placed]
        left_out += [(parent, step) for parent in known if parent not in placed]
        placed.add(step)
    return kept, tuple(left_out)


def _vertices(acyclic: Mapping[str, Sequence[str]]) -> tuple[list[Vertex], list[list[int]], list[list[int]]]:
    """Return all vertices, and for each those above and below it."""
    layer: dict[str, int] = {}
    for step, up in acyclic.items():
        layer[step] = 1 + max((layer[parent] for parent in up), default=-1)
    vertices = [Vertex(step, layer[step], passing=False) for step in acyclic]
    index = {step: number for number, step in enumerate(acyclic)}
    above: list[list[int]] = [[] for _ in vertices]
    below: list[list[int]] = [[] for _ in vertices]
    for step, targets in children(acyclic).items():
        last = max((layer[target] for target in targets), default=0)
        line = {layer[step]: index[step]}
        for passed in range(layer[step] + 1, last):
            line[passed] = len(vertices)
            vertices.append(Vertex(step, passed, passing=True))
            above.append([line[passed - 1]])
            below.append([])
            below[line[passed - 1]].append(line[passed])
        for target in targets:
            origin = line[layer[target] - 1]
            above[index[target]].append(origin)
            below[origin].append(index[target])
    return vertices, above, below


def _ordered(vertices: Sequence[Vertex], above: Adjacency, below: Adjacency) -> list[list[int]]:
    """Return the layers in the order with the fewest crossings that sweeps from several starts find."""
    size = len(vertices) + sum(map(len, above))
    sweeps = min(_MOST_SWEEPS, max(1, _SWEEP_WORK // max(size, 1)))
    best: list[list[int]] = []
    fewest: int | None = None
    for start in _STARTS if size < _SMALL else _STARTS[:1]:
        layers = _first_order(vertices, below, mirrored=start.mirrored)
        for crossings in _sweep(layers, above, below, sweeps, upwards=start.upwards):
            if fewest is None or crossings < fewest:
                fewest = crossings
                best = [list(layer) for layer in layers]
            if not fewest:
                return best
    return best


def _first_order(vertices: Sequence[Vertex], below: Adjacency, *, mirrored: bool) -> list[list[int]]:
    """Return the layers in the order of a walk down the graph: what belongs together starts side by side."""
    layers: list[list[int]] = [[] for _ in range(1 + max((vertex.layer for vertex in vertices), default=-1))]
    seen = [False] * len(vertices)
    waiting = [number for number, vertex in enumerate(vertices) if vertex.layer == 0][::-1]
    while waiting:
        number = waiting.pop()
        if not seen[number]:
            seen[number] = True
            layers[vertices[number].layer].append(number)
            waiting.extend(below[number] if mirrored else reversed(below[number]))
    return layers


def _sweep(layers: list[list[int]], above: Adjacency, below: Adjacency, sweeps: int, *, upwards: bool) -> Iterator[int]:
    """Reorder ``layers`` in place, sweep by sweep; yield the number of crossings at the start and after each sweep."""
    place = {number: spot for layer in layers for spot, number in enumerate(layer)}
    yield _crossings(layers, below, place)
    for sweep in range(sweeps):
        down = (sweep % 2 == 0) != upwards
        for layer in layers[1:] if down else layers[-2::-1]:
            if sweep % 4 >= 2:
                layer.reverse()  # equals change places: which of them comes first decides about other layers
            _sort_by_barycentre(layer, above if down else below, place)
        yield _crossings(layers, below, place)


def _sort_by_barycentre(layer: list[int], neighbours: Adjacency, place: dict[int, int]) -> None:
    """Sort a layer by the mean place of each vertex's neighbours; one without any keeps its own."""
    centre = {
        number: sum(place[other] for other in neighbours[number]) / len(neighbours[number])
        if neighbours[number]
        else place[number]
        for number in layer
    }
    layer.sort(key=centre.__getitem__)
    place.update((number, spot) for spot, number in enumerate(layer))


def _crossings(layers: Adjacency, below: Adjacency, place: Mapping[int, int]) -> int:
    """Return how many pairs of connections cross."""
    total = 0
    for layer in layers:
        seen: list[int] = []
        for number in layer:
            ends = sorted(place[other] for other in below[number])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total
