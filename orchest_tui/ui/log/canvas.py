"""The widget that the rows of a log are painted on; only cells that changed are sent to the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from orchest_tui.terminal_text import plain
from orchest_tui.ui.log.model import LogModel
from orchest_tui.ui.log.painter import Palette
from orchest_tui.ui.log.status import empty_text

_TAGS = 6

_Run = tuple[str, Style | None, object]
"""A segment: text, its style, and control codes (which rows of a log don't have)."""


class LogCanvas(Widget, can_focus=True):
    """Rows of a log. What they show is handed to it; it knows no log."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--hit",
        "log--current",
        "log--selected",
        "log--faint",
        *(f"log--tag-{number}" for number in range(1, _TAGS + 1)),
    }
    """What the search found, the line of the last jump, selected lines, times and notes, tags of merged logs."""

    DEFAULT_CSS = """
    LogCanvas {
        height: 1fr;
        & .log--hit { text-style: reverse; }
        & .log--current { text-style: bold underline; }
        & .log--selected { text-style: reverse; }
        & .log--faint { text-style: dim; }
        & .log--tag-1 { color: $text-primary; }
        & .log--tag-2 { color: $text-secondary; }
        & .log--tag-3 { color: $text-success; }
        & .log--tag-4 { color: $text-warning; }
        & .log--tag-5 { color: $text-accent; }
        & .log--tag-6 { color: $text-error; }
    }
    """

    class Resized(Message):
        """The canvas has another size and wants to be painted."""

    def __init__(self) -> None:
        super().__init__()
        self._strips: list[Strip] = []
        self._palette: Palette | None = None

    def paint(self, model: LogModel, note: str = "") -> None:
        """Show what ``model`` has to show; where that is nothing, say so with ``note``."""
        palette = self._styles()
        model.settle()
        rows = model.viewport.rows()
        if rows:
            self._put([model.painter.strip(row, palette) for row in rows])
        else:
            self.say(empty_text(model, note))

    def say(self, text: str) -> None:
        """Show nothing but a few words."""
        palette = self._styles()
        width = self.size.width
        rows = textwrap.wrap(plain(text), max(1, width))
        self._put(
            [
                Strip([Segment(row, palette.base + palette.faint)]).adjust_cell_length(width, palette.base)
                for row in rows
            ]
        )

    def _put(self, rows: Sequence[Strip]) -> None:
        """Show rows, and nothing below them; what stood there already is not drawn again."""
        width, height = self.size
        blank = Strip([Segment(" " * width, self._styles().base)])
        strips = [*rows[:height], *[blank] * (height - len(rows))]
        changed = _changes(self._strips, strips)
        self._strips = strips
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return one row."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip([Segment(" " * self.size.width, self._styles().base)])

    def notify_style_update(self) -> None:
        """Take in new colours."""
        super().notify_style_update()
        self._palette = None
        self._strips = []
        self.post_message(self.Resized())

    def on_resize(self) -> None:
        """Tell that there is more or less to paint."""
        self._strips = []
        self.post_message(self.Resized())

    def _styles(self) -> Palette:
        """Return the styles of the theme in use."""
        if self._palette is None:
            base = self.rich_style
            self._palette = Palette(
                base=base,
                hit=self._component("hit"),
                current=self._component("current"),
                selected=self._component("selected"),
                faint=self._component("faint"),
                tags=[self._component(f"tag-{number}") for number in range(1, _TAGS + 1)],
            )
        return self._palette

    def _component(self, name: str) -> Style:
        """Return what the style sheet says of one kind of text."""
        return self.get_component_rich_style(f"log--{name}", partial=True)


def _changes(before: Sequence[Strip], after: Sequence[Strip]) -> list[Region]:
    """Return the cells in which the rows ``after`` differ from those ``before``, one region for each row."""
    if len(before) != len(after):
        width = max((strip.cell_length for strip in after), default=0)
        return [Region(0, 0, width, len(after))] if width else []
    return [
        Region(start, y, end - start, 1)
        for y, (old, new) in enumerate(zip(before, after, strict=True))
        for start, end in (_difference(old, new),)
        if end > start
    ]


def _difference(old: Strip, new: Strip) -> tuple[int, int]:
    """Return the first cell in which two rows of one width differ, and the one after the last."""
    width = new.cell_length
    if old is new or old == new:
        return 0, 0
    if old.cell_length != width:
        return 0, width
    start = _alike(old, new)
    mirrored = ([(text[::-1], style, None) for text, style, _ in reversed(list(strip))] for strip in (old, new))
    return start, max(start, width - _alike(*mirrored))


def _alike(one: Iterable[_Run], other: Iterable[_Run]) -> int:
    """Return how many cells at the start of two rows are the same; characters that are not ASCII count as others."""
    cells = 0
    for (text, style, _), (other_text, other_style, _) in zip(one, other, strict=False):
        if style != other_style or not (text.isascii() and other_text.isascii()):
            return cells
        if text != other_text:
            pairs = enumerate(zip(text, other_text, strict=False))
            return cells + next((place for place, (a, b) in pairs if a != b), min(len(text), len(other_text)))
        cells += len(text)
    return cells
