"""Line filters: the last word on what reaches a terminal that has no colours or no Unicode.

Widgets write as if the terminal could show everything; a filter turns each finished line into what it can show, with
every cell in its place.
"""

# ruff: noqa: RUF001  (characters that look like others are what this file is about)

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from orchest_tui.ui.abilities import Abilities

_BRIGHTER = 0.12
"""Difference in brightness (0 to 1) from which a segment's ground is meant to stand out."""

_TWINS = str.maketrans(
    {
        **dict.fromkeys("─━═╌┄┈╍┅┉╴╶╸╺▁▔—–‐‑−⎯", "-"),
        **dict.fromkeys("│┃║╎┆┊╏┇┋╵╷╹╻▏▕▎▍▌▐▊▋", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬╭╮╰╯", "+"),
        **dict.fromkeys("█▉▇▆▅▓▀▄", "#"),
        **dict.fromkeys("▂▃▒░", ":"),
        **dict.fromkeys("▼▾⏷↓", "v"),
        **dict.fromkeys("▲▴⏶↑", "^"),
        **dict.fromkeys("▶▸►→❯›»", ">"),
        **dict.fromkeys("◀◂◄←❮‹«", "<"),
        **dict.fromkeys("✔✓☑", "+"),
        **dict.fromkeys("✘✗✕×☒", "x"),
        **dict.fromkeys("●◉⬤•∙·", "*"),
        **dict.fromkeys("○◯◌", "o"),
        **dict.fromkeys("⟳↺⟲↻", "@"),
        **dict.fromkeys("‘’‚′", "'"),
        **dict.fromkeys("“”„″", '"'),
        "…": ".",
        "⊘": "/",
        "\u00a0": " ",
    }
)


@lru_cache(4096)
def ascii_twin(text: str) -> str:
    """Return ``text`` in ASCII, in exactly as many cells: twins of symbols, letters without accents, else ``?``."""
    if text.isascii():
        return text
    twins = text.translate(_TWINS)
    widths = [cell_len(character) for character in twins]
    if sum(widths) != cell_len(twins):  # characters that join into one, or change the width of their neighbour
        ends = [cell_len(twins[:place]) for place in range(len(twins) + 1)]
        widths = [after - before for before, after in pairwise(ends)]
    return "".join(map(_twin, twins, widths))


def _twin(character: str, width: int) -> str:
    """Return what stands for a character in ``width`` cells."""
    if character.isascii() and width < 2:
        return character
    base = unicodedata.normalize("NFKD", character)[0]
    if width == 1 and base.isascii() and base.isprintable():
        return base
    return "?" * width


class AsciiFilter(LineFilter):
    """Writes nothing but ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  (Textual's signature)
        """Return the segments with ASCII twins of their texts."""
        return [Segment(ascii_twin(text), style, control) for text, style, control in segments]


class ColourlessFilter(LineFilter):
    """Takes every colour away; what stood out by its ground (a cursor, a selection) stands out in reverse."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without colours."""
        return [
            Segment(text, _without_colours(style, background) if style else Style.null(), control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def _without_colours(style: Style, background: Color) -> Style:
    plain = style.without_color
    if meta := style.meta:  # what a click there does; Rich drops it with the colours
        plain += Style.from_meta(meta)
    ground = style.bgcolor
    if ground is None or ground.is_default or style.reverse:
        return plain
    stands_out = abs(Color.from_rich_color(ground).brightness - background.brightness) > _BRIGHTER
    return plain + Style(reverse=True) if stands_out else plain


def line_filters(abilities: Abilities) -> list[LineFilter]:
    """Return the filters that this terminal needs, for ``App.get_line_filters``."""
    filters: list[LineFilter] = []
    if not abilities.unicode:
        filters.append(AsciiFilter())
    if abilities.colours == "none":
        filters.append(ColourlessFilter())
    return filters
