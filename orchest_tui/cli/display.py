"""How the command line shows things to people: what the terminal can do, glyphs, aligned columns."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import click

from orchest_tui.human import human_bytes, human_seconds, human_time
from orchest_tui.terminal_text import plain

__all__ = [
    "Cell",
    "Screen",
    "cell_width",
    "fit",
    "human_bytes",
    "human_seconds",
    "human_time",
    "print_json",
    "print_table",
    "screen",
    "speaks_utf8",
    "status_cell",
]

_MIN_COLUMN = 8
_GAP = "  "
_ASCII_GLYPHS = {"✓": "+", "✗": "x", "●": "*", "○": "o", "◌": "-", "…": "~", "→": "->", "·": "-"}
_STATUS_LOOKS = {
    "SUCCESS": ("✓", "green"),
    "FAILURE": ("✗", "red"),
    "ABORTED": ("○", "yellow"),
    "STARTED": ("●", "cyan"),
    "PENDING": ("◌", None),
}


@dataclass(frozen=True, slots=True)
class Screen:
    """What an output stream can show.

    Attributes:
        terminal: Whether it is a terminal.
        width: Its columns, None where lines may have any length.
        colours: Whether colours are wanted there.
        redraw: Whether a line can be drawn again.
        unicode: Whether it shows more than ASCII.
    """

    terminal: bool
    width: int | None
    colours: bool
    redraw: bool
    unicode: bool

    def glyphs(self, text: str) -> str:
        """Return ``text`` with the program's own symbols as this stream can show them."""
        if self.unicode:
            return text
        return "".join(_ASCII_GLYPHS.get(character, character) for character in text)

    def styled(self, text: str, colour: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
        """Return ``text`` in a colour where colours are wanted; colour never carries meaning alone."""
        if not self.colours or not (colour or bold or dim):
            return text
        return click.style(text, fg=colour, bold=bold or None, dim=dim or None)


def screen(stream: TextIO | None = None) -> Screen:
    """Return what ``stream`` (standard output by default) can show.

    ``NO_COLOR`` (no-color.org), ``TERM=dumb`` and the locale's encoding are respected.
    """
    stream = stream or sys.stdout
    terminal = stream.isatty()
    capable = terminal and os.environ.get("TERM", "dumb") != "dumb"
    return Screen(
        terminal=terminal,
        width=_columns() if terminal else None,
        colours=capable and not os.environ.get("NO_COLOR"),
        redraw=capable,
        unicode=speaks_utf8(stream),
    )


def _columns() -> int:
    """Return the terminal's width in cells."""
    import shutil

    return shutil.get_terminal_size().columns


def speaks_utf8(stream: TextIO) -> bool:
    """Return whether both the stream and the user's locale are UTF-8.

    Python writes UTF-8 in the C locale too (PEP 540), where the terminal may well not understand it.
    """
    encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
    variables = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next((value for value in variables if value), "")
    return encoding == "utf8" and "utf8" in locale.lower().replace("-", "")


def cell_width(text: str) -> int:
    """Return how many terminal cells plain ``text`` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    width = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me", "Cf"):
            continue
        width += 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
    return width


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """Return plain ``text`` in exactly ``width`` cells: padded, or cut with an ellipsis."""
    missing = width - cell_width(text)
    if missing >= 0:
        return text + " " * missing
    kept = ""
    room = width - cell_width(ellipsis)
    for character in text:
        room -= cell_width(character)
        if room < 0:
            break
        kept += character
    kept += ellipsis[:width]
    return kept + " " * (width - cell_width(kept))


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its text, and how it looks where colours are wanted."""

    text: str
    colour: str | None = None
    dim: bool = False


def status_cell(status: str) -> Cell:
    """Return a run's or step's status with its glyph."""
    glyph, colour = _STATUS_LOOKS.get(status, ("◌", None))
    return Cell(f"{glyph} {status.lower()}", colour)


def print_table(
    heads: Sequence[str], rows: Iterable[Sequence[Cell | str]], *, right: Iterable[int] = (), indent: int = 0
) -> None:
    """Print aligned columns that fit the terminal: the widest are cut first, those without any text are left out.

    Args:
        heads: The columns' names.
        rows: One cell for each column; text is made harmless here.
        right: Indices of columns that are aligned to the right.
        indent: Spaces before each line.
    """
    out = screen()
    body = [[_prepared(cell if isinstance(cell, Cell) else Cell(cell), out) for cell in row] for row in rows]
    kept = [column for column in range(len(heads)) if not body or any(row[column].text for row in body)]
    table = [[Cell(heads[column], dim=True) for column in kept], *([row[column] for column in kept] for row in body)]
    natural = [max(cell_width(row[place].text) for row in table) for place in range(len(kept))]
    widths = _shrunk(natural, None if out.width is None else out.width - indent)
    right_places = {place for place, column in enumerate(kept) if column in set(right)}
    for row in table:
        shown = [
            _aligned(cell, width, out, right=place in right_places, last=place == len(kept) - 1)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo(" " * indent + _GAP.join(shown).rstrip(), color=out.colours)


def _aligned(cell: Cell, width: int, out: Screen, *, right: bool, last: bool) -> str:
    """Return a cell's text in ``width`` cells, styled; the last column is not padded."""
    padding = " " * max(0, width - cell_width(cell.text)) if right else ""
    text = padding + fit(cell.text, width - len(padding), out.glyphs("…"))
    return out.styled(text.rstrip() if last else text, cell.colour, dim=cell.dim)


def _prepared(cell: Cell, out: Screen) -> Cell:
    """Return ``cell`` with harmless text in the stream's glyphs."""
    return Cell(out.glyphs(plain(cell.text)), cell.colour, cell.dim)


def _shrunk(widths: Sequence[int], total: int | None) -> list[int]:
    """Return column widths that fit ``total`` cells, the widest made narrower first."""
    result = list(widths)
    if total is None:
        return result
    excess = sum(result) + len(_GAP) * (len(result) - 1) - total
    while excess > 0 and max(result) > _MIN_COLUMN:
        result[result.index(max(result))] -= 1
        excess -= 1
    return result


def print_json(value: Any) -> None:
    """Print ``value`` as indented JSON, one document."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
