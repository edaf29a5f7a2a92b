"""``check``: everything that is wrong with a project's files, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import click

from orchest_tui.cli.context import chosen_pipeline, chosen_project, json_option, pipeline_argument, project_option
from orchest_tui.cli.display import print_json, screen
from orchest_tui.errors import Problem
from orchest_tui.terminal_text import plain

EXIT_ERRORS = 1


@click.command()
@project_option
@pipeline_argument
@json_option
def check(project_dir: Path | None, pipeline_name: str | None, as_json: bool) -> int:
    """Tell everything that is wrong with the project's pipelines, environments and settings.

    Exits 1 when there are errors; warnings alone do not keep a pipeline from running.
    """
    from orchest_tui.project.layout import data_dir
    from orchest_tui.project.project import open_project
    from orchest_tui.project.settings import load_settings

    folder = chosen_project(project_dir, pipeline_name)
    loaded = load_settings(folder)
    project = open_project(folder, data_dir=data_dir(loaded.settings))
    problems = [*project.problems, *loaded.problems]
    if pipeline_name is not None:
        path = chosen_pipeline(folder, pipeline_name).relative_to(folder).as_posix()
        problems = [problem for problem in problems if problem.file == path]
    if as_json:
        print_json([asdict(problem) for problem in problems])
    else:
        _print_problems(problems)
        _print_summary(problems, len(project.pipelines), len(project.environments))
    return EXIT_ERRORS if any(problem.severity == "error" for problem in problems) else 0


def _print_problems(problems: Sequence[Problem]) -> None:
    """Print the problems below the name of their file."""
    out = screen()
    for file, found in groupby(problems, key=lambda problem: problem.file):
        click.echo(out.styled(plain(file), bold=True), color=out.colours)
        for problem in found:
            severity = out.styled(problem.severity, "red" if problem.severity == "error" else "yellow")
            place = f"{plain(problem.place)}: " if problem.place else ""
            click.echo(f"  {severity}: {place}{plain(problem.what)}", color=out.colours)
            click.echo(f"      {plain(problem.mend)}.", color=out.colours)


def _print_summary(problems: Sequence[Problem], pipelines: int, environments: int) -> None:
    """Print how many problems there are, or what was found to be well."""
    errors = sum(problem.severity == "error" for problem in problems)
    if problems:
        click.echo(f"{_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}.")
    else:
        looked_at = f"{_count(pipelines, 'pipeline')}, {_count(environments, 'environment')}"
        click.echo(f"No problems: {looked_at} and the settings are well.")


def _count(number: int, what: str) -> str:
    """Return ``1 error``, ``2 errors``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
