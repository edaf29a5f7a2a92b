"""Lines of styled text to read: drawn line by line, so that long ones cost what is visible of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.text import Text
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from orchest_tui.commands.command import Scope
from orchest_tui.ui.bindings import bindings_of, perform


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

    def show(self, lines: Sequence[Text], *, keep_place: bool = True) -> None:
        """Show other lines; nothing is drawn where they are the same."""
        new = list(lines)
        if new == self.lines:
            return
        self.lines = new
        self.virtual_size = Size(max((line.cell_len for line in new), default=0), len(new))
        if not keep_place:
            self.scroll_to(0, 0, animate=False, immediate=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line of the pane."""
        base, width = self.rich_style, self.size.width
        place = y + self.scroll_offset.y
        if place >= len(self.lines):
            return Strip([Segment(" " * width, base)], width)
        left = self.scroll_offset.x
        line = self.lines[place]
        segments = line.render(self.app.console, end="")
        strip = Strip([Segment(piece.text, base + piece.style if piece.style else base) for piece in segments])
        return strip.crop(left, left + width).adjust_cell_length(width, base)

    def action_command(self, command_id: str) -> None:
        """Move."""
        perform(self, command_id)

    def _scroll_by(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, immediate=True)

    def command_down(self) -> None:
        """One line down."""
        self._scroll_by(1)

    def command_up(self) -> None:
        """One line up."""
        self._scroll_by(-1)

    def command_top(self) -> None:
        """To the first line."""
        self._scroll_by(-len(self.lines))

    def command_bottom(self) -> None:
        """To the last line."""
        self._scroll_by(len(self.lines))

    def command_half_down(self) -> None:
        """Half a page down."""
        self._scroll_by(max(1, self.size.height // 2))

    def command_half_up(self) -> None:
        """Half a page up."""
        self._scroll_by(-max(1, self.size.height // 2))
