"""A list to choose from that knows the keys of every other pane."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import OptionList

from orchest_tui.commands.command import Scope
from orchest_tui.ui.bindings import bindings_of, perform


class ChoiceList(OptionList):
    """An option list that moves with the commands ``move.*``."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(Scope.TEXT)]
    DEFAULT_CSS = """
    ChoiceList {
        padding: 0; scrollbar-size: 0 0; height: auto; max-height: 100%; text-wrap: nowrap; text-overflow: ellipsis;
    }
    ChoiceList, ChoiceList:focus { border: none; }
    """

    def action_command(self, command_id: str) -> None:
        """Move."""
        perform(self, command_id)

    def command_down(self) -> None:
        """One line down."""
        self.action_cursor_down()

    def command_up(self) -> None:
        """One line up."""
        self.action_cursor_up()

    def command_top(self) -> None:
        """To the first line."""
        self.action_first()

    def command_bottom(self) -> None:
        """To the last line."""
        self.action_last()

    def command_half_down(self) -> None:
        """One page down."""
        self.action_page_down()  # type: ignore[no-untyped-call]

    def command_half_up(self) -> None:
        """One page up."""
        self.action_page_up()  # type: ignore[no-untyped-call]
