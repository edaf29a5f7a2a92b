"""Small pictures of figures and images."""

from __future__ import annotations

import base64
import io
from typing import Any

_MAX_PNG = 18 * 1024
"""Bytes; a third more as base64."""

_WIDTHS = (480, 320, 200, 120)
"""Pixels, tried until the picture is small enough."""

_MAX_MARKS = 50_000
"""Points that a figure may have to be drawn again for its preview."""


def describe(value: Any) -> dict[str, Any]:
    """Return what a preview says of a matplotlib figure or a PIL image, ``png`` where it can be made small enough."""
    is_image = hasattr(value, "thumbnail")
    if is_image:
        width, height = value.size
        text = f"{value.mode} image of {width} x {height} pixels"
    else:
        inches = value.get_size_inches()
        axes = len(value.axes)
        text = f"figure of {inches[0]:g} x {inches[1]:g} inches, {axes} {'plot' if axes == 1 else 'plots'}"
    png = _smallest_image(value) if is_image else _smallest_figure(value)
    return {"text": text, "png": base64.b64encode(png).decode("ascii")} if png else {"text": text}


def _smallest_figure(figure: Any) -> bytes | None:
    """Return the largest picture of a figure that is small enough; None for a figure with too much in it."""
    if sum(_marks(axes) for axes in figure.axes) > _MAX_MARKS:
        return None
    inches = max(float(figure.get_size_inches()[0]), 0.1)
    for width in _WIDTHS:
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=min(width / inches, float(figure.dpi)))
        if stream.tell() <= _MAX_PNG:
            return stream.getvalue()
    return None


def _marks(axes: Any) -> int:
    """Return about how many points there are to draw."""
    lines = sum(len(line.get_xdata(orig=True)) for line in axes.lines)
    images = sum(len(image.get_array()) ** 2 // 100 for image in axes.images if image.get_array() is not None)
    return int(lines + images + len(axes.patches) + sum(_offsets(one) for one in axes.collections))


def _offsets(collection: Any) -> int:
    return max(len(collection.get_offsets()), sum(len(path.vertices) for path in collection.get_paths()[:1000]))


def _smallest_image(image: Any) -> bytes | None:
    """Return the largest thumbnail of an image that is small enough."""
    for width in _WIDTHS:
        small = image.copy()
        small.thumbnail((width, width))
        stream = io.BytesIO()
        small.convert("RGBA" if "A" in small.mode else "RGB").save(stream, format="PNG")
        if stream.tell() <= _MAX_PNG:
            return stream.getvalue()
    return None
