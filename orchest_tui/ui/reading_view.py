"""Lines to read, search and copy: the tabs Data, Source, Notebook and Properties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.message import Message

from orchest_tui.commands.command import Scope
from orchest_tui.ui.bindings import bindings_of
from orchest_tui.ui.gutter import said
from orchest_tui.ui.log.search import Query
from orchest_tui.ui.log.selection import Selection
from orchest_tui.ui.pictures import Gallery, PictureLine
from orchest_tui.ui.text_search import TextSearch
from orchest_tui.ui.text_view import TextView

PAN = 8
"""Cells by which one step sideways moves."""


class ReadingView(TextView, inherit_bindings=False):
    """Lines that can be panned, searched, selected and copied; performs the commands ``move.*`` and ``text.*``.

    Args:
        gallery: Sends the pictures among the lines to the terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(Scope.READING)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"text--hit", "text--current", "text--selected"}
    DEFAULT_CSS = """
    ReadingView {
        & .text--hit { text-style: reverse; }
        & .text--current { text-style: bold underline; }
        & .text--selected { text-style: reverse; }
    }
    """

    class SearchWanted(Message):
        """The user wants to be asked what to search for."""

    class StatusChanged(Message):
        """Another hit is looked at, or nothing is searched for any more."""

    class CopyWanted(Message):
        """The user wants ``text`` in the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, gallery: Gallery) -> None:
        super().__init__()
        self.search: TextSearch | None = None
        self.selection = Selection()
        self._gallery = gallery

    # -- lines --------------------------------------------------------------------------------------------------

    def show(self, lines: Sequence[Text], *, keep_place: bool = True, width: int | None = None) -> None:
        """Show other lines; search and selection stay where they are the same thing as before."""
        if not keep_place:
            self.selection.clear()
            self.search = None
        super().show(lines, keep_place=keep_place, width=width)
        if self.selection.range and self.selection.range[1] >= len(self.lines):
            self.selection.clear()
        if self.search is not None:
            self.search.look_at(self.lines)
        self.tell_status()

    def line_at(self, place: int) -> Text:
        """Return a line with what was found in it, and whether it is selected; its picture goes to the terminal."""
        line, search, selected = self.lines[place], self.search, self.selection.range
        if isinstance(line, PictureLine):
            driver = self.app._driver  # Textual 8.2.8 has no public way to write what is no text
            if driver is not None:
                self._gallery.show(line, self.app.console.color_system, driver.write)
            return line
        if selected and selected[0] <= place <= selected[1]:
            line = line.copy()
            line.stylize(self.get_component_rich_style("text--selected", partial=True))
        elif search is not None and search.query.pattern.search(line.plain):
            line = line.copy()
            for hit in search.query.pattern.finditer(line.plain):
                line.stylize(self.get_component_rich_style("text--hit", partial=True), *hit.span())
            if place == search.current:
                line.stylize(self.get_component_rich_style("text--current", partial=True))
        return line

    @property
    def top(self) -> int:
        """The first line that is shown, from 0."""
        return min(self.scroll_offset.y, max(0, len(self.lines) - 1))

    # -- moving -------------------------------------------------------------------------------------------------

    def moved(self) -> None:
        """The user went somewhere; for subclasses that follow something."""

    def move_by(self, lines: int) -> None:
        """Go some lines down or up; where lines are being selected, the selection's end goes there."""
        self.moved()
        if self.selection.cursor is not None:
            self.selection.extend(max(0, min(len(self.lines) - 1, self.selection.cursor + lines)))
            self._reveal(self.selection.cursor)
            self.refresh()
        else:
            super().move_by(lines)

    def _reveal(self, line: int) -> None:
        """Scroll as far as is needed to see a line."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        wanted = min(top, line) if line < top else max(top, line - height + 1)
        self.scroll_to(y=wanted, animate=False, immediate=True)

    def go_to(self, line: int) -> None:
        """Show a line with what stands before it."""
        height = self.size.height
        if not self.scroll_offset.y <= line < self.scroll_offset.y + height:
            self.scroll_to(y=max(0, line - height // 3), animate=False, immediate=True)
        self.refresh()

    def command_left(self) -> None:
        """Pan to the left."""
        self.scroll_to(x=self.scroll_offset.x - PAN, animate=False, immediate=True)

    def command_right(self) -> None:
        """Pan to the right."""
        self.scroll_to(x=self.scroll_offset.x + PAN, animate=False, immediate=True)

    # -- searching ----------------------------------------------------------------------------------------------

    def command_search(self) -> None:
        """Ask what to search for."""
        self.post_message(self.SearchWanted())

    def find(self, query: Query) -> None:
        """Search for something, and go to the first hit from here on."""
        self.search = TextSearch(query)
        self.search.look_at(self.lines)
        self._jump(forward=True)

    def command_next_hit(self) -> None:
        """Go to the next hit."""
        self._jump(forward=True)

    def command_previous_hit(self) -> None:
        """Go to the previous hit."""
        self._jump(forward=False)

    def _jump(self, *, forward: bool) -> None:
        if self.search is None:
            self.command_search()
            return
        line = self.search.jump(self.top, forward=forward)
        if line is not None:
            self.moved()
            self.go_to(line)
            self._show_column(line)
        self.refresh()
        self.tell_status()

    def _show_column(self, line: int) -> None:
        """Pan as far as is needed to see what was found in a line."""
        if self.search is None:
            return
        text = self.lines[line]
        found = self.search.query.pattern.search(text.plain)
        if found is not None:
            start, end = text[: found.start()].cell_len, text[: found.end()].cell_len
            left, width = self.scroll_offset.x, self.size.width
            if start < left or end > left + width:
                self.scroll_to(x=0 if end <= width else max(0, start - width // 3), animate=False, immediate=True)

    def tell_status(self) -> None:
        """Tell the host which hit is looked at."""
        self.post_message(self.StatusChanged())

    @property
    def status(self) -> str:
        """Which hit is looked at, in a word or two; empty where nothing is searched for."""
        return self.search.status if self.search is not None else ""

    # -- copying ------------------------------------------------------------------------------------------------

    def command_select(self) -> None:
        """Begin to select lines, or stop it."""
        if self.selection.active:
            self.selection.clear()
        elif self.lines:
            self.selection.begin(self._current)
        self.refresh()

    @property
    def _current(self) -> int:
        """The line of the last jump where it is in sight, else the topmost one."""
        top = self.top
        jumped = self.search.current if self.search is not None else None
        return jumped if jumped is not None and top <= jumped < top + self.size.height else top

    def command_copy(self) -> None:
        """Copy the selected lines, or the current one."""
        first, last = self.selection.range or (self._current, self._current)
        self._copy(self.lines[first : last + 1])
        self.selection.clear()
        self.refresh()

    def command_copy_all(self) -> None:
        """Copy everything that is shown here."""
        self._copy(self.lines)

    def _copy(self, lines: Sequence[Text]) -> None:
        texts = [said(line) for line in lines if not isinstance(line, PictureLine)]
        if texts:
            self.post_message(self.CopyWanted("\n".join(texts)))

    def command_cancel(self) -> None:
        """Leave the selection, else the search, else what the screen has on this key."""
        if self.selection.active:
            self.selection.clear()
        elif self.search is not None:
            self.search = None
            self.tell_status()
        else:
            raise SkipAction
        self.refresh()
