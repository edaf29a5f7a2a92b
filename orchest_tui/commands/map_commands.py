"""The graph map's keys; the map has its own actions, these only name them."""

from __future__ import annotations

from orchest_tui.commands.command import Command, Scope, declare

_KEYS = (
    ("down", "Down", "Go along a connection, or to the step below.", ("j", "down")),
    ("up", "Up", "Go along a connection, or to the step above.", ("k", "up")),
    ("left", "Left", "Go to the step on the left.", ("h", "left")),
    ("right", "Right", "Go to the step on the right.", ("l", "right")),
    ("top", "First step", "Go to the first step.", ("g", "home")),
    ("bottom", "Last step", "Go to the last step.", ("G", "end")),
    ("open", "Open", "Go to the step's log.", ("enter",)),
    ("turn", "Turn", "Draw the graph downwards, to the right, or as a list.", ("o",)),
)
_FOOTER = {"open": ("log", 40), "turn": ("turn", 30)}

COMMANDS: tuple[type[Command], ...] = tuple(
    declare(f"map.{name}", (title, tooltip), keys, Scope.MAP, _FOOTER.get(name, ("", 50)))
    for name, title, tooltip, keys in _KEYS
)
