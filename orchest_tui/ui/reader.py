"""A reading view with the line in which one types what to search for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from orchest_tui.ui.log import LogView
from orchest_tui.ui.log.clipboard import copy_text
from orchest_tui.ui.log.prompt import LogPrompt
from orchest_tui.ui.reading_view import ReadingView


class Reader(Vertical):
    """Lines to read, and what asks for a search in them.

    Args:
        view: The lines.
        clip_file: Where copied text is kept beside the terminal's clipboard.
        id: The widget's id.

    Attributes:
        view: The lines.
        subject: What the lines show; None before anything is shown.
    """

    DEFAULT_CSS = "Reader ReadingView { height: 1fr; }"

    def __init__(self, view: ReadingView, *, clip_file: Path, id: str) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.view = view
        self.subject: object = None
        self._clip_file = clip_file

    def compose(self) -> ComposeResult:
        """Make lines and prompt."""
        yield self.view
        yield LogPrompt()

    def focus(self, scroll_visible: bool = True) -> Reader:
        """Focus the lines, at once: the next key may be on its way already."""
        self.screen.set_focus(self.view, scroll_visible)
        return self

    def show(self, lines: Sequence[Text], subject: object) -> bool:
        """Show lines; return whether they are of another subject, and so from the first one on."""
        new = subject != self.subject
        self.subject = subject
        self.view.show(lines, keep_place=not new)
        return new

    @on(ReadingView.SearchWanted)
    def _ask(self, event: ReadingView.SearchWanted) -> None:
        event.stop()
        self.query_one(LogPrompt).ask("search")

    @on(LogPrompt.Answered)
    def _search(self, event: LogPrompt.Answered) -> None:
        event.stop()
        self.focus()
        if event.query is not None:
            self.view.find(event.query)
            # Textual takes a message no further than to the parent in whose handler it was posted, which is this one.
            self.post_message(ReadingView.StatusChanged())

    @on(LogPrompt.Refused)
    def _tell_refusal(self, event: LogPrompt.Refused) -> None:
        event.stop()
        self.notify(event.reason, severity="error", markup=False)

    @on(ReadingView.CopyWanted)
    def _copy(self, event: ReadingView.CopyWanted) -> None:
        event.stop()
        self.post_message(LogView.Copied(copy_text(self.app, event.text, self._clip_file)))
