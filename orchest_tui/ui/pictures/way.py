"""How pictures are shown: what the user wants, as far as the terminal has it."""

from __future__ import annotations

import fcntl
import struct
import sys
import termios
from enum import StrEnum

from orchest_tui.ui.abilities import Abilities


class Way(StrEnum):
    """A way to show pictures."""

    KITTY = "kitty"
    BLOCKS = "blocks"
    GREYS = "greys"
    NONE = "none"


def picture_way(wanted: str, abilities: Abilities, system: str | None) -> Way:
    """Return how pictures are shown.

    Args:
        wanted: The setting ``pictures``: ``auto``, ``kitty``, ``blocks`` or ``none``.
        abilities: What the terminal can show.
        system: Rich's name of the colours that are written: ``truecolor``, ``256``, ``standard`` or none.
    """
    if wanted == "none":
        return Way.NONE
    if not abilities.unicode or abilities.colours == "none":
        return Way.GREYS
    # A multiplexer keeps the pictures to itself, whatever the terminal around it has.
    enough = system in {"256", "truecolor"} and not abilities.multiplexer
    if enough and (wanted == "kitty" or (wanted == "auto" and abilities.kitty_graphics)):
        return Way.KITTY
    return Way.BLOCKS


def cell_pixels() -> tuple[int, int] | None:
    """Return width and height of a cell in pixels where the terminal's size says so; nothing is asked of it."""
    try:
        size = fcntl.ioctl(sys.__stdout__.fileno() if sys.__stdout__ else 1, termios.TIOCGWINSZ, bytes(8))
    except (OSError, ValueError):
        return None
    rows, columns, across, down = struct.unpack("HHHH", size)
    if not (rows and columns and across >= columns and down >= rows):
        return None
    return across // columns, down // rows
