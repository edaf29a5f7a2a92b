"""The program ``orchest-tui``: a command of the command line, or the terminal app where none is given.

The two front ends don't know each other; this module alone knows both, and imports the one that is wanted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    Args:
        arguments: The arguments without the program's name; None for those of this process.
    """
    from orchest_tui.cli.main import EXIT_BAD_INPUT, EXIT_INTERRUPTED
    from orchest_tui.cli.main import main as run_command_line

    given = list(sys.argv[1:] if arguments is None else arguments)
    if not wants_screen(given, terminal=sys.stdin.isatty() and sys.stdout.isatty()):
        return run_command_line(given)
    from orchest_tui.cli.context import tell
    from orchest_tui.errors import OrchestTuiError
    from orchest_tui.ui.start import start

    try:
        return start(given[0] if given else None)
    except OrchestTuiError as error:
        tell(error)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as error:  # as on the command line: one message and a file to send
        import click

        from orchest_tui.last_resort import last_words

        message, code = last_words(error)
        click.echo(message, err=True)
        return code


def wants_screen(arguments: Sequence[str], *, terminal: bool) -> bool:
    """Return whether ``arguments`` open the terminal app: none, or one that is a folder or file and no command.

    Args:
        arguments: The arguments without the program's name.
        terminal: Whether there is a terminal to draw on.
    """
    from orchest_tui.cli.main import COMMANDS

    if not terminal or len(arguments) > 1:
        return False
    return not arguments or (arguments[0] not in COMMANDS and os.path.exists(arguments[0]))  # noqa: PTH110 (cheap)
