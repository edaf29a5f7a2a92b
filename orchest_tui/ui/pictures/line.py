"""A line of a picture among lines of text."""

from __future__ import annotations

from rich.text import Text


class PictureLine(Text):
    """Cells of a picture; they scroll as text does, and are nothing to search or copy.

    Args:
        cells: The cells' characters.
    """

    def __init__(self, cells: str = "") -> None:
        super().__init__(cells, no_wrap=True, end="")
