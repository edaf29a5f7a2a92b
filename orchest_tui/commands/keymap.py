"""The user's keymap: which keys a command has in the end, and what is wrong with the keymap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from orchest_tui.commands import ALL, BY_ID
from orchest_tui.commands.command import OUTER, Command, Scope
from orchest_tui.errors import Problem
from orchest_tui.project.spelling import nearest

_NAMED = (
    "enter", "space", "tab", "escape", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown", "up",
    "down", "left", "right", *(f"f{number}" for number in range(1, 13)),
)  # fmt: skip
_MODIFIERS = re.compile(r"(?:(?:ctrl|shift|alt)\+)*")
_PASSED_ON = ({"view.back", "log.cancel"}, {"view.back", "text.cancel"})
"""They share a key: what the pane has no use for goes on to the screen."""

_TAKEN_BY_TERMINALS = {"ctrl+s": "flow control", "ctrl+q": "flow control", "ctrl+z": "the shell's suspend"}
_AS_TERMINALS_MEAN_IT = {("app.suspend", "ctrl+z")}
"""A command and a key that does here what it does everywhere."""


def split_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a keymap entry: names separated by commas, a comma itself written ``comma``."""
    return tuple(key.strip() for key in text.split(",") if key.strip())


def effective_keys(keymap: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return every command's keys: the keymap's where it has an entry, otherwise the default ones."""
    return {command.id: split_keys(keymap[command.id]) if command.id in keymap else command.keys for command in ALL}


def check_keymap(keymap: Mapping[str, str], source: str = "keymap") -> list[Problem]:
    """Return everything that is wrong with a keymap: unknown ids, unknown keys, clashes.

    Args:
        keymap: Command id → keys.
        source: The file that it came from, for the messages.
    """
    problems = [_unknown_id(source, wrong) for wrong in keymap if wrong not in BY_ID]
    for command_id in (known for known in keymap if known in BY_ID):
        for key in split_keys(keymap[command_id]):
            fault = _key_fault(key)
            if fault and (command_id, key) not in _AS_TERMINALS_MEAN_IT:
                mend = "Write a character, a name as pageup or f5, or either after ctrl+"
                problems.append(Problem(source, f"keymap.{command_id}", fault, mend, code="bad-key"))
    problems += _clashes(keymap, source)
    return problems


def usable_keymap(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return the entries of ``keymap`` that have no problem."""
    wrong = {problem.place.removeprefix("keymap.") for problem in check_keymap(keymap)}
    return {command_id: keys for command_id, keys in keymap.items() if command_id not in wrong}


def _unknown_id(source: str, wrong: str) -> Problem:
    close = nearest(wrong, BY_ID)
    mend = f"Did you mean {close}? `orchest-tui keys` lists them" if close else "See `orchest-tui keys` for the ids"
    return Problem(source, f"keymap.{wrong}", "there is no command of this id", mend, code="unknown-command")


def _key_fault(key: str) -> str | None:
    """Return what is wrong with the name of a key, None for a good one."""
    if key in _TAKEN_BY_TERMINALS:
        return f"terminals keep {key} for {_TAKEN_BY_TERMINALS[key]}"
    bare = _MODIFIERS.sub("", key, count=1)
    if bare in _NAMED or bare == "comma" or (len(bare) == 1 and bare.isprintable() and not bare.isspace()):
        return None
    return f"there is no key {key!r}"


def _clashes(keymap: Mapping[str, str], source: str) -> Iterator[Problem]:
    """Yield a problem for each key of the keymap that another command has where both count."""
    keys = effective_keys(keymap)
    for command_id in (known for known in keymap if known in BY_ID):
        for key in keys[command_id]:
            other = _holder(BY_ID[command_id], key, keys)
            if other is not None:
                what = f"{key} is the key of {other.id} ({other.title}) too"
                mend = "Choose another key, or give that command one as well"
                yield Problem(source, f"keymap.{command_id}", what, mend, code="key-clash")


def _holder(command: type[Command], key: str, keys: Mapping[str, tuple[str, ...]]) -> type[Command] | None:
    """Return another command with ``key`` in a scope where both count."""
    for other in ALL:
        if {command.id, other.id} in _PASSED_ON:
            continue
        if other is not command and key in keys[other.id] and _meet(command.scopes, other.scopes):
            return other
    return None


def _meet(first: tuple[Scope, ...], second: tuple[Scope, ...]) -> bool:
    return any(a == b or a in OUTER[b] or b in OUTER[a] for a in first for b in second)
