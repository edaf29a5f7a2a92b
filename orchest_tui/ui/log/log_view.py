"""The log view: a Textual widget that shows log files of any size, as they are and as they grow.

It keeps no text. Ten times a second it looks at the files and at the searches; only when something changed and the
terminal has taken all that was written before, the rows that differ are painted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from orchest_tui.ui.log.canvas import LogCanvas
from orchest_tui.ui.log.log_keys import LogKeys
from orchest_tui.ui.log.model import LogModel, ViewedLog
from orchest_tui.ui.log.painter import Appearance
from orchest_tui.ui.log.prompt import LogPrompt
from orchest_tui.ui.log.status import status_text, title_text
from orchest_tui.ui.terminal_link import terminal_is_busy

FRAME = 0.1
"""Seconds between two looks at the files."""

QUIET_FRAME = 0.25
"""The same where nothing has changed for a while."""

QUIET_AFTER = 20
"""Looks without a change after which it is quiet."""

STREAM_FRAMES = 2
"""Looks for each frame painted while a log streams: five frames a second read as well as ten, at half the bytes."""

LARGE = 6000
"""Cells from which on a log view waits for one look more between frames: it has twice the bytes to send."""

WHEEL = 3
"""Rows by which the mouse wheel moves."""


class LogView(LogKeys):
    """Shows log files; ``show`` exchanges them.

    Args:
        logs: The logs; the first one is shown, all of them where they are merged.
        title: What stands in the title before the position.
        clip_file: Where copied text is kept beside the terminal's clipboard.
        id: The widget's id.
        classes: The widget's style classes.
    """

    DEFAULT_CSS = """
    LogView {
        & > .log--title { height: 1; width: 1fr; color: $text-muted; }
        &:focus-within > .log--title { color: $text; text-style: bold; }
    }
    """

    class Followed(Message):
        """The log is followed from now on, or no longer."""

        def __init__(self, *, following: bool) -> None:
            super().__init__()
            self.following = following

    def __init__(
        self,
        logs: Sequence[ViewedLog] = (),
        *,
        title: str = "",
        clip_file: Path,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(clip_file=clip_file, id=id, classes=classes)
        self.logs, self.title = tuple(logs), title
        self._look = Appearance()
        self._title_line = Static(classes="log--title")
        self._canvas = LogCanvas()
        self._clock: Timer | None = None
        self._quiet_clock: Timer | None = None
        self._stale = False
        self._looks = 0
        self._unchanged = 0
        self._titled = ""

    def compose(self) -> ComposeResult:
        """Make title, rows and prompt."""
        yield self._title_line
        yield self._canvas
        yield LogPrompt()

    def on_mount(self) -> None:
        """Open the logs and start the clock."""
        self._clock = self.set_interval(FRAME, self._look_again)
        self._quiet_clock = self.set_interval(QUIET_FRAME, self._look_again, pause=True)
        self._open()

    def on_unmount(self) -> None:
        """Close the logs."""
        self._close()

    def on_show(self) -> None:
        """Go on."""
        self._wake()

    def on_hide(self) -> None:
        """Look at nothing while nobody sees it."""
        for clock in (self._clock, self._quiet_clock):
            if clock is not None:
                clock.pause()

    def focus(self, scroll_visible: bool = True) -> LogView:
        """Focus the rows, at once: the next key may be on its way already."""
        if self._canvas.is_attached:
            self.screen.set_focus(self._canvas, scroll_visible)
        else:
            self._canvas.focus(scroll_visible)
        return self

    @property
    def wrapped(self) -> bool:
        """Whether long lines are wrapped; settable. Otherwise they are cut at the edge."""
        return self._look.wrap

    @wrapped.setter
    def wrapped(self, wrapped: bool) -> None:
        self._look.wrap = wrapped
        if self.is_mounted:
            self._paint()

    def show(self, logs: Sequence[ViewedLog], *, title: str = "", merged: bool = False, note: str = "") -> None:
        """Show other logs, from their ends: the first one, or all of them ``merged`` into one.

        The same logs stay as they are, with their place and searches; title and note are taken.

        Args:
            logs: The logs; none shows the note alone.
            title: What stands in the title before the position.
            merged: Whether all of them are shown.
            note: What is said where there is nothing to show.
        """
        same = (tuple(logs), merged) == (self.logs, self.merged)
        told = (title, note) == (self.title, self.note)
        self.logs, self.merged, self.title, self.note = tuple(logs), merged, title, note
        if not self.is_mounted or (same and told):
            return
        if same:
            self._stale = True
            self._wake()
            self._paint()
        else:
            self._open()

    def change(self, change: Callable[[LogModel], None]) -> None:
        """Let ``change`` work on what is shown, and show the outcome at once, or when the terminal keeps up."""
        model = self._model
        if model is None:
            return
        following = model.following
        model.notice = ""
        change(model)
        if model.following != following:
            self.post_message(self.Followed(following=model.following))
        self._stale = True
        self._wake()
        if not terminal_is_busy(self.app):
            self._paint()

    def tell(self, words: str) -> None:
        """Say a few words in the title, until the next key."""

        def note(model: LogModel) -> None:
            model.notice = words

        self.change(note)

    @on(LogCanvas.Resized)
    def _fit(self, event: LogCanvas.Resized) -> None:
        """Fill another size, or use other colours."""
        event.stop()
        size = self._canvas.size
        self._look.width = max(1, size.width)
        if self._model is not None:
            self._model.viewport.height = max(1, size.height)
        self._paint()

    @on(LogPrompt.Answered)
    def _take_answer(self, event: LogPrompt.Answered) -> None:
        """Search, or filter, as was typed."""
        event.stop()
        self.focus()
        query = event.query
        if event.cancelled or (query is None and event.kind == "search"):
            return
        if query is not None and event.kind == "search":
            self.change(lambda model: model.find(query))
        else:
            self.change(lambda model: model.only(query))

    @on(LogPrompt.Refused)
    def _tell_refusal(self, event: LogPrompt.Refused) -> None:
        """Say why something can't be searched for."""
        event.stop()
        self.notify(event.reason, severity="error", markup=False)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down."""
        event.stop()
        self.action_move(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up."""
        event.stop()
        self.action_move(-WHEEL)

    def _open(self) -> None:
        """Open the logs in place of those that were open."""
        self._close()
        if not self._canvas.is_attached:
            return  # it was taken away before it was on the screen
        if self.logs:
            self._model = LogModel(self.logs if self.merged else self.logs[:1], self._look)
            self._model.viewport.height = max(1, self._canvas.size.height)
        self._paint()

    def _close(self) -> None:
        """Close what is open."""
        model, self._model = self._model, None
        if model is not None:
            model.close()

    def _look_again(self) -> None:
        """Look at the files and searches; paint where something changed, not too often, if the terminal keeps up."""
        if self._model is None:
            self._rest()
            return
        self._looks += 1
        jumping = self._model.jumping
        if self._model.refresh():
            self._stale = True
            self._wake()
        elif not self._stale:
            self._rest()
        wanted = STREAM_FRAMES + (self._look.width * self._model.viewport.height > LARGE)
        arrived = jumping and not self._model.jumping
        if self._stale and (self._looks >= wanted or arrived) and not terminal_is_busy(self.app):
            self._paint()

    def _wake(self) -> None:
        """Look often from now on: something happens."""
        self._unchanged = 0
        if self._clock is not None and self._quiet_clock is not None:
            self._quiet_clock.pause()
            self._clock.resume()

    def _rest(self) -> None:
        """Look less often once nothing has happened for a while."""
        self._unchanged += 1
        if self._unchanged == QUIET_AFTER and self._clock is not None and self._quiet_clock is not None:
            self._clock.pause()
            self._quiet_clock.resume()

    def _paint(self) -> None:
        """Show what is there now."""
        model = self._model
        self._stale = False
        self._looks = 0
        if model is None:
            self._canvas.say(self.note)
        else:
            self._canvas.paint(model, self.note)
        title = title_text(self.title, "" if model is None else status_text(model), self.size.width)
        if title != self._titled:
            self._titled = title
            self._title_line.update(Content(title), layout=False)
