"""A click group that imports a subcommand's module when the subcommand is called.

The start of the program is a budget: a command pays for its own imports only, and ``--help`` needs none of them,
since every entry carries its one-line help.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import click


class LazyCommand(NamedTuple):
    """Where a subcommand lives.

    Attributes:
        target: ``module:attribute`` of its click command.
        help: Its line in the group's help.
    """

    target: str
    help: str


class LazyGroup(click.Group):
    """A group whose subcommands are named by ``module:attribute``.

    Args:
        lazy: Name of each subcommand and where it lives, in the order of the help.
        **settings: What ``click.Group`` takes.
    """

    def __init__(self, *, lazy: Mapping[str, LazyCommand], **settings: Any) -> None:
        super().__init__(**settings)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were declared."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the subcommand, None where there is none of this name."""
        entry = self._lazy.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = entry.target.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.target} is no click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand; a name that does not exist is answered with the nearest one that does.

        Raises:
            click.UsageError: There is no such subcommand.
        """
        if args and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            ctx.fail(_unknown(args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the help's list of subcommands from the declared lines, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self._lazy.items()])


def _unknown(name: str, commands: Sequence[str]) -> str:
    """Return what to tell of a first word that is no command: it may name a project or a pipeline, for the app."""
    from difflib import get_close_matches

    if os.path.exists(name):  # noqa: PTH110 (as the shell sees it)
        return f"{name!r} can be opened in the terminal app only, which needs a terminal and no other arguments."
    if os.sep in name or name.endswith(".orchest"):
        return f"There is no folder or file {name!r}."
    near = get_close_matches(name, commands, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no command, folder or file {name!r}.{hint}"
