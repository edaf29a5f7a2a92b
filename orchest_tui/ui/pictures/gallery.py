"""The pictures that the app shows: made into lines once for each width, sent to the terminal where it takes them."""

from __future__ import annotations

import base64
import binascii
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b

from rich.color import Color
from rich.text import Text

from orchest_tui.terminal_text import plain
from orchest_tui.ui.pictures.half_blocks import grey_steps, half_blocks
from orchest_tui.ui.pictures.kitty import (
    COLOURS,
    MARKS,
    KittyLine,
    Placement,
    deletion,
    picture_number,
    placeholder_lines,
    transmission,
)
from orchest_tui.ui.pictures.png import PictureError, png_size, read_png
from orchest_tui.ui.pictures.way import Way

WIDEST = 100
"""Columns of the widest picture."""

_KEPT = 60
"""Pictures that are kept as lines."""

_MOST_SENT = 400 * 1024
_MOST_SENT_AFAR = 48 * 1024
"""Bytes of a picture that is sent to the terminal, and over a network: a larger one is shown in blocks."""

_CELL = (8, 16)
"""Pixels of a cell where the terminal does not say."""


class Gallery:
    """Makes lines of pictures. Lines may be made in any thread; sending is for the screen's.

    Args:
        way: How pictures are shown.
        remote: Whether the terminal is at the other end of a network.
        cell: Width and height of a cell in pixels, as far as the terminal says.
    """

    def __init__(self, way: Way = Way.BLOCKS, *, remote: bool = False, cell: tuple[int, int] | None = None) -> None:
        self.way = way
        self._largest = _MOST_SENT_AFAR if remote else _MOST_SENT
        self._cell = cell or _CELL
        self._lock = threading.Lock()
        self._made: OrderedDict[object, list[Text]] = OrderedDict()
        self._placed: OrderedDict[Color, Placement] = OrderedDict()  # the one seen last at the end

    def lines(self, encoded: str, columns: int, rows: int) -> list[Text]:
        """Return a picture as lines, or one line that says why there is none. It may take 0.2 s.

        Args:
            encoded: The PNG in base64.
            columns: Cells that it may take from side to side.
            rows: Cells that it may take from top to bottom.
        """
        if self.way is Way.NONE:
            return [_note("pictures are switched off")]
        columns, rows = max(1, min(columns, WIDEST)), max(2, rows)
        key = (blake2b(encoded.encode("utf-8", "replace"), digest_size=16).digest(), columns, rows)
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        try:
            made = self._lines(base64.b64decode("".join(encoded.split()), validate=True), columns, rows)
        except (PictureError, binascii.Error, ValueError) as error:
            made = [_note(f"its picture can't be shown: {plain(str(error))}")]
        with self._lock:
            self._made[key] = made
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return made

    def _lines(self, png: bytes, columns: int, rows: int) -> list[Text]:
        if self.way is Way.KITTY and len(png) <= self._largest:
            return self._place(png, columns, rows)
        picture = read_png(png)
        return [*(grey_steps if self.way is Way.GREYS else half_blocks)(picture, columns, rows)]

    def _place(self, png: bytes, columns: int, rows: int) -> list[Text]:
        """Give a picture a colour and return its cells."""
        columns, rows = self._cells(*png_size(png), min(columns, len(MARKS)), min(rows, len(MARKS)))
        with self._lock:
            used = len(self._placed)
            colour = COLOURS[used] if used < len(COLOURS) else self._placed.popitem(last=False)[0]
            placement = self._placed[colour] = Placement(png, colour, columns, rows)
        return [*placeholder_lines(placement)]

    def _cells(self, width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
        """Return the cells that a picture takes; small ones are made larger, up to three times."""
        across, down = self._cell
        scale = min(columns * across / width, rows * down / height, 3.0)
        taken = math.ceil(width * scale / across - 0.01), math.ceil(height * scale / down - 0.01)
        return max(1, min(columns, taken[0])), max(1, min(rows, taken[1]))

    # -- the screen's thread ------------------------------------------------------------------------------------

    def show(self, line: Text, system: str | None, write: Callable[[str], None]) -> None:
        """Send the picture of a line that is about to be drawn, where the terminal has not got it yet.

        Args:
            line: The line.
            system: Rich's name of the terminal's colours.
            write: Writes to the terminal, ahead of the frame that is being made.
        """
        if not isinstance(line, KittyLine):
            return
        placement = line.placement
        with self._lock:
            if self._placed.get(placement.colour) is not placement:
                # Another picture took its colour over while this one was out of sight.
                self._placed[placement.colour] = placement
                placement.number = None
            self._placed.move_to_end(placement.colour)
            if placement.number is not None:
                return
            placement.number = picture_number(placement.colour, system)
        if placement.number is not None:
            write(transmission(placement))

    def forget(self) -> None:
        """Send every picture again when it is drawn next: the terminal has been somebody else's meanwhile."""
        with self._lock:
            for placement in self._placed.values():
                placement.number = None

    def clear(self, write: Callable[[str], None]) -> None:
        """Take all pictures from the terminal."""
        with self._lock:
            numbers = [each.number for each in self._placed.values() if each.number is not None]
        self.forget()
        if numbers:
            write("".join(map(deletion, numbers)))


def _note(text: str) -> Text:
    return Text(f"({text})", "dim")
