"""``init``: a new project."""

from __future__ import annotations

from pathlib import Path

import click

from orchest_tui.terminal_text import plain


@click.command()
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(directory: Path) -> None:
    """Make a project in DIR (the current folder by default): one empty pipeline and one Python environment."""
    from orchest_tui.project.project import new_project

    project = new_project(directory.resolve())
    click.echo(f"{plain(str(project.directory))} is a project; its pipelines: {', '.join(project.pipelines)}.")
