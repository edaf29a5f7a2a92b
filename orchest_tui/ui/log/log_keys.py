"""What the keys of a log view do; the log view itself is ``log_view``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from orchest_tui.ui.log.clipboard import OSC52_LIMIT, copy_text
from orchest_tui.ui.log.excerpt import current_text, whole_text
from orchest_tui.ui.log.model import LogModel, ViewedLog
from orchest_tui.ui.log.places import Place, error_places
from orchest_tui.ui.log.prompt import LogPrompt

PAN = 8
"""Cells by which one step sideways moves."""


def _binding(keys: str, action: str, description: str, name: str, tooltip: str = "") -> Binding:
    """Return a binding of the log view."""
    return Binding(keys, action, description, show=False, id=f"log.{name}", tooltip=tooltip or description)


class LogKeys(Vertical):
    """The keys of a log view and their actions.

    Args:
        clip_file: Where copied text is kept beside the terminal's clipboard.
        id: The widget's id.
        classes: The widget's style classes.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        _binding("j,down", "move(1)", "Down", "down"),
        _binding("k,up", "move(-1)", "Up", "up"),
        _binding("ctrl+d", "move_screens(0.5)", "Half a page down", "half-page-down"),
        _binding("ctrl+u", "move_screens(-0.5)", "Half a page up", "half-page-up"),
        _binding("pagedown,space", "move_screens(1)", "Page down", "page-down"),
        _binding("pageup", "move_screens(-1)", "Page up", "page-up"),
        _binding("g,home", "start", "First line", "start"),
        _binding("G,end", "end", "Last line, follow", "end", "Go to the last line and follow the log"),
        _binding("F", "toggle_follow", "Follow or pause", "follow", "Follow the end of the log, or stay here"),
        _binding("h,left", "pan(-1)", "Left", "left"),
        _binding("l,right", "pan(1)", "Right", "right"),
        _binding("w", "toggle_wrap", "Wrap", "wrap", "Wrap long lines, or cut them at the edge"),
        _binding("t", "toggle_times", "Times", "times", "Show when lines were written"),
        _binding("slash", "ask('search')", "Search", "search"),
        _binding("n", "next_hit(True)", "Next hit", "next-hit"),
        _binding("N", "next_hit(False)", "Previous hit", "previous-hit"),
        _binding("ampersand", "ask('filter')", "Only matching lines", "filter"),
        _binding("e", "next_error(True)", "Next error", "next-error"),
        _binding("E", "next_error(False)", "Previous error", "previous-error"),
        _binding("v", "select", "Select lines", "select"),
        _binding("y", "copy", "Copy", "copy", "Copy the selected lines, or the current one"),
        _binding("Y", "copy_all", "Copy all", "copy-all", "Copy the whole log"),
        _binding("a", "toggle_merged", "Merge", "merge", "Show several logs as one"),
        _binding("p", "earlier", "Earlier log", "earlier", "Show the log before this one"),
        _binding("o", "open_place", "Open at the error", "open-place", "Open the file and line that the error names"),
        _binding("escape", "cancel", "Back", "cancel", "Leave the selection, the search, the filter"),
    ]

    class Copied(Message, namespace="log_view"):
        """Text was copied; ``outcome`` says where it is."""

        def __init__(self, outcome: str) -> None:
            super().__init__()
            self.outcome = outcome

    class _Wish(Message, namespace="log_view"):
        """The user wants something of the host; ``view`` is the log view that has the focus."""

        def __init__(self, view: LogKeys) -> None:
            super().__init__()
            self.view = view

    class MergeRequested(_Wish, namespace="log_view"):
        """The user wants to see several logs as one, and only one is known here: ``show`` the others too."""

    class EarlierRequested(_Wish, namespace="log_view"):
        """The user wants to see the log before this one: ``show`` it, or ``tell`` that there is none."""

    class OpenRequested(_Wish, namespace="log_view"):
        """The user wants to edit a file that an error in the log names: ``places``, the innermost first."""

        def __init__(self, view: LogKeys, places: Sequence[Place]) -> None:
            super().__init__(view)
            self.places = places

    def __init__(
        self,
        *,
        clip_file: Path,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.logs: Sequence[ViewedLog] = ()
        self.title = self.note = ""
        self.merged = False
        self._clip_file = clip_file
        self._model: LogModel | None = None

    @property
    def model(self) -> LogModel | None:
        """What is shown; nothing while there is no log."""
        return self._model

    def show(self, logs: Sequence[ViewedLog], *, title: str = "", merged: bool = False, note: str = "") -> None:
        """Show other logs, from their ends: the first one, or all of them ``merged`` into one."""
        raise NotImplementedError

    def change(self, change: Callable[[LogModel], None]) -> None:
        """Let ``change`` work on what is shown, and show the outcome."""
        raise NotImplementedError

    def action_move(self, rows: int) -> None:
        """Move by rows."""
        self.change(lambda model: model.move(rows))

    def action_move_screens(self, screens: float) -> None:
        """Move by screens."""
        self.change(lambda model: model.move(int(screens * max(2, model.viewport.height - 1))))

    def action_start(self) -> None:
        """Go to the first line."""
        self.change(LogModel.to_start)

    def action_end(self) -> None:
        """Go to the last line and follow."""
        self.change(LogModel.to_end)

    def action_toggle_follow(self) -> None:
        """Follow the end of the log, or stay here."""
        self.change(lambda model: model.follow(on=not model.following))

    def action_pan(self, steps: int) -> None:
        """Move sideways."""
        self.change(lambda model: model.pan(steps * PAN))

    def action_toggle_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.change(LogModel.toggle_wrap)

    def action_toggle_times(self) -> None:
        """Show when lines were written, or not."""
        self.change(LogModel.toggle_times)

    def action_ask(self, kind: str) -> None:
        """Ask for something to search for, or to filter by."""
        self.query_one(LogPrompt).ask(kind)

    def action_next_hit(self, forward: bool) -> None:
        """Go to the next or the previous line that the search finds."""
        self.change(lambda model: model.next_hit(forward=forward))

    def action_next_error(self, forward: bool) -> None:
        """Go to the next or the previous error."""
        self.change(lambda model: model.next_error(forward=forward))

    def action_select(self) -> None:
        """Begin to select lines, or stop it."""
        self.change(lambda model: model.selection.clear() if model.selection.active else model.select())

    def action_copy(self) -> None:
        """Copy the selected lines, or the current one."""
        if self._model is not None:
            self._copy(current_text(self._model))
            self.change(lambda model: model.selection.clear())

    def action_copy_all(self) -> None:
        """Copy the whole log; of one that is too large, tell where it is."""
        if self._model is None:
            return
        size = self._model.lines.source.size
        if size > OSC52_LIMIT:
            paths = ", ".join(str(log.path) for log in self._model.logs)
            self._tell(f"{size:,} bytes are too much for the clipboard; the log is {paths}")
        else:
            self._copy(whole_text(self._model))

    def action_toggle_merged(self) -> None:
        """Show all logs as one, or the first of them."""
        if len(self.logs) > 1:
            self.show(self.logs, title=self.title, merged=not self.merged, note=self.note)
        else:
            self.post_message(self.MergeRequested(self))

    def action_earlier(self) -> None:
        """Ask the host for the log before this one."""
        self.post_message(self.EarlierRequested(self))

    def action_open_place(self) -> None:
        """Ask the host to open the file that the current error names."""
        places = error_places(self._model) if self._model is not None else []
        if places:
            self.post_message(self.OpenRequested(self, places))
        else:
            self.tell("No error names a file here")

    def tell(self, words: str) -> None:
        """Say a few words in the title, until the next key."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        """Leave the selection, else the search, else the filter, else what the host has on this key."""
        model = self._model
        if model is None or not (model.selection.active or model.searches.search or model.searches.filter):
            raise SkipAction
        self.change(LogModel.leave)

    def _copy(self, text: str) -> None:
        """Copy ``text`` and say where it is."""
        self._tell(copy_text(self.app, text, self._clip_file))

    def _tell(self, outcome: str) -> None:
        """Tell the host what became of copying."""
        self.post_message(self.Copied(outcome))
