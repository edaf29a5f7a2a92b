"""A log line's bytes as a terminal would show them, and nothing that could do more than show.

Colours become styles; a carriage return goes back to the line's start, so that of a progress bar the last state is
seen; tabs become spaces; every other control sequence is dropped (the rules are ``terminal_text``'s). A line starts
without colours, whatever the one before left on: only lines on the screen are ever parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style

from orchest_tui.terminal_text import pieces
from orchest_tui.ui.log.sgr import PLAIN, Rendition, after_sgr, style_of

TAB = 8
"""Columns between tab stops."""

_STATES = 32
"""States of a progress bar that are drawn over one another, from the last; older ones can't be seen in practice."""

_MARK = r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED_MARKS = re.compile(f"({_MARK}{{4}}){_MARK}+")
"""More combining marks than any script puts on a letter: they pile up over the lines above."""

_ERASE_LINE = "2"
_ERASE = {"", "0", _ERASE_LINE}
"""Parameters of EL (``CSI K``) that erase from the cursor on."""


class Span(NamedTuple):
    """Characters that look the same."""

    text: str
    style: Style


StyledLine = tuple[Span, ...]
"""A line as it is shown."""


class _Cell(NamedTuple):
    """One character with the marks that combine with it; ``text`` is empty in the second column of a wide one."""

    text: str
    rendition: Rendition


_BLANK = _Cell(" ", PLAIN)


def parse_line(data: bytes) -> StyledLine:
    """Return what a terminal would show of a line, given its bytes without the line feed."""
    text = data.decode("utf-8", "replace").rstrip("\r\n").replace("\n", " ")
    if text.isascii() and text.isprintable():
        return (Span(text, style_of(PLAIN)),) if text else ()
    text = _PILED_MARKS.sub(r"\1", text)
    return _redrawn(text) if "\r" in text else _straight(text)


def text_of(line: Iterable[Span]) -> str:
    """Return the characters of a line."""
    return "".join(span.text for span in line)


def cut(line: Sequence[Span], start: int, end: int) -> StyledLine:
    """Return the characters ``start`` to ``end`` of a line."""
    found = []
    position = 0
    for text, style in line:
        piece = text[max(0, start - position) : max(0, end - position)]
        if piece:
            found.append(Span(piece, style))
        position += len(text)
        if position >= end:
            break
    return tuple(found)


def restyled(line: StyledLine, ranges: Iterable[tuple[int, int]], style: Style) -> StyledLine:
    """Return a line whose characters in ``ranges`` (ascending, not overlapping) have ``style`` on top of their own."""
    parts: list[Span] = []
    position = 0
    for start, end in ranges:
        parts += cut(line, position, start)
        parts += (Span(text, own + style) for text, own in cut(line, start, end))
        position = end
    return (*parts, *cut(line, position, len(text_of(line))))


def row_ends(text: str, width: int) -> list[int]:
    """Return after which characters a line breaks when it is wrapped at ``width`` cells; the last one is its end."""
    if width < 2 or (len(text) <= width and (text.isascii() or cell_len(text) <= width)):
        return [len(text)]
    if text.isascii():
        return [*range(width, len(text), width), len(text)]
    ends = []
    used = 0
    for position, character in enumerate(text):
        cells = cell_len(character)
        if used + cells > width:
            ends.append(position)
            used = 0
        used += cells
    return [*ends, len(text)]


def _straight(text: str) -> StyledLine:
    """Return a line that is written from left to right once."""
    spans = []
    rendition = PLAIN
    column = 0
    for piece, final, parameters in pieces(text):
        shown = piece
        if "\t" in piece:
            shown = (" " * (column % TAB) + piece).expandtabs(TAB)[column % TAB :]
        if shown:
            column += len(shown) if shown.isascii() else cell_len(shown)
            spans.append(Span(shown, style_of(rendition)))
        if final == "m":
            rendition = after_sgr(rendition, parameters)
    return tuple(spans)


def _redrawn(text: str) -> StyledLine:
    """Return a line whose states are written over one another, cell by cell."""
    cells: list[_Cell] = []
    rendition = PLAIN
    erased = False
    for number, state in enumerate(text.split("\r")[-_STATES:]):
        if erased:
            cells.clear()
        column = 0
        for piece, final, parameters in pieces(state):
            column = _write(cells, column, piece, rendition)
            erased = (erased and not piece) or (final == "K" and parameters == _ERASE_LINE)
            if final == "m":
                rendition = after_sgr(rendition, parameters)
            elif final == "K" and number > 0 and parameters in _ERASE:
                # Only what an earlier state left is erased: a line that is written once hides nothing.
                del cells[column:]
    return _joined(cells)


def _write(cells: list[_Cell], column: int, text: str, rendition: Rendition) -> int:
    """Write ``text`` into ``cells`` from ``column`` on; return the column behind it."""
    for character in text:
        if character == "\t":
            column += TAB - column % TAB
            cells.extend([_BLANK] * (column - len(cells)))
            continue
        width = 1 if character.isascii() else cell_len(character)
        if width == 0:
            if column > 0:
                before = column - 1 if cells[column - 1].text or column < 2 else column - 2
                cells[before] = _Cell(cells[before].text + character, cells[before].rendition)
            continue
        cells.extend([_BLANK] * (column + width - len(cells)))
        _free(cells, column, width)
        cells[column] = _Cell(character, rendition)
        if width == 2:
            cells[column + 1] = _Cell("", rendition)
        column += width
    return column


def _free(cells: list[_Cell], column: int, width: int) -> None:
    """Put a space where writing at ``column`` leaves half of a wide character."""
    if not cells[column].text and column > 0:
        cells[column - 1] = _BLANK
    after = column + width
    if after < len(cells) and not cells[after].text:
        cells[after] = _BLANK


def _joined(cells: Iterable[_Cell]) -> StyledLine:
    """Return cells as spans."""
    spans: list[Span] = []
    run: list[str] = []
    current = PLAIN
    for text, rendition in cells:
        if rendition != current:
            if run:
                spans.append(Span("".join(run), style_of(current)))
            run, current = [], rendition
        run.append(text)
    if run:
        spans.append(Span("".join(run), style_of(current)))
    return tuple(spans)
