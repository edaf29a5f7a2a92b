"""Reading a drawing as a person does: by its characters alone, and the rule that drawing.py states."""

from __future__ import annotations

from collections.abc import Mapping

from orchest_tui.graph.canvas import EAST, LINES, NORTH, SOUTH, WEST, Area
from orchest_tui.graph.drawing import Drawing

MOVES = {NORTH: (0, -1), EAST: (1, 0), SOUTH: (0, 1), WEST: (-1, 0)}
OPPOSITE = {NORTH: SOUTH, EAST: WEST, SOUTH: NORTH, WEST: EAST}
CROSSING = "┼"


class Reader:
    """The characters of a drawing, and where its boxes are."""

    def __init__(self, drawing: Drawing) -> None:
        self.rows = drawing.paint().rows()
        self.boxes: Mapping[str, Area] = drawing.boxes
        self.down = drawing.direction == "down"
        self.inside = {
            (column, row): step
            for step, box in drawing.boxes.items()
            for column in range(box.left, box.right + 1)
            for row in range(box.top, box.bottom + 1)
        }
        self.walked: set[tuple[int, int]] = set()

    def exits(self, step: str) -> list[tuple[int, int]]:
        """Cells of a box's far border at which a line leaves."""
        box = self.boxes[step]
        if self.down:
            return [(x, box.bottom) for x in range(box.left, box.right + 1) if self.rows[box.bottom][x] == "┬"]
        return [(box.right, y) for y in range(box.top, box.bottom + 1) if self.rows[y][box.right] == "├"]

    def reached_from(self, step: str) -> list[str]:
        """Steps at whose boxes one can arrive; one that can be reached at two marks stands there twice."""
        heading = SOUTH if self.down else EAST
        waiting = [(*cell, heading) for cell in self.exits(step)]
        seen = set(waiting)
        arrived = []
        while waiting:
            x, y, heading = waiting.pop()
            dx, dy = MOVES[heading]
            x, y = x + dx, y + dy
            glyph = self.rows[y][x]
            if (x, y) in self.inside:
                assert glyph == ("▼" if self.down else "▶"), f"a line runs into a box at {x}, {y}"
                assert heading == (SOUTH if self.down else EAST)
                arrived.append(self.inside[x, y])
                continue
            self.walked.add((x, y))
            sides = LINES.index(glyph)
            assert sides & OPPOSITE[heading], f"a line ends at {x}, {y}"
            ways = [heading] if glyph == CROSSING else [side for side in MOVES if sides & side & ~OPPOSITE[heading]]
            assert ways, f"a line ends at {x}, {y}"
            for way in ways:
                if (x, y, way) not in seen:
                    seen.add((x, y, way))
                    waiting.append((x, y, way))
        return sorted(arrived)

    def stray_cells(self) -> list[tuple[int, int]]:
        """Cells outside of boxes that show something and were never walked."""
        return [
            (x, y)
            for y, row in enumerate(self.rows)
            for x, glyph in enumerate(row)
            if glyph != " " and (x, y) not in self.inside and (x, y) not in self.walked
        ]
