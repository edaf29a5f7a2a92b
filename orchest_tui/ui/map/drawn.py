"""The drawn map: line art from the graph's canvas, with the texts and colours of the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from orchest_tui.graph.canvas import Area
from orchest_tui.graph.drawing import Direction, Drawing
from orchest_tui.ui.map.labels import border_note, box_text
from orchest_tui.ui.map.scene import Palette, Scene, Towards
from orchest_tui.ui.map.walking import Walk, Way

_WAYS: Mapping[Direction, Mapping[Towards, Way]] = {
    "down": {"down": "ahead", "up": "back", "left": "previous", "right": "next"},
    "right": {"right": "ahead", "left": "back", "up": "previous", "down": "next"},
}


class DrawnView:
    """A drawing to look at through a screen, and to walk about in.

    Args:
        drawing: The drawing.
        parents: The graph.
    """

    def __init__(self, drawing: Drawing, parents: Mapping[str, Sequence[str]]) -> None:
        self._drawing = drawing
        self._walk = Walk(drawing, parents)
        self._page: _Page | None = None
        self._near: tuple[str, frozenset[tuple[int, int]]] = ("", frozenset())

    @property
    def size(self) -> tuple[int, int]:
        """The drawing's."""
        return self._drawing.area.width, self._drawing.area.height

    def region(self, step: str) -> Area:
        """Return the step's box."""
        return self._drawing.boxes[step]

    def step_at(self, column: int, row: int) -> str | None:
        """Return the step whose box covers a cell."""
        return self._drawing.step_at(column, row)

    def go(self, step: str, towards: Towards) -> str:
        """Go along a connection where they lead that way, sideways to the neighbour."""
        return self._walk.go(step, _WAYS[self._drawing.direction][towards])

    def row(self, row: int, area: Area, scene: Scene, palette: Palette) -> Strip:
        """Return what ``area`` shows of a row."""
        page = self._page
        if page is None or page.area != area or page.unicode != scene.unicode:
            page = self._page = _Page(self._drawing, area, unicode=scene.unicode)
        return page.row(row, scene, palette, self._lines_near(scene.cursor))

    def _lines_near(self, cursor: str) -> frozenset[tuple[int, int]]:
        """Return the cells of the lines to and from the step under the cursor."""
        if self._near[0] != cursor:
            connections = [connection for connection in self._drawing.routes if cursor in connection]
            cells = frozenset(cell for connection in connections for cell in self._drawing.route(*connection))
            self._near = cursor, cells
        return self._near[1]


class _Page:
    """The part of a drawing that is in sight, its line art painted once.

    Boxes that lie across its edge are painted whole and cut afterwards, since wide characters can't be cut by cells.
    """

    def __init__(self, drawing: Drawing, area: Area, *, unicode: bool) -> None:
        self.area = area
        self.unicode = unicode
        boxes = [(drawing.boxes[step], step) for band in drawing.bands for step in band.steps]
        self._boxes = sorted(
            ((box, step) for box, step in boxes if box.meets(area)), key=lambda each: (each[0].left, each[0].top)
        )
        self._left = min([area.left, *(box.left for box, _ in self._boxes)])
        self._right = max([area.right, *(box.right for box, _ in self._boxes)])
        painted = drawing.paint(Area(self._left, area.top, self._right - self._left + 1, area.height))
        self._rows = painted.rows(ascii_only=not unicode)

    def row(self, row: int, scene: Scene, palette: Palette, near: frozenset[tuple[int, int]]) -> Strip:
        """Return a row; ``near`` are the cells of lines to bring out."""
        glyphs = self._rows[row - self.area.top]
        segments: list[Segment] = []
        place = self._left

        def line_style(column: int) -> Style:
            if glyphs[column - self._left] == " ":
                return palette.text
            return palette.near if (column, row) in near else palette.line

        def add_lines(end: int) -> None:
            for style, columns in groupby(range(place, end), key=line_style):
                segments.append(Segment("".join(glyphs[column - self._left] for column in columns), style))

        for box, step in self._boxes:
            if box.top <= row <= box.bottom:
                add_lines(box.left)
                border = glyphs[box.left - self._left : box.right + 1 - self._left]
                if row == box.centre[1]:
                    segments += _middle_row(step, border, scene, palette)
                else:
                    segments += _other_row(step, border, scene, palette, last=row == box.bottom)
                place = box.right + 1
        add_lines(self._right + 1)
        start = self.area.left - self._left
        return Strip(segments, len(glyphs)).crop(start, start + self.area.width)


def _middle_row(step: str, border: str, scene: Scene, palette: Palette) -> list[Segment]:
    """Return the row of a box with its state and title; of ``border`` the first and the last cell count."""
    state = palette.states[scene.look(step).name]
    sign = scene.sign(step)
    text = box_text(sign, scene.titles[step], len(border) - 2, unicode=scene.unicode)
    cut = len(sign) + 2
    cursor = step == scene.cursor
    return [
        Segment(border[0], state),
        Segment(text[:cut], palette.cursor if cursor else state),
        Segment(text[cut:], palette.cursor if cursor else palette.text),
        Segment(border[-1], state),
    ]


def _other_row(step: str, border: str, scene: Scene, palette: Palette, *, last: bool) -> list[Segment]:
    """Return another row of a box; the last one tells how far the step is."""
    state = palette.states[scene.look(step).name]
    if border[1:-1].isspace():
        inside = palette.cursor if step == scene.cursor else palette.text
        return [Segment(border[0], state), Segment(border[1:-1], inside), Segment(border[-1], state)]
    note = border_note(scene.steps.get(step)) if last else ""
    return [Segment(border[:1] + note + border[1 + len(note) :], state)]
