"""The help: the keys of the focused pane, those of the screen, those of the whole app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from orchest_tui.commands import ALL
from orchest_tui.commands.command import OUTER, Scope
from orchest_tui.ui.bindings import shown_key

_KEY_CELLS = 12
_GAP = 2
_COLUMN_LEAST = 32
"""Cells of a column from which its keys and words can be read."""


def help_lines(scope: Scope, keys: Mapping[str, Sequence[str]], width: int) -> list[Text]:
    """Return the commands whose keys count in ``scope``, nearest first, with the keys in force.

    Args:
        scope: The focused pane.
        keys: Every command's keys in force.
        width: Cells of a line; the keys stand in as many columns as it has room for.
    """
    lines: list[Text] = []
    for each in (scope, *OUTER[scope]):
        lines += [Text(""), Text(each.value.capitalize(), "bold"), *_section(each, keys, width)]
    palette = " ".join(map(shown_key, keys["app.palette"]))
    lines += [Text(""), Text(f"{palette} finds every command by its name, those without a key too.", "dim")]
    return lines[1:]


def _section(scope: Scope, keys: Mapping[str, Sequence[str]], width: int) -> list[Text]:
    """Return the lines of one scope's commands, column by column."""
    entries = [
        (" ".join(map(shown_key, keys[command.id])), command.title)
        for command in ALL
        if scope in command.scopes and keys[command.id]
    ]
    columns = max(1, min(3, (width + _GAP) // (_COLUMN_LEAST + _GAP)))
    cells = (width + _GAP) // columns - _GAP
    rows = -(-len(entries) // columns)
    lines = []
    for row in range(rows):
        line = Text(no_wrap=True, end="")
        for key, title in entries[row::rows]:
            shown = f"{key} " if cell_len(key) >= _KEY_CELLS else set_cell_size(key, _KEY_CELLS)
            line.append(shown, "bold")
            line.append(set_cell_size(title, cells - cell_len(shown) + _GAP))
        line.rstrip()
        lines.append(line)
    return lines
