"""Lines of styled text to read: drawn line by line, so that long ones cost what is visible of them."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from orchest_tui.commands.command import Scope
from orchest_tui.ui.bindings import bindings_of, perform
from orchest_tui.ui.log.sgr import legible
from orchest_tui.ui.pictures.line import PictureLine


def widest_of(lines: Sequence[Text]) -> int:
    """Return the cells of the widest line."""
    return max((line.cell_len for line in lines), default=0)


_FEW = 8
"""Lines that are drawn again alone."""


def _legibly(base: Style, style: Style) -> Style:
    """Return ``style`` on ``base``; text can't hide in its own background's colour."""
    return legible(style, base)


class TextView(ScrollView, can_focus=True):
    """Lines to read; moves with the commands ``move.*``.

    Args:
        id: The widget's id.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(Scope.TEXT)]
    DEFAULT_CSS = "TextView { scrollbar-size: 0 0; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.lines: list[Text] = []

    def show(self, lines: Sequence[Text], *, keep_place: bool = True, width: int | None = None) -> None:
        """Show other lines; nothing is drawn where they are the same.

        Args:
            lines: The lines.
            keep_place: Whether they are the same thing as before, so that the place in it stays.
            width: Cells of the widest line, where that is known already.
        """
        new = list(lines)
        if not keep_place:
            self.scroll_to(0, 0, animate=False, immediate=True)
        before, self.lines = self.lines, new
        if len(new) == len(before):
            pairs = enumerate(zip(new, before, strict=True))
            changed = [place for place, (line, old) in pairs if line is not old and line != old]
            if not changed:
                return
            if len(changed) <= _FEW and all(new[place].cell_len <= self.virtual_size.width for place in changed):
                for place in changed:
                    self.refresh_line(place)
                return
        widest = widest_of(new) if width is None else width
        self.virtual_size = Size(widest, len(new))
        self.refresh()

    def line_at(self, place: int) -> Text:
        """Return a line as it is drawn."""
        return self.lines[place]

    def render_line(self, y: int) -> Strip:
        """Return one line of the pane."""
        base, width = self.rich_style, self.size.width
        place = y + self.scroll_offset.y
        if place >= len(self.lines):
            return Strip([Segment(" " * width, base)], width)
        left = self.scroll_offset.x
        line = self.line_at(place)
        laid = operator.add if isinstance(line, PictureLine) else _legibly
        segments = line.render(self.app.console, end="")
        strip = Strip([Segment(piece.text, laid(base, piece.style) if piece.style else base) for piece in segments])
        return strip.crop(left, left + width).adjust_cell_length(width, base)

    def action_command(self, command_id: str) -> None:
        """Do a command of this pane."""
        perform(self, command_id)

    def move_by(self, lines: int) -> None:
        """Go some lines down, or up where ``lines`` is negative."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, immediate=True)

    def command_down(self) -> None:
        """One line down."""
        self.move_by(1)

    def command_up(self) -> None:
        """One line up."""
        self.move_by(-1)

    def command_top(self) -> None:
        """To the first line."""
        self.move_by(-len(self.lines))

    def command_bottom(self) -> None:
        """To the last line."""
        self.move_by(len(self.lines))

    def command_half_down(self) -> None:
        """Half a page down."""
        self.move_by(max(1, self.size.height // 2))

    def command_half_up(self) -> None:
        """Half a page up."""
        self.move_by(-max(1, self.size.height // 2))
