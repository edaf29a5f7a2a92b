"""What nearly every command starts with: which project, which pipeline, which settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchest_tui.engine.target import Target
from orchest_tui.errors import InvalidProjectError, OrchestTuiError, Problem
from orchest_tui.terminal_text import plain

if TYPE_CHECKING:
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.project.settings import Settings

project_option = click.option(
    "--project",
    "project_dir",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project; by default the one around the current folder.",
)
pipeline_option = click.option(
    "--pipeline",
    "pipeline_name",
    metavar="FILE",
    help="The pipeline, where the project has several.",
)
pipeline_argument = click.argument("pipeline_name", metavar="[PIPELINE]", required=False)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def chosen_project(given: Path | None, pipeline_name: str | None = None) -> Path:
    """Return the project that ``--project``, the file of the pipeline or the current folder leads to.

    Raises:
        OrchestTuiError: There is none.
    """
    from orchest_tui.project.discovery import find_project

    start = (given or _folder_of(pipeline_name) or current_folder()).resolve()
    found = find_project(start)
    if found is None:
        raise OrchestTuiError(
            f"There is no Orchest project here: neither {start} nor a folder above it has pipelines.",
            "Go to a project or name one with --project; `orchest-tui init` makes one, `orchest-tui demo` copies one.",
        )
    return found


def current_folder() -> Path:
    """Return the current folder.

    Raises:
        OrchestTuiError: It was removed.
    """
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise OrchestTuiError("The current folder is not there any more.", "Go to another one.") from error


def _folder_of(pipeline_name: str | None) -> Path | None:
    """Return the folder of a pipeline that was named by the path of its file."""
    return Path(pipeline_name).parent if pipeline_name and Path(pipeline_name).is_file() else None


def chosen(project_dir: Path | None, pipeline_name: str | None, flags: Mapping[str, Any] | None = None) -> Target:
    """Return project, pipeline and settings for a command's options.

    Args:
        project_dir: Value of ``--project``.
        pipeline_name: The pipeline as the user named it; None for the only one.
        flags: Settings that were given as flags.

    Raises:
        OrchestTuiError: There is no project, no such pipeline, several to choose from, or a setting is wrong.
    """
    folder = chosen_project(project_dir, pipeline_name)
    return Target(folder, chosen_pipeline(folder, pipeline_name), checked_settings(folder, flags))


def chosen_pipeline(project_dir: Path, pipeline_name: str | None) -> Path:
    """Return the file of the pipeline that ``pipeline_name`` means in a project; None means the only one.

    Raises:
        OrchestTuiError: There is no such pipeline in the project, or there are several.
    """
    from orchest_tui.project.discovery import find_pipeline

    folder = _folder_of(pipeline_name)
    if folder is not None and pipeline_name is not None:
        pipeline_name = str(folder.resolve() / Path(pipeline_name).name)
    return find_pipeline(project_dir, pipeline_name)


def checked_settings(project_dir: Path | None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings in force; warnings go to standard error.

    Raises:
        InvalidProjectError: A setting is wrong.
    """
    from orchest_tui.project.settings import load_settings

    loaded = load_settings(project_dir, flags or {})
    if any(problem.severity == "error" for problem in loaded.problems):
        raise InvalidProjectError(loaded.problems)
    warn(loaded.problems)
    return loaded.settings


def tell(error: OrchestTuiError) -> None:
    """Print an error that is meant for a person to standard error, with its mend and made harmless."""
    if isinstance(error, InvalidProjectError):
        warn(error.problems)
        return
    first, *more = error.message.splitlines() or [""]
    click.echo(f"error: {plain(first)}", err=True)
    for line in [*more, error.mend]:
        if line.strip():
            click.echo(f"  {plain(line)}", err=True)


def warn(problems: Iterable[Problem]) -> None:
    """Print ``problems`` to standard error, one line each."""
    for problem in problems:
        click.echo(f"{problem.severity}: {plain(str(problem))}", err=True)


def opened_read_only(target: Target) -> AbstractContextManager[OpenPipeline]:
    """Open the pipeline for looking only: nothing is locked, and an engine may be at work."""
    from orchest_tui.engine.inspect import looking_at

    return looking_at(target.project_dir, target.path, target.settings)
