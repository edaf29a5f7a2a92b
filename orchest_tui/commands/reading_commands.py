"""Commands of the panes with text to read: data, source, notebook and properties. The panes perform them themselves."""

from __future__ import annotations

from orchest_tui.commands.command import Command, Scope

_READING = (Scope.READING, Scope.NOTEBOOK)


class Left(Command):
    """Pan to the left."""

    id, title, keys, scopes = "text.left", "Left", ("h", "left"), _READING


class Right(Command):
    """Pan to the right."""

    id, title, keys, scopes = "text.right", "Right", ("l", "right"), _READING


class Search(Command):
    """Search for a text or a regular expression."""

    id, title, keys, scopes = "text.search", "Search", ("/",), _READING
    label, rank = "search", 20


class NextHit(Command):
    """Go to the next line that the search finds."""

    id, title, keys, scopes = "text.next_hit", "Next hit", ("n",), _READING


class PreviousHit(Command):
    """Go to the previous line that the search finds."""

    id, title, keys, scopes = "text.previous_hit", "Previous hit", ("N",), _READING


class Select(Command):
    """Begin to select lines, or stop it."""

    id, title, keys, scopes = "text.select", "Select lines", ("v",), _READING


class Copy(Command):
    """Copy the selected lines, or the current one: that of the last hit, else the topmost."""

    id, title, keys, scopes = "text.copy", "Copy", ("y",), _READING
    label, rank = "copy", 60


class CopyAll(Command):
    """Copy everything that the pane shows."""

    id, title, keys, scopes = "text.copy_all", "Copy all", ("Y",), _READING


class Cancel(Command):
    """Leave the selection, then the search."""

    id, title, keys, scopes = "text.cancel", "Back", ("escape",), _READING


class NextError(Command):
    """Go to the next cell that failed."""

    id, title, keys, scopes = "notebook.next_error", "Next error", ("e",), (Scope.NOTEBOOK,)
    label, rank = "next error", 30


class PreviousError(Command):
    """Go to the previous cell that failed."""

    id, title, keys, scopes = "notebook.previous_error", "Previous error", ("E",), (Scope.NOTEBOOK,)


COMMANDS: tuple[type[Command], ...] = (
    Left, Right, Search, NextHit, PreviousHit, Select, Copy, CopyAll, Cancel, NextError, PreviousError,
)  # fmt: skip
