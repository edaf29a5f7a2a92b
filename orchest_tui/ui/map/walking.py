"""Moving a cursor from step to step along the connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from orchest_tui.graph.drawing import Drawing
from orchest_tui.graph.order import children

Way = Literal["ahead", "back", "next", "previous"]


class Walk:
    """The ways from each step: ahead to a child, back to a parent, sideways within the layer.

    Who goes back the way he came, and ahead again, gets to where he was.

    Args:
        drawing: Where the steps stand.
        parents: The graph.
    """

    def __init__(self, drawing: Drawing, parents: Mapping[str, Sequence[str]]) -> None:
        self._drawing = drawing
        left_out = set(drawing.left_out)
        self._back: Mapping[str, Sequence[str]] = {
            step: [parent for parent in above if parent in parents and (parent, step) not in left_out]
            for step, above in parents.items()
        }
        self._ahead: Mapping[str, Sequence[str]] = children(self._back)
        self._last: dict[tuple[str, Way], str] = {}
        self._spots = {
            step: (layer, spot) for layer, band in enumerate(drawing.bands) for spot, step in enumerate(band.steps)
        }

    def go(self, step: str, way: Way) -> str:
        """Return the step that one comes to; the same one where there is no way."""
        if way in ("next", "previous"):
            layer, spot = self._spots[step]
            steps = self._drawing.bands[layer].steps
            return steps[min(max(spot + (1 if way == "next" else -1), 0), len(steps) - 1)]
        found = self._along(step, way)
        if found != step:
            self._last[step, way] = found
            self._last[found, "back" if way == "ahead" else "ahead"] = step
        return found

    def _along(self, step: str, way: Way) -> str:
        """Return the step at the other end of a connection: the one last taken, otherwise the nearest.

        One in the next layer is nearer than any beyond it.
        """
        others = (self._ahead if way == "ahead" else self._back)[step]
        last = self._last.get((step, way))
        if last is not None and last in others:
            return last
        return min(others, key=lambda other: self._distance(step, other), default=step)

    def _distance(self, one: str, other: str) -> tuple[int, int, int]:
        """Return a sort key: how many layers lie between, how far the boxes are along them, which comes first."""
        layer, spot = self._spots[other]
        (x0, y0), (x1, y1) = self._drawing.boxes[one].centre, self._drawing.boxes[other].centre
        along = abs(x1 - x0) if self._drawing.direction == "down" else abs(y1 - y0)
        return abs(layer - self._spots[one][0]), along, spot
