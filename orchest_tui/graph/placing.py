"""Where the vertices of a layered graph stand along their layers.

They keep their order and their distances, and stand as straight below each other as that allows. Positions are whole
cells counted *along* a layer: columns where the layers are rows of boxes, rows where they are columns.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence

from orchest_tui.graph.layered import Layered

_SWEEPS = 6
_LINE_PULL = 4
"""How much stronger than a box a passing line is kept straight."""


def settle(wanted: Sequence[int], pulls: Sequence[int], offsets: Sequence[int]) -> list[int]:
    """Return positions close to ``wanted`` that keep their order and distances.

    The sum of ``pull * |position - wanted|`` is the least possible among all positions whose differences are at least
    those of ``offsets`` (isotonic regression by pooling adjacent violators, with medians).

    Args:
        wanted: Where each would like to be.
        pulls: How much each matters, 1 or more.
        offsets: Where each would be if all stood as close as they may.
    """
    blocks: list[tuple[list[int], int]] = []
    for want, pull, offset in zip(wanted, pulls, offsets, strict=True):
        block, count = [want - offset] * pull, 1
        while blocks and _median(blocks[-1][0]) >= _median(block):
            before, more = blocks.pop()
            block, count = _merged(before, block), count + more
        blocks.append((block, count))
    shifts = [_median(block) for block, count in blocks for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]


def _merged(large: list[int], small: list[int]) -> list[int]:
    """Return the sorted values of two sorted lists; the first one may be reused for it."""
    if len(small) > len(large):
        large, small = small, large
    if len(small) > _LINE_PULL:
        return sorted(large + small)
    for value in small:
        insort(large, value)
    return large


def _median(values: Sequence[int]) -> int:
    return values[len(values) // 2]


def place_vertices(graph: Layered, sizes: Sequence[int], gap: Callable[[bool, bool], int]) -> list[int]:
    """Return the first cell of every vertex along its layer; the smallest is 0.

    Args:
        graph: The layered graph.
        sizes: Cells that each vertex takes; a passing line takes one.
        gap: Free cells between two neighbours, told whether each of them is a passing line.
    """
    offsets = [_offsets(graph, layer, sizes, gap) for layer in graph.layers]
    places = [0] * len(graph.vertices)
    for layer, closest in zip(graph.layers, offsets, strict=True):
        for number, place in zip(layer, closest, strict=True):
            places[number] = place
    for sweep in range(_SWEEPS + 1):
        downwards = sweep % 2 == 0
        rows = list(zip(graph.layers, offsets, strict=True))
        for layer, closest in rows[1:] if downwards else rows[-2::-1]:
            neighbours = graph.above if downwards else graph.below
            wanted = [_below_neighbours(number, neighbours[number], places, sizes) for number in layer]
            pulls = [_pull(graph, number, neighbours[number]) for number in layer]
            for number, place in zip(layer, settle(wanted, pulls, closest), strict=True):
                places[number] = place
    first = min(places, default=0)
    return [place - first for place in places]


def _offsets(graph: Layered, layer: Sequence[int], sizes: Sequence[int], gap: Callable[[bool, bool], int]) -> list[int]:
    """Return where the vertices of a layer stand if they are packed."""
    offsets: list[int] = []
    place = 0
    for before, number in zip((None, *layer), layer, strict=False):
        if before is not None:
            place += sizes[before] + gap(graph.vertices[before].passing, graph.vertices[number].passing)
        offsets.append(place)
    return offsets


def _below_neighbours(number: int, neighbours: Sequence[int], places: Sequence[int], sizes: Sequence[int]) -> int:
    """Return the place at which a vertex's middle is that of its neighbours' middles."""
    if not neighbours:
        return places[number]
    middles = sorted(places[other] + sizes[other] // 2 for other in neighbours)
    half = len(middles) // 2
    middle = middles[half] if len(middles) % 2 else (middles[half - 1] + middles[half]) // 2
    return middle - sizes[number] // 2


def _pull(graph: Layered, number: int, neighbours: Sequence[int]) -> int:
    """Return how much it matters that a vertex stands below its neighbours."""
    if not neighbours:
        return 1
    return _LINE_PULL if graph.vertices[number].passing else 2
