"""The command ``orchest-tui``: the group of all commands, and how errors are told.

Exit codes: 0 success, 1 the thing asked about is not well (a step failed, ``check`` found errors), 2 bad input,
70 a defect of the program, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from orchest_tui import __version__
from orchest_tui.cli.lazy import LazyCommand, LazyGroup
from orchest_tui.errors import OrchestTuiError

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

COMMANDS = {
    "run": LazyCommand("orchest_tui.cli.run:run", "Run steps of a pipeline."),
    "steps": LazyCommand("orchest_tui.cli.steps:steps", "List the steps: status, freshness and why."),
    "outputs": LazyCommand("orchest_tui.cli.outputs:outputs", "Show what the steps handed over."),
    "logs": LazyCommand("orchest_tui.cli.logs:logs", "Show or follow a step's log."),
    "runs": LazyCommand("orchest_tui.cli.runs:runs", "List past runs, or the steps of one."),
    "check": LazyCommand("orchest_tui.cli.check:check", "Tell everything that is wrong with the project's files."),
    "build": LazyCommand("orchest_tui.cli.build:build", "Build environments."),
    "cache": LazyCommand("orchest_tui.cli.cache:cache", "Clear or measure the output cache."),
    "config": LazyCommand("orchest_tui.cli.config:config", "Show every setting and where it came from."),
    "env": LazyCommand("orchest_tui.cli.env:env", "Set environment variables of the project or a pipeline."),
    "clean": LazyCommand("orchest_tui.cli.clean:clean", "Remove what a crash or a lost machine left behind."),
    "keys": LazyCommand("orchest_tui.cli.keys:keys", "List the keys of the terminal app, or check your keymap."),
    "doctor": LazyCommand("orchest_tui.cli.doctor:doctor", "Tell what this machine has and what is missing."),
    "init": LazyCommand("orchest_tui.cli.init:init", "Make a new project."),
    "demo": LazyCommand("orchest_tui.cli.demo:demo", "Copy the demo project, and run it."),
    "completion": LazyCommand("orchest_tui.cli.completion:completion", "Print a shell's completion script."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="orchest-tui")
def cli() -> None:
    """Orchest pipelines in a terminal.

    Every command works on the project around the current folder, or on the one that --project names.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: The arguments without the program's name; None for those of this process.
    """
    _open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        # A title that the locale's encoding lacks is shown with a placeholder, not as a traceback.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    try:
        result = cli.main(arguments, prog_name="orchest-tui", standalone_mode=False)
    except OrchestTuiError as error:
        from orchest_tui.cli.context import tell

        tell(error)
        return EXIT_BAD_INPUT
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except Exception as error:  # the last resort: whatever it is, a person gets one message and a file to send
        from orchest_tui.last_resort import last_words

        message, code = last_words(error)
        click.echo(message, err=True)
        return code
    return result if isinstance(result, int) else 0


def _open_missing_streams() -> None:
    """Give the process the standard streams that whoever started it had closed."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 (as long as the process)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
