"""The line at the foot of a log view in which one types what to search for."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from orchest_tui.ui.log.search import InvalidQueryError, Query


class LogPrompt(Input):
    """Asks for a query, for a search or for a filter; out of sight while nothing is asked."""

    DEFAULT_CSS = """
    LogPrompt { display: none; height: 1; border: none; padding: 0; }
    LogPrompt:focus { border: none; }
    LogPrompt.-invalid, LogPrompt.-invalid:focus { border: none; color: $text-error; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", id="log-prompt.cancel", show=False),
        Binding("ctrl+r", "toggle_literal", "Text or expression", id="log-prompt.literal", show=False),
    ]

    class Answered(Message):
        """A query was typed; none where the line was left empty or the prompt was cancelled."""

        def __init__(self, kind: str, query: Query | None, *, cancelled: bool = False) -> None:
            super().__init__()
            self.kind = kind
            self.query = query
            self.cancelled = cancelled

    class Refused(Message):
        """What was typed can't be searched for."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._kind = ""
        self._literal = False

    def ask(self, kind: str) -> None:
        """Ask for a query; ``kind`` comes back with the answer."""
        self._kind, self._literal = kind, False
        self.value = ""
        self._name_the_question()
        self.display = True
        self.screen.set_focus(self)  # at once, so that the next key is text and no command

    def action_leave(self) -> None:
        """Ask no longer."""
        self._answer(None, cancelled=True)

    def action_toggle_literal(self) -> None:
        """Take what is typed as it stands, or as a regular expression where it looks like one."""
        self._literal = not self._literal
        self._name_the_question()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand over what was typed."""
        event.stop()
        if not self.value:
            self._answer(None)
            return
        try:
            query = Query.parse(self.value, literal=self._literal)
        except InvalidQueryError as error:
            self.post_message(self.Refused(str(error)))
            return
        self._answer(query)

    def _answer(self, query: Query | None, *, cancelled: bool = False) -> None:
        """Leave the screen and tell the answer."""
        self.display = False
        self.post_message(self.Answered(self._kind, query, cancelled=cancelled))

    def _name_the_question(self) -> None:
        """Say in the empty line what is asked."""
        what = "Search for" if self._kind == "search" else "Show only lines with"
        how = "this text exactly" if self._literal else "text or regular expression"
        self.placeholder = f"{what} ({how}; ctrl+r changes that)"
