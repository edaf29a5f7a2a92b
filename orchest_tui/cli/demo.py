"""``demo``: the packaged demo project, copied to a folder of the user's own."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("directory", metavar="[DIR]", default="orchest-tui-demo", type=click.Path(path_type=Path))
@click.option("--run", "and_run", is_flag=True, help="Run it at once.")
@click.option(
    "--executor", type=click.Choice(("auto", "docker", "local")), help="What runs its steps; see the setting executor."
)
def demo(directory: Path, and_run: bool, executor: str | None) -> int:
    """Copy the demo project to DIR (orchest-tui-demo by default).

    A folder that holds the demo already is used as it is, changes included.
    """
    from orchest_tui.demo import copy_demo

    folder = copy_demo(directory.resolve())
    click.echo(f"The demo is in {folder}; its README.md walks through it.", err=and_run)
    if not and_run:
        return 0
    from orchest_tui.cli.run import run

    arguments = ["--project", str(folder), *(("--executor", executor) if executor else ())]
    code = run.main(arguments, prog_name="orchest-tui run", standalone_mode=False)
    return code if isinstance(code, int) else 0
