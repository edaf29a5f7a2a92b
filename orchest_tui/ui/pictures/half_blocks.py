"""A picture in characters: coloured half blocks, two pixels in one cell, or grey steps where there are no colours."""

from __future__ import annotations

from itertools import accumulate, pairwise

from rich.color import Color
from rich.style import Style

from orchest_tui.ui.pictures.line import PictureLine
from orchest_tui.ui.pictures.png import Picture

_RAMP = " .:-=+*#%@"
"""From white to black: what is printed dark on white paper is dense, whatever the terminal's own ground."""

_STEPS = "".join(_RAMP[round((len(_RAMP) - 1) * (1 - grey / 255) ** 0.6)] for grey in range(256))
"""A character for each grey; light ones are spread, since a thin line covers little of its cell."""


def half_blocks(picture: Picture, columns: int, rows: int) -> list[PictureLine]:
    """Return the picture in at most ``columns`` by ``rows`` cells, its proportions kept."""
    width, height = _fitting(picture, columns, rows)
    small = shrunk(picture, width, height)
    lines = []
    for upper, lower in zip(small.rows[::2], small.rows[1::2], strict=True):
        line = PictureLine()
        for x in range(0, 3 * width, 3):
            above, below = Color.from_rgb(*upper[x : x + 3]), Color.from_rgb(*lower[x : x + 3])
            line.append("▀", Style(color=above, bgcolor=below))
        lines.append(line)
    return lines


def grey_steps(picture: Picture, columns: int, rows: int) -> list[PictureLine]:
    """Return the picture in at most ``columns`` by ``rows`` cells of ASCII, the denser the darker."""
    width, height = _fitting(picture, columns, rows)
    small = shrunk(picture, width, height // 2)
    lines = []
    for row in small.rows:
        greys = ((299 * row[x] + 587 * row[x + 1] + 114 * row[x + 2]) // 1000 for x in range(0, 3 * width, 3))
        lines.append(PictureLine("".join(_STEPS[grey] for grey in greys)))
    return lines


def _fitting(picture: Picture, columns: int, rows: int) -> tuple[int, int]:
    """Return width and height in half cells, the height an even number."""
    scale = min(columns / picture.width, 2 * rows / picture.height, 1.0)
    return max(1, int(picture.width * scale)), max(2, int(picture.height * scale) // 2 * 2)


def shrunk(picture: Picture, width: int, height: int) -> Picture:
    """Return the picture in other dimensions; each new pixel is the mean of the old ones that it covers."""
    columns = _stretches(picture.width, width)
    rows = (_mean_row(picture.rows[top:bottom], columns) for top, bottom in _stretches(picture.height, height))
    return Picture(width, height, tuple(rows))


def _stretches(length: int, parts: int) -> list[tuple[int, int]]:
    """Return start and end of each of ``parts`` stretches of a length; none is empty."""
    edges = [part * length // parts for part in range(parts + 1)]
    return [(start, max(end, start + 1)) for start, end in pairwise(edges)]


def _mean_row(rows: tuple[bytes, ...], columns: list[tuple[int, int]]) -> bytes:
    """Return one row of pixels: the mean of some rows in each stretch of columns."""
    mean = bytearray(3 * len(columns))
    for at in range(3):
        # Running sums: a stretch of pixels costs one subtraction, however long it is.
        sums = [list(accumulate(row[at::3], initial=0)) for row in rows]
        mean[at::3] = bytes(
            sum(row[end] - row[start] for row in sums) // ((end - start) * len(rows)) for start, end in columns
        )
    return bytes(mean)
