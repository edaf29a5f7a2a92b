"""Small pictures of figures and images."""

from __future__ import annotations

import base64
import io
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_PNG = 18 * 1024
"""Bytes; a third more as base64."""

_WIDTH = 480
"""Pixels that a picture has at most."""

_TRIES = 3
_MAX_MARKS = 50_000
"""Points that a figure may have to be drawn again for its preview."""


def describe(value: Any) -> dict[str, Any]:
    """Return what a preview says of a matplotlib figure or a PIL image, ``png`` where it can be made small enough.

    A figure takes as long as matplotlib takes to draw it; one with very much in it is not drawn.
    """
    if hasattr(value, "thumbnail"):
        width, height = value.size
        text = f"{value.mode} image of {width} x {height} pixels"
        png = _fitting(lambda pixels: _scaled(value, pixels), width)
    else:
        inches = value.get_size_inches()
        count = len(value.axes)
        text = f"figure of {inches[0]:g} x {inches[1]:g} inches, {count} {'plot' if count == 1 else 'plots'}"
        png = None
        if sum(_marks(axes) for axes in value.axes) <= _MAX_MARKS:
            png = _fitting(lambda pixels: _drawn(value, pixels), inches[0] * value.dpi)
    return {"text": text, "png": base64.b64encode(png).decode("ascii")} if png else {"text": text}


def _fitting(render: Callable[[int], bytes], natural_width: float) -> bytes | None:
    """Return a picture that is small enough, None where a few tries don't find one.

    Args:
        render: Makes a PNG of a width in pixels.
        natural_width: The width beyond which there is nothing more to see.
    """
    width = max(1, int(min(_WIDTH, natural_width)))
    for _ in range(_TRIES):
        png = render(width)
        if len(png) <= _MAX_PNG:
            return png
        width = max(1, int(width * 0.9 * (_MAX_PNG / len(png)) ** 0.5))
    return None


def _drawn(figure: Any, pixels: int) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=pixels / figure.get_size_inches()[0])
    return stream.getvalue()


def _scaled(image: Any, pixels: int) -> bytes:
    small = image.copy()
    small.thumbnail((pixels, pixels))
    stream = io.BytesIO()
    small.convert("RGBA" if "A" in small.mode else "RGB").save(stream, format="PNG")
    return stream.getvalue()


def _marks(axes: Any) -> int:
    """Return about how many points there are to draw."""
    lines = sum(len(line.get_xdata(orig=True)) for line in axes.lines)
    pixels = sum(image.get_array().size // 100 for image in axes.images if image.get_array() is not None)
    return int(lines + pixels + len(axes.patches) + sum(_points(collection) for collection in axes.collections))


def _points(collection: Any) -> int:
    vertices = sum(len(path.vertices) for path in collection.get_paths()[:1000])
    return max(len(collection.get_offsets()), vertices)
