"""From declared commands to Textual: bindings, and the finding of what performs them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS

from orchest_tui.commands import ALL
from orchest_tui.commands.command import Scope
from orchest_tui.commands.keymap import split_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchest_tui.commands.command import Command

_NO_KEY = "no_key_"
"""What a command without a key is bound to, since a keymap can change only what is bound; no terminal sends it."""
_MOVE_THEMSELVES = {Scope.TEXT, Scope.READING, Scope.NOTEBOOK}
_OF_PANES = ("move.", "text.", "notebook.")
_SHOWN = {
    "space": "space", "enter": "enter", "escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "comma": ",",
}  # fmt: skip


def bindings_of(scope: Scope) -> list[Binding]:
    """Return the bindings of the commands whose keys count in ``scope``."""
    return [
        Binding(
            ",".join(textual_key(key) for key in command.keys) or _NO_KEY + command.id.replace(".", "_"),
            f"{_namespace(command, scope)}command('{command.id}')",
            command.title,
            show=False,
            tooltip=command.tooltip(),
            id=command.id,
        )
        for command in ALL
        if scope in command.scopes
    ]


def _namespace(command: type[Command], scope: Scope) -> str:
    """Return who performs it: a pane with text moves itself, everything else is the screen's or the app's."""
    if scope is Scope.APP:
        return "app."
    return "" if scope in _MOVE_THEMSELVES and command.id.startswith(_OF_PANES) else "screen."


def textual_key(key: str) -> str:
    """Return Textual's name of a key as people write it."""
    *modifiers, bare = key.split("+") if len(key) > 1 else [key]
    if len(bare) == 1 and not bare.isalnum():
        name = unicodedata.name(bare).lower().replace("-", "_").replace(" ", "_")
        bare = KEY_NAME_REPLACEMENTS.get(name, name)
    return "+".join([*modifiers, bare])


def textual_keymap(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return a checked keymap as Textual wants it."""
    return {command_id: ",".join(textual_key(key) for key in split_keys(keys)) for command_id, keys in keymap.items()}


def shown_key(key: str) -> str:
    """Return a key as the footer and the help write it."""
    return _SHOWN.get(key, key)


def perform(controller: object, command: type[Command] | str) -> None:
    """Do what the command stands for: its controller's method ``command_<name>``."""
    command_id = command if isinstance(command, str) else command.id
    getattr(controller, f"command_{command_id.partition('.')[2]}")()
