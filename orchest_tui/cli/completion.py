"""``completion``: a shell's completion script, made by click."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print the completion script of SHELL.

    For bash: put `eval "$(orchest-tui completion bash)"` into ~/.bashrc.
    """
    from orchest_tui.cli.main import cli

    maker = get_completion_class(shell)
    if maker is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    click.echo(maker(cli, {}, "orchest-tui", "_ORCHEST_TUI_COMPLETE").source())
