"""The help: the keys of the focused pane, those of the screen, those of the whole app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from orchest_tui.commands import ALL
from orchest_tui.commands.command import OUTER, Scope
from orchest_tui.ui.bindings import shown_key

_KEY_CELLS = 16


def help_lines(scope: Scope, keys: Mapping[str, Sequence[str]]) -> list[Text]:
    """Return the commands whose keys count in ``scope``, nearest first, with the keys in force."""
    lines: list[Text] = []
    for each in (scope, *OUTER[scope]):
        lines += [Text(""), Text(each.value.capitalize(), "bold")]
        for command in ALL:
            if each in command.scopes and keys[command.id]:
                shown = " ".join(map(shown_key, keys[command.id]))
                lines.append(Text(shown.ljust(_KEY_CELLS)).append(" " + command.tooltip(), "dim"))
    return lines[1:]
