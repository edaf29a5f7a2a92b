"""Every command of the terminal app, in the order of the help."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from orchest_tui.commands import (
    app_commands,
    log_commands,
    map_commands,
    reading_commands,
    run_commands,
    tree_commands,
    view_commands,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchest_tui.commands.command import Command

ALL: tuple[type[Command], ...] = (
    *run_commands.COMMANDS,
    *tree_commands.COMMANDS,
    *view_commands.COMMANDS,
    *reading_commands.COMMANDS,
    *log_commands.COMMANDS,
    *map_commands.COMMANDS,
    *app_commands.COMMANDS,
)

BY_ID: Mapping[str, type[Command]] = MappingProxyType({command.id: command for command in ALL})
"""The commands by id."""
