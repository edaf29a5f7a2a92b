"""``init``: a new project."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(directory: Path) -> None:
    """Make a project in DIR (the current folder by default): one empty pipeline and one Python environment."""
    from orchest_tui.project.new import new_project

    pipeline = new_project(directory.resolve())
    click.echo(
        f"Made {pipeline}. Steps are added in its file, or with Orchest's editor; `orchest-tui check` checks it."
    )
