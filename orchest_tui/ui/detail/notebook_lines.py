"""A notebook as lines: Markdown rendered, code highlighted, outputs with their colours, tables and pictures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rich.text import Text

from orchest_tui.engine.state import CellView
from orchest_tui.human import human_seconds
from orchest_tui.ui.detail.markdown import markdown_lines
from orchest_tui.ui.detail.notebook_book import Book, Cell, Output
from orchest_tui.ui.detail.notebook_reduced import MOST_CELLS
from orchest_tui.ui.detail.source import highlighted
from orchest_tui.ui.gutter import GutterText
from orchest_tui.ui.log.ansi import parse_line
from orchest_tui.ui.pictures import Gallery
from orchest_tui.ui.themes.status import LOOKS

MOST_LINES = 20_000
"""Lines from which no more cells are shown."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """How cells are made into lines.

    Attributes:
        width: Cells of a line.
        height: Lines that a picture may take.
        theme: A Pygments style.
        unicode: Whether the terminal has more than ASCII.
        gallery: Makes lines of pictures.
    """

    width: int
    height: int
    theme: str
    unicode: bool
    gallery: Gallery


@dataclass(slots=True)
class Page:
    """A notebook's lines.

    Attributes:
        lines: The lines.
        starts: The first line of each cell that is shown.
        errors: First lines of the cells that failed.
        running: The cell that runs, None for none.
        state: The line that tells for how long it has been running.
        width: Cells of the widest line.
    """

    lines: list[Text] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    running: int | None = None
    state: int | None = None
    width: int = 0


def notebook_page(book: Book, views: Mapping[int, CellView], rendering: Rendering, *, running: bool) -> Page:
    """Return a notebook's lines. Call it in a thread: of a large one it takes a second.

    Args:
        book: The notebook.
        views: What is known of its cells' last run, by index.
        rendering: How it is to look.
        running: Whether the step runs.
    """
    page = Page()
    if book.problem:
        page.lines.append(Text(book.problem, "dim"))
        return page
    digits = max((len(str(cell.count)) for cell in book.cells if cell.count is not None), default=1)
    look = _Look(rendering, _lexer(book.language), digits + 3)
    left = book.left_out
    for index, cell in enumerate(book.cells):
        view = views.get(index)
        page.starts.append(len(page.lines))
        active = running and view is not None and view.status == "running"
        if cell.failed or (view is not None and view.status == "error"):
            page.errors.append(len(page.lines))
        # Of a cell that runs the clock goes on, so it is made each time.
        before, after, width = look.lines(cell, view, active=True) if active else _lines(look, cell, view)
        if active:
            page.running, page.state = index, len(page.lines) + len(before) - 1
        page.lines += [*before, *after, _BLANK]
        page.width = max(page.width, width)
        if len(page.lines) > MOST_LINES:
            left += len(book.cells) - index - 1
            break
    if left:
        page.lines.append(Text(f"(and {left:,} more cells)", "dim"))
    elif not book.cells:
        page.lines.append(Text("The notebook has no cells.", "dim"))
    else:
        page.lines.pop()
    page.width = max(page.width, 40)
    return page


_BLANK = Text("")

_Lines = tuple[list[Text], list[Text], int]
"""A cell's own lines, the last of which tells how it fares if anything is known; its outputs' lines; the widest."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How the cells of one notebook are made into lines: as ``rendering`` wants, ``gutter`` cells for the counts."""

    rendering: Rendering
    lexer: str
    gutter: int

    def lines(self, cell: Cell, view: CellView | None, *, active: bool = False) -> _Lines:
        """Return a cell's lines."""
        own = self._own(cell, view, active=active)
        outputs = [line for output in cell.outputs for line in self._output(output)]
        return own, outputs, max((line.cell_len for line in (*own, *outputs)), default=0)

    def _own(self, cell: Cell, view: CellView | None, *, active: bool) -> list[Text]:
        theme = self.rendering.theme
        if cell.kind == "markdown":
            return _prose(cell.source, self.rendering.width, theme)
        if cell.kind == "raw":
            return highlighted(cell.source, "text", theme)
        failed = cell.failed or (view is not None and view.status == "error")
        style = "bold red" if failed else "bold" if active else "dim"
        number = "*" if active else " " if cell.count is None else str(cell.count)
        code = highlighted(cell.source, self.lexer, theme) or [_BLANK]
        head, rest = self._pad(f"[{number}]"), self._pad("")
        lines: list[Text] = [GutterText(rest if place else head, style, line) for place, line in enumerate(code)]
        state = self._state(cell, view, active=active)
        return lines if state is None else [*lines, state]

    def _pad(self, text: str) -> str:
        return text.ljust(self.gutter)

    def _state(self, cell: Cell, view: CellView | None, *, active: bool) -> Text | None:
        """Return how a cell fares: runs, ended, was skipped; None where nothing is known of it."""
        if active and view is not None:
            return running_line(view, self.gutter, unicode=self.rendering.unicode)
        if cell.skipped or (view is not None and view.status == "skipped"):
            name, words, style = "aborted", "skipped by its tag", "dim"
        elif cell.failed or (view is not None and view.status == "error"):
            name, words, style = "failure", "failed", "bold red"
        elif view is None:
            return None
        elif view.status == "running":
            name, words, style = "aborted", "stopped", "dim"
        else:
            name, words, style = "success", "", "dim"
        spent = human_seconds(view.seconds) if view is not None else ""
        sign = LOOKS[name].sign(unicode=self.rendering.unicode)
        told = " after ".join(filter(None, (words, spent)))
        return GutterText(self._pad(""), "", Text(f"{sign} {told}", style))

    def _output(self, output: Output) -> list[Text]:
        """Return the lines of one output, below the code."""
        rendering, rest = self.rendering, self._pad("")
        room = max(8, rendering.width - self.gutter)
        if output.kind == "picture":
            return rendering.gallery.lines(output.text, rendering.width, rendering.height)
        if output.kind == "markdown":
            return [GutterText(rest, "", line) for line in _prose(output.text, room, rendering.theme)]
        if output.kind == "note":
            return [GutterText(rest, "", Text(f"({output.text.splitlines()[0][:200]})", "dim"))]
        mark = self._pad(" !") if output.kind == "stderr" else rest
        return [GutterText(mark, "dim", line) for line in _shown(output.text)]


def running_line(view: CellView, gutter: int, *, unicode: bool) -> Text:
    """Return what tells that a cell runs, and for how long."""
    sign = LOOKS["running"].sign(unicode=unicode)
    spent = int(max(0.0, time.time() - view.started))
    told = f"{spent} s" if spent < 60 else human_seconds(spent)
    return GutterText(" " * gutter, "", Text(f"{sign} running {told}", "bold"))


@lru_cache(MOST_CELLS)
def _lines(look: _Look, cell: Cell, view: CellView | None) -> _Lines:
    """Return the lines of a cell that does not run; most cells are what they were when the page was made last."""
    return look.lines(cell, view)


def _prose(source: str, width: int, theme: str) -> list[Text]:
    def colour(code: str, language: str) -> list[Text]:
        return highlighted(code, _lexer(language), theme)

    return markdown_lines(source, width, colour)


def _shown(text: str) -> list[Text]:
    """Return the lines of an output with its colours, and nothing that could do more than show."""
    lines = []
    for line in text.split("\n"):
        made = Text(no_wrap=True, end="")
        for span in parse_line(line.encode("utf-8", "replace")):
            made.append(span.text, span.style)
        lines.append(made)
    return lines


@lru_cache(64)
def _lexer(language: str) -> str:
    """Return the name of a language's lexer, plain text where there is none."""
    from pygments.lexers import find_lexer_class_by_name
    from pygments.util import ClassNotFound

    try:
        return str(find_lexer_class_by_name(language or "text").aliases[0])
    except (ClassNotFound, IndexError):
        return "text"
