"""``env``: environment variables of a project or of one pipeline; their values are never shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchest_tui.cli.context import chosen_pipeline, chosen_project, json_option, pipeline_option, project_option
from orchest_tui.cli.display import print_json, print_table, screen
from orchest_tui.errors import OrchestTuiError

if TYPE_CHECKING:
    from orchest_tui.project.environment_variables import EnvironmentVariables

_HIDDEN = "●●●●"
_HIDDEN_ASCII = "****"


@click.group()
def env() -> None:
    """Set environment variables that steps get: the project's, or one pipeline's with --pipeline.

    They are kept outside of git, in a file that only you can read. A pipeline's variable wins over the project's.
    """


@env.command("list")
@project_option
@pipeline_option
@json_option
def list_variables(project_dir: Path | None, pipeline_name: str | None, as_json: bool) -> None:
    """List the names of the variables; values are never printed."""
    folder, pipeline = _scope(project_dir, pipeline_name)
    store = _load(folder)
    rows = [("project", name) for name in sorted(store.project)]
    for uuid, variables in store.pipelines.items():
        if pipeline in (None, uuid):
            rows += [(_pipeline_label(folder, uuid), name) for name in sorted(variables)]
    if as_json:
        print_json([{"scope": scope, "name": name} for scope, name in rows])
    elif rows:
        hidden = _HIDDEN if screen().unicode else _HIDDEN_ASCII
        print_table(("scope", "name", "value"), [(scope, name, hidden) for scope, name in rows])
    else:
        click.echo("No variables are set. `orchest-tui env set NAME=VALUE` sets one.")


@env.command("set")
@click.argument("assignments", metavar="NAME[=VALUE]...", nargs=-1, required=True)
@project_option
@pipeline_option
def set_variables(assignments: Sequence[str], project_dir: Path | None, pipeline_name: str | None) -> None:
    """Set variables.

    A NAME without a value asks for it without showing it, or reads it from standard input where that is no terminal,
    so that a secret stays out of the shell's history.
    """
    folder, pipeline = _scope(project_dir, pipeline_name)
    store = _load(folder)
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        store.set(name, value if equals else _asked(name), pipeline)
    store.save()


@env.command("unset")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@project_option
@pipeline_option
def unset_variables(names: Sequence[str], project_dir: Path | None, pipeline_name: str | None) -> None:
    """Remove variables."""
    folder, pipeline = _scope(project_dir, pipeline_name)
    store = _load(folder)
    unknown = [name for name in names if not store.remove(name, pipeline)]
    if unknown:
        raise OrchestTuiError(f"{', '.join(unknown)} is not set; nothing was changed.", "`orchest-tui env list` lists.")
    store.save()


@env.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@project_option
@pipeline_option
def import_variables(file: Path, project_dir: Path | None, pipeline_name: str | None) -> None:
    """Set the variables of a .env FILE; the others stay."""
    folder, pipeline = _scope(project_dir, pipeline_name)
    store = _load(folder)
    imported = store.import_dotenv(file, pipeline)
    store.save()
    click.echo(f"{len(imported)} variables were set: {', '.join(sorted(imported))}.")


def _scope(project_dir: Path | None, pipeline_name: str | None) -> tuple[Path, str | None]:
    """Return the project, and the uuid of the pipeline whose variables are meant, None for the project's."""
    folder = chosen_project(project_dir, pipeline_name)
    if pipeline_name is None:
        return folder, None
    from orchest_tui.project.project import open_project

    path = chosen_pipeline(folder, pipeline_name).relative_to(folder).as_posix()
    pipeline = open_project(folder).pipelines[path]
    if pipeline is None:
        raise OrchestTuiError(f"{path} can't be read.", "`orchest-tui check` tells what is wrong with it.")
    return folder, pipeline.uuid


def _load(folder: Path) -> EnvironmentVariables:
    """Return the project's variables."""
    from orchest_tui.project.environment_variables import EnvironmentVariables

    return EnvironmentVariables.load(folder)


def _pipeline_label(folder: Path, uuid: str) -> str:
    """Return the pipeline's path, or its uuid where no pipeline has it any more."""
    from orchest_tui.project.project import open_project

    for path, pipeline in open_project(folder).pipelines.items():
        if pipeline is not None and pipeline.uuid == uuid:
            return path
    return uuid


def _asked(name: str) -> str:
    """Return a value that the user types unseen, or the first line of standard input."""
    if sys.stdin.isatty():
        value: str = click.prompt(name, hide_input=True)
        return value
    line = sys.stdin.readline()
    if not line:
        raise OrchestTuiError(f"There is no value for {name}.", f"Write {name}=VALUE, or give it on standard input.")
    return line.rstrip("\n")
