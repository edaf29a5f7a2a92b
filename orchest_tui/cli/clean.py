"""``clean``: what a crash, a kill or a lost machine left behind is removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchest_tui.cli.context import checked_settings, chosen_project, project_option
from orchest_tui.cli.display import human_bytes
from orchest_tui.errors import ExecutorUnavailableError
from orchest_tui.terminal_text import plain

if TYPE_CHECKING:
    from orchest_tui.execution.leftovers import Leftover
    from orchest_tui.project.settings import Settings


@click.command()
@project_option
@click.option("--all", "everywhere", is_flag=True, help="Of all projects of this machine, not of this one alone.")
@click.option(
    "--images",
    is_flag=True,
    help="Environment images that the project does not need any more, too, and virtual environments that no project "
    "does.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
def clean(project_dir: Path | None, everywhere: bool, images: bool, dry_run: bool) -> None:
    """Remove containers, networks, processes and folders in memory whose orchest-tui does not live any more.

    What a living orchest-tui uses is left alone, and so are outputs, logs and the history. A step that still runs
    although its orchest-tui died is ended; run the pipeline instead to take it over. With --all, outputs in memory go
    too where their project is not there any more.
    """
    if everywhere and images:
        raise click.UsageError("--images looks at one project; leave --all out.")
    folder = None if everywhere else chosen_project(project_dir)
    settings = checked_settings(folder)
    found = list(_from_the_machine(settings, folder, images=images, dry_run=dry_run))
    no_engine = ""
    try:
        found += _from_the_engine(settings, folder, images=images, dry_run=dry_run)
    except ExecutorUnavailableError as error:
        no_engine = plain(error.message)
    for leftover in found:
        size = "" if leftover.bytes is None else f", {human_bytes(leftover.bytes)}"
        click.echo(f"{'would remove' if dry_run else 'removed'} {plain(leftover.what)}{size}")
    if not found:
        click.echo(f"There is nothing to remove{f': {no_engine}' if no_engine else '.'}")
    elif no_engine:
        click.echo(f"Containers were not looked for: {no_engine}", err=True)


def _from_the_machine(settings: Settings, folder: Path | None, *, images: bool, dry_run: bool) -> Iterator[Leftover]:
    """Remove what lies on the machine itself; ``folder`` is the project's, None for all of them."""
    from orchest_tui.execution.local.clean import clean_venvs, clean_workers
    from orchest_tui.execution.session_folders import clean_orphans, clean_runtimes

    yield from clean_workers(settings.memory_dir, folder, dry_run=dry_run)
    if folder is None:
        yield from clean_orphans(settings.memory_dir, dry_run=dry_run)
    yield from clean_runtimes(settings.memory_dir, dry_run=dry_run)
    if images:
        yield from clean_venvs(settings.memory_dir, dry_run=dry_run)


def _from_the_engine(settings: Settings, folder: Path | None, *, images: bool, dry_run: bool) -> Iterator[Leftover]:
    """Remove what is in the container engine.

    Raises:
        ExecutorUnavailableError: None answers.
    """
    from orchest_tui.execution.docker.builds import EnvironmentBuilder
    from orchest_tui.execution.docker.clean import clean as clean_engine
    from orchest_tui.execution.docker.client import Engine
    from orchest_tui.execution.leftovers import Leftover
    from orchest_tui.project.environments import load_environments

    yield from clean_engine(settings, folder, dry_run=dry_run)
    if not images or folder is None:
        return
    environments, _ = load_environments(folder)
    engine = Engine(settings)
    try:
        for image in EnvironmentBuilder(engine, settings).prune(folder, environments.values(), dry_run=dry_run):
            yield Leftover(f"image {image.title}", image.bytes)
    finally:
        engine.close()
