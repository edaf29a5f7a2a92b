"""The graph map's geometry: boxes for steps, lines for connections, and any part of it painted on a canvas.

The rule by which a drawing is read: a line leaves a step at the far side of its box and ends at a mark (``▼``, ``▶``)
on a box. At ``┼`` (ASCII ``+``) two lines cross and each goes straight on; at every other junction a line splits, and
each way is one of its own. So all lines that can be followed from a step belong to that step's connections, and every
connection can be followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from orchest_tui.graph.canvas import Area, Canvas
from orchest_tui.graph.channel import Line, points, route_channel
from orchest_tui.graph.layered import Layered, layered
from orchest_tui.graph.order import Parents
from orchest_tui.graph.placing import place_vertices, settle

Direction = Literal["down", "right"]
Point = tuple[int, int]

BOX_HEIGHT = 3


@dataclass(frozen=True, slots=True)
class _Style:
    """What differs between the two directions.

    ``along`` a layer things are counted in columns where layers are rows of boxes, in rows where they are columns;
    ``margin`` is the free depth between a box and the lanes, ``pin_pitch`` the distance of lines that reach a box,
    ``corner`` how far from its corners they stay where there is room.
    """

    along_gap: int
    line_gap: int
    pin_pitch: int
    corner: int
    margin: int
    mark: str


_STYLES: Mapping[Direction, _Style] = {
    "down": _Style(along_gap=2, line_gap=1, pin_pitch=2, corner=2, margin=0, mark="▼"),
    "right": _Style(along_gap=0, line_gap=0, pin_pitch=1, corner=0, margin=1, mark="▶"),
}


@dataclass(frozen=True, slots=True)
class Wire:
    """A piece of a step's line, between two layers."""

    step: str
    corners: tuple[Point, ...]
    area: Area


@dataclass(frozen=True, slots=True)
class Band:
    """One layer and the lines from there to the next.

    Attributes:
        steps: The layer's steps, in the order in which they stand.
        wires: The pieces of lines that leave it.
        marks: The cells on the borders of its boxes where connections end.
        area: A rectangle that holds all of it.
    """

    steps: tuple[str, ...]
    wires: tuple[Wire, ...]
    marks: tuple[Point, ...]
    area: Area


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn graph; places are (column, row) from the upper left.

    Attributes:
        direction: Where the connections lead to.
        area: All of it.
        boxes: Step → its box, border included.
        bands: The layers.
        left_out: Connections (parent, step) that close a cycle and are not drawn.
        routes: (parent, step) → the pieces of line that lead there: places of a band and of a wire in it.
    """

    direction: Direction
    area: Area
    boxes: Mapping[str, Area]
    bands: tuple[Band, ...]
    left_out: tuple[tuple[str, str], ...]
    routes: Mapping[tuple[str, str], tuple[tuple[int, int], ...]]

    def paint(self, area: Area | None = None) -> Canvas:
        """Return a canvas with the boxes' borders and the lines in ``area`` (by default all of it)."""
        shown = area or self.area
        canvas = Canvas(shown)
        for band in self.bands:
            if not band.area.meets(shown):
                continue
            for step in band.steps:
                if self.boxes[step].meets(shown):
                    canvas.box(step, self.boxes[step])
            for wire in band.wires:
                if wire.area.meets(shown):
                    for start, end in pairwise(wire.corners):
                        canvas.line(wire.step, start, end)
            for column, row in band.marks:
                canvas.mark(column, row, _STYLES[self.direction].mark)
        return canvas

    def route(self, parent: str, step: str) -> list[Point]:
        """Return every cell of a connection from the border of one box to that of the other; empty if left out."""
        cells: dict[Point, None] = {}
        for band, number in self.routes.get((parent, step), ()):
            corners = self.bands[band].wires[number].corners
            for start, end in pairwise(corners):
                cells.update(dict.fromkeys(_between(start, end)))
        return list(cells)

    def step_at(self, column: int, row: int) -> str | None:
        """Return the step whose box covers a cell."""
        return next((step for step, box in self.boxes.items() if box.contains(column, row)), None)


def _between(start: Point, end: Point) -> Iterator[Point]:
    """Return the cells of a level or upright line, both ends included."""
    (x0, y0), (x1, y1) = start, end
    steps = max(abs(x1 - x0), abs(y1 - y0))
    for number in range(steps + 1):
        yield x0 + (x1 > x0) * number - (x1 < x0) * number, y0 + (y1 > y0) * number - (y1 < y0) * number


def draw(parents: Parents, widths: Mapping[str, int], direction: Direction = "down") -> Drawing:
    """Return the graph drawn in layers.

    Args:
        parents: The graph; connections that close a cycle are left out and told.
        widths: Step → columns that its text needs inside of the box.
        direction: Where the connections lead to.
    """
    return _Draughtsman(layered(parents), widths, direction).drawing()


class _Draughtsman:
    """Turns a layered graph into places.

    It reckons in (along, deep): along the layers, and the way from one layer to the next.
    """

    def __init__(self, graph: Layered, widths: Mapping[str, int], direction: Direction) -> None:
        self._graph = graph
        self._direction = direction
        self._style = _STYLES[direction]
        self._sizes = [self._size(number, widths) for number in range(len(graph.vertices))]
        self._places = place_vertices(graph, [along for along, _ in self._sizes], self._gap)
        self._entries = self._entry_places()
        self._tops: list[int] = []
        self._wires: list[tuple[Wire, ...]] = []
        self._pieces: dict[tuple[int, int], tuple[int, int]] = {}
        self._route_layers()

    def _size(self, number: int, widths: Mapping[str, int]) -> tuple[int, int]:
        """Return how much room a vertex takes along and deep."""
        vertex = self._graph.vertices[number]
        if vertex.passing:
            return 1, 0
        pins = (len(self._graph.above[number]) - 1) * self._style.pin_pitch + 3
        width = widths[vertex.step] + 2
        if self._direction == "down":
            return max(width, pins), BOX_HEIGHT
        return max(BOX_HEIGHT, pins), width

    def _gap(self, one_passes: bool, other_passes: bool) -> int:
        return self._style.line_gap if one_passes or other_passes else self._style.along_gap

    def _exit(self, number: int) -> int:
        """Return the place along at which a vertex's line goes on."""
        return self._places[number] + self._sizes[number][0] // 2

    def _entry_places(self) -> dict[tuple[int, int], int]:
        """Return (vertex above, vertex) → the place along at which the line ends: straight below where it can be."""
        pitch = self._style.pin_pitch
        entries: dict[tuple[int, int], int] = {}
        for number, above in enumerate(self._graph.above):
            origins = sorted(above, key=self._exit)
            if self._graph.vertices[number].passing:
                entries[origins[0], number] = self._places[number]
                continue
            offsets = [pitch * spot for spot in range(len(origins))]
            wanted = settle([self._exit(origin) for origin in origins], [1] * len(origins), offsets)
            slack = self._sizes[number][0] - 2 - (offsets[-1] + 1 if offsets else 0)
            inset = 1 + min(self._style.corner, slack // 2)
            low = self._places[number] + inset
            high = low + slack - 2 * (inset - 1)
            for origin, place, offset in zip(origins, wanted, offsets, strict=True):
                entries[origin, number] = min(max(place - offset, low), high) + offset
        return entries

    def _route_layers(self) -> None:
        """Find the depth of every layer, and the lines between them."""
        top = 0
        for depth, layer in enumerate(self._graph.layers):
            self._tops.append(top)
            bottom = top + max(self._sizes[number][1] for number in layer)
            lines = {
                self._graph.vertices[number].step: Line(
                    self._exit(number), tuple(self._entries[number, other] for other in self._graph.below[number])
                )
                for number in layer
                if self._graph.below[number]
            }
            channel = route_channel(lines)
            top = bottom + max(1, channel.lanes) + 2 * self._style.margin
            wires: list[Wire] = []
            for number in layer:
                step = self._graph.vertices[number].step
                first = self._tops[depth] + max(self._sizes[number][1] - 1, 0)
                for other in self._graph.below[number]:
                    path = channel.paths[step, self._entries[number, other]]
                    corners = points(self._exit(number), path, bottom + self._style.margin, first, top)
                    self._pieces[number, other] = (depth, len(wires))
                    wires.append(self._wire(step, corners))
            self._wires.append(tuple(wires))

    def _wire(self, step: str, corners: Sequence[Point]) -> Wire:
        turned = tuple(self._turned(along, deep) for along, deep in corners)
        columns = [column for column, _ in turned]
        rows = [row for _, row in turned]
        left, top = min(columns), min(rows)
        return Wire(step, turned, Area(left, top, max(columns) - left + 1, max(rows) - top + 1))

    def _turned(self, along: int, deep: int) -> Point:
        return (along, deep) if self._direction == "down" else (deep, along)

    def drawing(self) -> Drawing:
        """Return the finished drawing."""
        graph = self._graph
        boxes: dict[str, Area] = {}
        routes: dict[tuple[str, str], tuple[tuple[int, int], ...]] = {}
        for number, vertex in enumerate(graph.vertices):
            if vertex.passing:
                continue
            corner = self._turned(self._places[number], self._tops[vertex.layer])
            boxes[vertex.step] = Area(*corner, *self._turned(*self._sizes[number]))
            for origin in graph.above[number]:
                routes[graph.vertices[origin].step, vertex.step] = self._pieces_to(number, origin)
        bands = tuple(self._band(layer, boxes) for layer in range(len(graph.layers)))
        return Drawing(self._direction, _around([band.area for band in bands]), boxes, bands, graph.left_out, routes)

    def _band(self, layer: int, boxes: Mapping[str, Area]) -> Band:
        steps = [number for number in self._graph.layers[layer] if not self._graph.vertices[number].passing]
        names = tuple(self._graph.vertices[number].step for number in steps)
        marks = tuple(
            self._turned(self._entries[origin, number], self._tops[layer])
            for number in steps
            for origin in self._graph.above[number]
        )
        areas = [boxes[step] for step in names] + [wire.area for wire in self._wires[layer]]
        return Band(names, self._wires[layer], marks, _around(areas))

    def _pieces_to(self, number: int, origin: int) -> tuple[tuple[int, int], ...]:
        """Return the pieces of the line that reaches vertex ``number`` from ``origin``, from its step on."""
        pieces = [self._pieces[origin, number]]
        while self._graph.vertices[origin].passing:
            origin, number = self._graph.above[origin][0], origin
            pieces.append(self._pieces[origin, number])
        return tuple(reversed(pieces))


def _around(areas: Sequence[Area]) -> Area:
    """Return the smallest rectangle that holds all areas."""
    right = max((area.right for area in areas), default=-1)
    bottom = max((area.bottom for area in areas), default=-1)
    left = min((area.left for area in areas), default=0)
    top = min((area.top for area in areas), default=0)
    return Area(left, top, right + 1 - left, bottom + 1 - top)
