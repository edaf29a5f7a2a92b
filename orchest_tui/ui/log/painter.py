"""Turns the lines that are on the screen into strips of cells; lines that are not are never looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from orchest_tui.terminal_text import plain
from orchest_tui.ui.log.ansi import Span, StyledLine, cut, parse_line, restyled, row_ends, text_of
from orchest_tui.ui.log.lines import RawLine
from orchest_tui.ui.log.search import Query
from orchest_tui.ui.log.sgr import legible
from orchest_tui.ui.log.viewport import Row

TAG_WIDTH = 10
"""Cells of the column that names a line's log where several are merged, without the space behind it."""

TIME_WIDTH = 8
"""Cells of the column of times, without the space behind it."""

_KEPT = 512
"""Parsed lines that are kept: more than any screen has rows."""

_CUT = ">"
"""What stands in the last cell of a line that goes on behind the edge."""

_MARKED = 4096
"""Characters of a line in which matches are marked."""


@dataclass(frozen=True)
class Palette:
    """The styles of a log view. Each has a colour of its own, so that none is ever missing.

    Attributes:
        base: Text without a colour of its own.
        hit: What the search found.
        current: The line that the last jump led to.
        selected: Selected lines.
        faint: Times, and notes about a line.
        tags: The tags of merged logs, in turn.
    """

    base: Style
    hit: Style
    current: Style
    selected: Style
    faint: Style
    tags: Sequence[Style]


@dataclass
class Appearance:
    """What of a log is shown, and how.

    Attributes:
        width: Cells of a row.
        pan: Cells that are off the screen to the left; not where lines are wrapped.
        wrap: Whether long lines go on in the next row.
        times: Whether times stand before lines.
        tags: The tags of the merged logs; empty where there is one log only.
        query: What is marked in matching lines.
        current: The line that the last jump led to.
        selection: First and last selected line.
    """

    width: int = 80
    pan: int = 0
    wrap: bool = False
    times: bool = False
    tags: Sequence[str] = ()
    query: Query | None = None
    current: int | None = None
    selection: tuple[int, int] | None = None

    @property
    def margin(self) -> int:
        """Cells of the columns before the text."""
        return (TIME_WIDTH + 1) * self.times + (TAG_WIDTH + 1) * bool(self.tags)

    @property
    def text_width(self) -> int:
        """Cells for the text."""
        return max(2, self.width - self.margin)


class Origin(NamedTuple):
    """Where a line comes from.

    Attributes:
        log: The number of its log.
        time: When it was written (Unix seconds), if that is known.
    """

    log: int
    time: float | None


class _Parsed(NamedTuple):
    """A line as it was parsed, and from how many bytes (an unfinished line grows)."""

    length: int
    line: StyledLine


@dataclass
class Painter:
    """Paints rows of one log.

    Attributes:
        content: Gives a line's bytes.
        origin: Gives where a line comes from.
        matches: Tells whether the search found a line; only such lines are looked at again, since an expression
            that takes for ever on one must not take the screen with it.
        look: What is shown, and how.
    """

    content: Callable[[int], RawLine]
    origin: Callable[[int], Origin]
    matches: Callable[[int], bool]
    look: Appearance
    _parsed: OrderedDict[int, _Parsed] = field(default_factory=OrderedDict)

    def forget(self) -> None:
        """Forget all lines: they are others now."""
        self._parsed.clear()

    def line(self, offset: int) -> StyledLine:
        """Return the line at ``offset`` as a terminal would show it."""
        raw = self.content(offset)
        known = self._parsed.get(offset)
        if known is not None and known.length == raw.length:
            self._parsed.move_to_end(offset)
            return known.line
        line = parse_line(raw.data)
        if raw.length > len(raw.data):
            line = (*line, Span(f" … {raw.length:,} bytes in this line", Style(italic=True)))
        self._parsed[offset] = _Parsed(raw.length, line)
        self._parsed.move_to_end(offset)
        if len(self._parsed) > _KEPT:
            self._parsed.popitem(last=False)
        return line

    def parts(self, offset: int) -> int:
        """Return how many rows the line at ``offset`` takes."""
        return len(row_ends(text_of(self.line(offset)), self.look.text_width)) if self.look.wrap else 1

    def widest(self, rows: Sequence[Row]) -> int:
        """Return how many cells the longest of the lines in ``rows`` has."""
        return max((Strip(Segment(*span) for span in self.line(row.line)).cell_length for row in rows), default=0)

    def strip(self, row: Row, palette: Palette) -> Strip:
        """Return the cells of a row, as many as the screen is wide."""
        look = self.look
        line = self.line(row.line)
        if look.query is not None and self.matches(row.line):
            text = text_of(line)[:_MARKED]
            found = (match.span() for match in look.query.pattern.finditer(text))
            line = restyled(line, (span for span in found if span[1] > span[0]), palette.hit)
        if look.wrap:
            ends = [0, *row_ends(text_of(line), look.text_width)]
            part = min(row.part, len(ends) - 2)
            line = cut(line, ends[part], ends[part + 1])
        base = self._base(row.line, palette)
        cells = Strip([Segment(text, legible(style, base)) for text, style in line])
        if not look.wrap:
            width = cells.cell_length
            cells = cells.crop(look.pan, look.pan + look.text_width)
            if width > look.pan + look.text_width:
                cells = Strip([*cells.crop(0, look.text_width - 1), Segment(_CUT, palette.base + palette.faint)])
        return Strip([*self._margin(row, palette), *cells]).adjust_cell_length(look.width, base).simplify()

    def _base(self, line: int, palette: Palette) -> Style:
        """Return the style under a line's own colours."""
        selection = self.look.selection
        if selection is not None and selection[0] <= line <= selection[1]:
            return palette.base + palette.selected
        if line == self.look.current:
            return palette.base + palette.current
        return palette.base

    def _margin(self, row: Row, palette: Palette) -> list[Segment]:
        """Return the columns before the text; empty cells in the further rows of a wrapped line."""
        look = self.look
        if not look.margin:
            return []
        if row.part > 0:
            return [Segment(" " * look.margin, palette.base)]
        origin = self.origin(row.line)
        segments = []
        if look.times:
            time = "" if origin.time is None else f"{datetime.fromtimestamp(origin.time):%H:%M:%S}"
            segments.append(Segment(time.ljust(TIME_WIDTH + 1), palette.base + palette.faint))
        if look.tags:
            tag = set_cell_size(plain(look.tags[origin.log]), TAG_WIDTH)
            style = palette.tags[origin.log % len(palette.tags)]
            segments += [Segment(tag, palette.base + style), Segment(" ", palette.base)]
        return segments
