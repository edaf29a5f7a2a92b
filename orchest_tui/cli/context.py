"""What nearly every command starts with: which project, which pipeline, which settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a command works on.

    Attributes:
        project_dir: The project's folder, absolute.
        path: The pipeline's file, absolute.
        settings: The settings in force.
    """

    project_dir: Path
    path: Path
    settings: Settings


def chosen_project(given: Path | None) -> Path:
    """Return the project that ``--project`` or the current folder leads to.

    Raises:
        OrchestTuiError: There is none.
    """
    from orchest_tui.project.discovery import find_project

    start = (given or Path.cwd()).resolve()
    found = find_project(start)
    if found is None:
        raise OrchestTuiError(
            f"There is no Orchest project here: neither {start} nor a folder above it has pipelines.",
            "Go to a project or name one with --project; `orchest-tui init` makes one, `orchest-tui demo` copies one.",
        )
    return found


def chosen(project_dir: Path | None, pipeline_name: str | None, flags: Mapping[str, Any] | None = None) -> Chosen:
    """Return project, pipeline and settings for a command's options.

    Args:
        project_dir: Value of ``--project``.
        pipeline_name: The pipeline as the user named it; None for the only one.
        flags: Settings that were given as flags.

    Raises:
        OrchestTuiError: There is no project, no such pipeline, several to choose from, or a setting is wrong.
    """
    from orchest_tui.project.discovery import find_pipeline

    folder = chosen_project(project_dir)
    return Chosen(folder, find_pipeline(folder, pipeline_name), checked_settings(folder, flags))


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


def warn(problems: Iterable[Problem]) -> None:
    """Print ``problems`` to standard error, one line each."""
    for problem in problems:
        click.echo(f"{problem.severity}: {plain(str(problem))}", err=True)


@contextmanager
def opened_read_only(target: Chosen) -> Iterator[OpenPipeline]:
    """Open the pipeline for looking only: nothing is made, changed or locked, and an engine may be at work."""
    from orchest_tui.engine.opened import OpenPipeline

    pipeline = OpenPipeline(target.project_dir, target.path, target.settings, read_only=True)
    try:
        yield pipeline
    finally:
        pipeline.close()
