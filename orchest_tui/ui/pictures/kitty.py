"""The graphics protocol of kitty and Ghostty, by Unicode placeholders.

The terminal is sent the PNG once, with a virtual placement; wherever a cell has U+10EEEE with marks for row and column
and the picture's number as its colour, that part of the picture is shown. So a picture is text that scrolls, is cut and
is covered as text is. Everything is sent with ``q=2``: the terminal answers nothing, so nothing can be taken for keys.
(https://sw.kovidgoyal.net/kitty/graphics-protocol/)
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style

from orchest_tui.ui.pictures.line import PictureLine

if TYPE_CHECKING:
    from rich.console import Console

PLACEHOLDER = "\U0010eeee"
CHUNK = 4096
"""Characters of base64 in one escape sequence, the most that the protocol allows."""

_MARKS = """
    305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 59c-5a1 5a8-5a9 5ab-5ac 5af
    5c4 610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 6eb-6ec 730 732-733 735-736 73a 73d 73f-741 743 745 747
    749-74a 7eb-7f1 7f3 816-819 81b-823 825-827 829-82d 951 953-954 f82-f83 f86-f87 135d-135f 17dd 193a 1a17 1a75-1a7c
    1b6b 1b6d-1b73 1cd0-1cd2 1cda-1cdb 1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc 1dd1-1de6 1dfe 20d0-20d1 20d4-20d7 20db-20dc
    20e1 20e7 20e9 20f0 2cef-2cf1 2de0-2dff a66f a67c-a67d a6f0-a6f1 a8e0-a8f1 aab0 aab2-aab3 aab7-aab8 aabe-aabf aac1
    fe20-fe26 10a0f 10a38 1d185-1d189 1d1aa-1d1ad 1d242-1d244
"""
"""The protocol's marks in order, as ranges of code points."""


def _expanded(ranges: str) -> Iterator[str]:
    for each in ranges.split():
        first, _, last = each.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


MARKS = tuple(_expanded(_MARKS))
"""The mark that stands for a row or column, from 0; a picture has at most so many of each."""

COLOURS = tuple(
    Color.from_rgb(red, green, blue)
    for red in (0, 95, 135, 175, 215, 255)
    for green in (0, 95, 135, 175, 215, 255)
    for blue in (95, 135, 175, 215, 255)
    if not red == green == blue
)
"""Colours whose values stay what they are wherever there are at least 256: each is a number of a picture."""


@dataclass(slots=True)
class Placement:
    """A picture, and the cells that it is to be shown in.

    Attributes:
        png: The file.
        colour: One of ``COLOURS``, by which its cells name it.
        columns: Cells from side to side.
        rows: Cells from top to bottom.
        number: Under which number the terminal has it; None while it has not.
    """

    png: bytes
    colour: Color
    columns: int
    rows: int
    number: int | None = None


def picture_number(colour: Color, system: str | None) -> int | None:
    """Return the number that a cell of this colour names, None where the terminal has too few colours.

    Args:
        colour: One of ``COLOURS``.
        system: Rich's name of the terminal's colours: ``truecolor``, ``256`` or another.
    """
    if system == "truecolor":
        red, green, blue = colour.get_truecolor()
        return red << 16 | green << 8 | blue
    return colour.downgrade(ColorSystem.EIGHT_BIT).number if system == "256" else None


def transmission(placement: Placement) -> str:
    """Return what sends a picture to the terminal and makes a virtual placement of it."""
    data = base64.standard_b64encode(placement.png).decode("ascii")
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)] or [""]
    control = f"a=T,U=1,f=100,q=2,i={placement.number},c={placement.columns},r={placement.rows},"
    parts = []
    for place, chunk in enumerate(chunks, 1):
        parts.append(f"\x1b_G{control}m={int(place < len(chunks))};{chunk}\x1b\\")
        control = "q=2,"
    return "".join(parts)


def deletion(number: int) -> str:
    """Return what deletes a picture and its data."""
    return f"\x1b_Ga=d,d=I,q=2,i={number}\x1b\\"


class KittyLine(PictureLine):
    """A row of placeholder cells.

    Args:
        placement: The picture's.
        row: Which row, from 0.
    """

    def __init__(self, placement: Placement, row: int) -> None:
        super().__init__("".join(PLACEHOLDER + MARKS[row] + MARKS[column] for column in range(placement.columns)))
        self.placement = placement
        self.stylize(Style(color=placement.colour))

    def render(self, console: Console, end: str = "") -> Iterable[Segment]:  # noqa: ARG002 (Rich's own signature)
        """Return one segment for each cell, so that a cut never parts a cell from its marks."""
        style = Style(color=self.placement.colour)
        return [Segment(PLACEHOLDER + marks, style) for marks in self.plain.split(PLACEHOLDER)[1:]]


def placeholder_lines(placement: Placement) -> list[KittyLine]:
    """Return the cells that show a picture."""
    return [KittyLine(placement, row) for row in range(placement.rows)]
