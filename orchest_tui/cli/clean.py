"""``clean``: what a crash, a kill or a lost machine left in the container engine is removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchest_tui.cli.context import checked_settings, chosen_project, project_option
from orchest_tui.cli.display import human_bytes
from orchest_tui.errors import ExecutorUnavailableError
from orchest_tui.terminal_text import plain

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings


@click.command()
@project_option
@click.option("--all", "everywhere", is_flag=True, help="Of all projects of this machine, not of this one alone.")
@click.option("--images", is_flag=True, help="Environment images that the project does not need any more, too.")
def clean(project_dir: Path | None, everywhere: bool, images: bool) -> None:
    """Remove containers and networks whose orchest-tui does not live any more.

    What a living orchest-tui uses is left alone, and so are outputs, logs and the history. A step that still runs
    although its orchest-tui died is ended; run the pipeline instead to take it over.
    """
    if everywhere and images:
        raise click.UsageError("--images looks at one project; leave --all out.")
    from orchest_tui.execution.docker.clean import clean as remove_leftovers

    folder = None if everywhere else chosen_project(project_dir)
    settings = checked_settings(folder)
    try:
        removed = remove_leftovers(settings, folder)
        if images and folder is not None:
            removed = (*removed, *_prune_images(folder, settings))
    except ExecutorUnavailableError as error:
        click.echo(f"There is nothing to remove: {plain(error.message)}")
        return
    for line in removed:
        click.echo(f"removed {plain(line)}")
    if not removed:
        click.echo("There is nothing to remove.")


def _prune_images(folder: Path, settings: Settings) -> Sequence[str]:
    """Remove the project's environment images that none of its environments needs; return a line for each."""
    from orchest_tui.execution.docker.builds import EnvironmentBuilder
    from orchest_tui.execution.docker.client import Engine
    from orchest_tui.project.environments import load_environments

    environments, _ = load_environments(folder)
    engine = Engine(settings)
    try:
        pruned = EnvironmentBuilder(engine, settings).prune(folder, environments.values())
        return [f"image {image.title}, {human_bytes(image.bytes)}" for image in pruned]
    finally:
        engine.close()
