"""The tab Notebook: cells and outputs, live while the notebook runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.binding import BindingType

from orchest_tui.commands.command import Scope
from orchest_tui.engine.state import CellView
from orchest_tui.ui.bindings import bindings_of
from orchest_tui.ui.detail.notebook_book import Book, read_book
from orchest_tui.ui.detail.notebook_lines import Page, Rendering, notebook_page, running_line
from orchest_tui.ui.gutter import GutterText
from orchest_tui.ui.pictures import Gallery
from orchest_tui.ui.reading_view import ReadingView
from orchest_tui.ui.terminal_link import terminal_is_busy

_TICK = 1.0
"""Seconds between two looks at the clock and at the file."""


@dataclass(frozen=True, slots=True)
class NotebookRun:
    """What is to be shown.

    Attributes:
        path: The notebook's file.
        run: The step's last run, None where it never ran.
        running: Whether it goes on.
        cells: What is known of the cells in it.
    """

    path: Path
    run: int | None
    running: bool
    cells: Mapping[int, CellView]


class NotebookView(ReadingView, inherit_bindings=False):
    """A notebook to read; the cell that runs is followed until the user goes elsewhere.

    Args:
        gallery: Makes lines of pictures.
        unicode: Whether the terminal has more than ASCII.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(Scope.NOTEBOOK)]

    def __init__(self, gallery: Gallery, *, unicode: bool) -> None:
        super().__init__(gallery)
        self.page = Page()
        self.following = True
        self._unicode = unicode
        self._wanted: tuple[NotebookRun, str] | None = None
        self._shown: NotebookRun | None = None
        self._book: tuple[Path, int, int, Book] | None = None
        self._asked = 0
        self._busy = False
        self._last_error: int | None = None

    def on_mount(self) -> None:
        """Start the clock."""
        self.set_interval(_TICK, self._tick)

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_notebook(self, wanted: NotebookRun, theme: str) -> None:
        """Show a notebook, or what is new of it, as soon as it has been read.

        Args:
            wanted: The notebook.
            theme: A Pygments style.
        """
        before = self._wanted[0] if self._wanted is not None else None
        if before is None or (before.path, before.run) != (wanted.path, wanted.run):
            self.following = True
        self._wanted = (wanted, theme)
        self._ask()

    def _ask(self) -> None:
        """Make the page as soon as the one before is made: what is asked for meanwhile is one more, of the newest."""
        self._asked += 1
        if not self._busy:
            self._busy = True
            self.run_worker(self._catch_up(), group="notebook")

    async def _catch_up(self) -> None:
        made = 0
        try:
            while made != self._asked:
                made = self._asked
                if self._wanted is not None and self.size.width:
                    await self._make(*self._wanted)
        finally:
            self._busy = False

    async def _make(self, wanted: NotebookRun, theme: str) -> None:
        rendering = Rendering(self.size.width, max(8, self.size.height - 2), theme, self._unicode, self._gallery)
        book = await asyncio.to_thread(self._read, wanted.path)
        page = await asyncio.to_thread(notebook_page, book, wanted.cells, rendering, running=wanted.running)
        self._take(wanted, page)

    def on_resize(self) -> None:
        """Make the page again for another width."""
        if self._wanted is not None:
            self._ask()

    def _read(self, path: Path) -> Book:
        """Return the notebook, read again where its file has changed; runs in a thread, one at a time."""
        stamp = _stamp(path)
        if self._book is None or self._book[:3] != (path, *stamp):
            self._book = (path, *stamp, read_book(path))
        return self._book[3]

    def _take(self, wanted: NotebookRun, page: Page) -> None:
        """Show a page; the place stays in its cell, or follows the cell that runs."""
        before = self._shown
        new = before is None or before.path != wanted.path
        place = self._place()
        self.page, self._shown = page, wanted
        self.show(page.lines, keep_place=not new, width=page.width)
        if new:
            place = None
        if self.following and page.running is not None and page.state is not None:
            self._follow(page.starts[page.running], page.state)
        elif self.following and before is not None and before.running and not wanted.running and page.errors:
            self._last_error = page.errors[-1]
            self.scroll_to(y=self._last_error, animate=False, immediate=True)
        elif place is not None and place[0] < len(page.starts):
            self.scroll_to(y=page.starts[place[0]] + place[1], animate=False, immediate=True)

    def _place(self) -> tuple[int, int] | None:
        """Return the cell of the topmost line, and how far down in it that is."""
        top, starts = self.scroll_offset.y, self.page.starts
        cell = next((number for number in range(len(starts) - 1, -1, -1) if starts[number] <= top), None)
        return None if cell is None else (cell, top - starts[cell])

    def _follow(self, first: int, last: int) -> None:
        """Scroll to a cell that runs, so that its beginning can be seen, or its end where it is long."""
        height = max(1, self.size.height)
        top = self.scroll_offset.y
        if top <= first and last < top + height:
            return
        wanted = max(0, first - height // 3) if last - first < height else last - height + 1
        self.scroll_to(y=wanted, animate=False, immediate=True)

    def _tick(self) -> None:
        """Let the running cell's clock go on, and look whether somebody else has saved the file."""
        shown = self._shown
        if shown is None or not self.is_on_screen or self._busy or terminal_is_busy(self.app):
            return
        page = self.page
        if self._book is not None and self._book[1:3] != _stamp(shown.path):
            self._ask()
        elif page.running is not None and page.state is not None:
            old = page.lines[page.state]
            gutter = old.gutter if isinstance(old, GutterText) else 0
            page.lines[page.state] = running_line(shown.cells[page.running], gutter, unicode=self._unicode)
            self.show(page.lines, width=page.width)

    # -- keys ---------------------------------------------------------------------------------------------------

    def moved(self) -> None:
        """Stop following: the user reads elsewhere."""
        self.following = False

    def on_mouse_scroll_down(self) -> None:
        """Stop following."""
        self.moved()

    def on_mouse_scroll_up(self) -> None:
        """Stop following."""
        self.moved()

    def command_bottom(self) -> None:
        """To the last line; while the notebook runs, to the cell that runs, and with it from now on."""
        super().command_bottom()
        self.following = True
        if self.page.running is not None and self.page.state is not None:
            self._follow(self.page.starts[self.page.running], self.page.state)

    def command_next_error(self) -> None:
        """Go to the next cell that failed."""
        self._go_to_error(forward=True)

    def command_previous_error(self) -> None:
        """Go to the previous cell that failed."""
        self._go_to_error(forward=False)

    def _go_to_error(self, *, forward: bool) -> None:
        errors = self.page.errors
        if not errors:
            self.notify("No cell of it failed; e in the tree edits the file.", timeout=3, markup=False)
            return
        self.moved()
        top, last = self.scroll_offset.y, self._last_error
        here = last if last is not None and top <= last < top + self.size.height else top - forward
        beyond = [line for line in errors if (line > here if forward else line < here)]
        self._last_error = (beyond or errors)[0 if forward else -1]
        self.scroll_to(y=self._last_error, animate=False, immediate=True)


def _stamp(path: Path) -> tuple[int, int]:
    """Return what tells versions of a file apart: time of change and size; zeros where there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
