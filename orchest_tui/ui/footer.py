"""The last row: which keys work here, at most seven of them, ``? help`` always."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.widget import Widget

from orchest_tui.commands import ALL
from orchest_tui.commands.command import OUTER, Command, Scope, Situation
from orchest_tui.ui.bindings import shown_key, textual_key

_MOST = 7


def hints(scope: Scope, situation: Situation, keys: Mapping[str, Sequence[str]], width: int) -> list[tuple[str, str]]:
    """Return key and word of the commands that the footer shows.

    Args:
        scope: The focused pane.
        situation: What is the case.
        keys: Every command's keys in force.
        width: Cells; hints are shed from the right, but never the help.
    """
    return [
        (shown_key(keys[each.id][0]), each.footer_label(situation)) for each in shown(scope, situation, keys, width)
    ]


def shown(scope: Scope, situation: Situation, keys: Mapping[str, Sequence[str]], width: int) -> list[type[Command]]:
    """Return the commands that ``hints`` tells of, the help last."""
    scopes = {scope, *OUTER[scope]}
    offered = [
        command
        for command in ALL
        if command.label and scopes & {*command.scopes} and keys[command.id] and not command.refusal(situation)
    ]
    offered.sort(key=lambda command: command.rank)
    *others, last = offered
    chosen = others[: _MOST - 1]
    while chosen and sum(_width(each, situation, keys) for each in (*chosen, last)) > width:
        chosen.pop()
    return [*chosen, last]


def _width(command: type[Command], situation: Situation, keys: Mapping[str, Sequence[str]]) -> int:
    return cell_len(shown_key(keys[command.id][0])) + cell_len(command.footer_label(situation)) + 3


class CommandFooter(Widget):
    """The footer.

    Args:
        keys: Every command's keys in force.
    """

    DEFAULT_CSS = "CommandFooter { height: 1; background: $panel; color: $text-muted; }"

    def __init__(self, keys: Mapping[str, Sequence[str]]) -> None:
        super().__init__(id="footer")
        self._keys = keys
        self._shown: tuple[Scope, Situation] = (Scope.TREE, Situation())

    def show(self, scope: Scope, situation: Situation) -> None:
        """Show what can be done in ``scope`` now."""
        if (scope, situation) != self._shown:
            self._shown = (scope, situation)
            self.refresh(layout=False)

    def on_click(self, event: events.Click) -> None:
        """Do what the mouse is on, as its key does."""
        scope, situation = self._shown
        left = 0
        for command in shown(scope, situation, self._keys, self.size.width):
            left += _width(command, situation, self._keys)
            if event.x < left:
                self.app.simulate_key(textual_key(self._keys[command.id][0]))
                return

    def render(self) -> Text:
        """Return the row."""
        text = Text(no_wrap=True, end="")
        for key, word in hints(*self._shown, self._keys, self.size.width):
            text.append(f" {key}", "bold")
            text.append(f" {word} ")
        return text
