"""Breaking styled text into lines at its words."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.text import Text

_WORD = re.compile(r"\s*\S+")


def wrapped(text: Text, width: int, *, indent: str = "") -> list[Text]:
    """Return the lines of a text of one line, broken at spaces where there are any.

    Args:
        text: The text; its styles stay.
        width: Cells of a line.
        indent: What every line but the first starts with.
    """
    room = max(4, width)
    breaks: list[int] = []
    used = 0
    for word in _WORD.finditer(text.plain):
        cells = cell_len(word[0])
        if used and used + cells > room:
            breaks.append(word.start() + len(word[0]) - len(word[0].lstrip()))
            used, cells = cell_len(indent), cell_len(word[0].lstrip())
        used += cells
        used = _break_long(word, used, room, breaks, cell_len(indent))
    lines = list(text.divide(breaks)) if breaks else [text]
    for line in lines[:-1]:
        line.rstrip()
    return [lines[0], *(Text(indent).append_text(line) for line in lines[1:])]


def _break_long(word: re.Match[str], used: int, room: int, breaks: list[int], indent: int) -> int:
    """Break a word that fits no line; return the cells that its last line takes."""
    if used <= room:
        return used
    column = used - cell_len(word[0])
    for place, character in enumerate(word[0], word.start()):
        cells = cell_len(character)
        if column + cells > room:
            breaks.append(place)
            column = indent
        column += cells
    return column
