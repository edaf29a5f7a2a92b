"""Choosing a theme: the app wears the one under the cursor, until it is taken or the choice is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from orchest_tui.ui.themes.files import ThemeFile


class ThemePicker(ModalScreen[str | None]):
    """A list of themes with preview; its result is the name of the one taken, None if it was left.

    Args:
        themes: The themes to choose from.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move('down')", "Down", show=False, id="theme.down"),
        Binding("k", "move('up')", "Up", show=False, id="theme.up"),
        Binding("escape,q", "leave", "Leave", id="theme.leave"),
    ]

    DEFAULT_CSS = """
    ThemePicker {
        align: center middle;
        background: transparent;
    }
    ThemePicker OptionList {
        width: 44;
        height: auto;
        max-height: 80%;
        background: $surface;
    }
    ThemePicker OptionList, ThemePicker OptionList:focus { border: round $border; }
    """

    def __init__(self, themes: Sequence[ThemeFile]) -> None:
        super().__init__()
        self._themes = themes
        self._before = ""

    def compose(self) -> ComposeResult:
        """Make the list."""
        options = OptionList(*(Option(Content(theme.title), id=theme.name) for theme in self._themes))
        options.border_title = "Theme"
        yield options

    def on_mount(self) -> None:
        """Start at the theme in force."""
        self._before = self.app.theme
        names = [theme.name for theme in self._themes]
        if self._before in names:
            self.query_one(OptionList).highlighted = names.index(self._before)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Wear the theme under the cursor."""
        if event.option_id is not None and event.option_id in self.app.available_themes:
            self.app.theme = event.option_id

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the theme under the cursor."""
        self.dismiss(event.option_id)

    def action_move(self, way: str) -> None:
        """Move the cursor ``up`` or ``down``."""
        options = self.query_one(OptionList)
        if way == "down":
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_leave(self) -> None:
        """Leave with the theme that was there before."""
        self.app.theme = self._before
        self.dismiss(None)
