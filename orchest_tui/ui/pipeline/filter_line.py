"""The line in which a filter for the tree is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterLine(Input):
    """Filters while one types; enter keeps the filter, escape drops it.

    Args:
        placeholder: What stands in the empty line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "drop", show=False)]
    DEFAULT_CSS = """
    FilterLine { display: none; height: 1; padding: 0 1; background: $panel; }
    FilterLine, FilterLine:focus { border: none; }
    FilterLine.-open { display: block; }
    """

    class Closed(Message):
        """The line is gone; ``keep`` tells whether the filter stays."""

        def __init__(self, *, keep: bool) -> None:
            super().__init__()
            self.keep = keep

    def __init__(self, placeholder: str = "filter by title or file; enter keeps it, esc drops it") -> None:
        super().__init__(placeholder=placeholder, id="filter")

    def open(self, text: str) -> None:
        """Show the line with the filter in force."""
        self.value = text
        self.add_class("-open")
        self.screen.set_focus(self)  # at once, so that the next key is text and no command

    def action_drop(self) -> None:
        """Leave without a filter."""
        self._close(keep=False)

    async def action_submit(self) -> None:
        """Leave with the filter."""
        self._close(keep=True)

    def _close(self, *, keep: bool) -> None:
        self.remove_class("-open")
        self.post_message(self.Closed(keep=keep))
