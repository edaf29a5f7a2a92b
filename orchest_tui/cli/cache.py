"""``cache``: how full the output cache is, and how to empty it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from orchest_tui.cli.context import chosen, json_option, opened_read_only, pipeline_option, project_option
from orchest_tui.cli.display import human_bytes, print_json


@click.group()
def cache() -> None:
    """Measure or clear the cache of step outputs."""


@cache.command()
@project_option
@pipeline_option
@json_option
def usage(project_dir: Path | None, pipeline_name: str | None, as_json: bool) -> None:
    """Show how many bytes the outputs take, in memory and on disk, and the budget."""
    with opened_read_only(chosen(project_dir, pipeline_name)) as opened:
        used = opened.store.usage()
    if as_json:
        print_json(
            {
                "memory_bytes": used.memory_bytes,
                "spilled_bytes": used.spilled_bytes,
                "retired_bytes": used.retired_bytes,
                "budget": used.budget,
            }
        )
        return
    share = 100 * used.memory_bytes / used.budget if used.budget else 0
    click.echo(f"in memory  {human_bytes(used.memory_bytes)} of {human_bytes(used.budget)} ({share:.0f} %)")
    click.echo(f"on disk    {human_bytes(used.spilled_bytes)}")
    if used.retired_bytes:
        click.echo(f"reserved   {human_bytes(used.retired_bytes)}: pages of replaced outputs, kept for the next ones")


@cache.command()
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@project_option
@pipeline_option
def clear(steps: Sequence[str], project_dir: Path | None, pipeline_name: str | None) -> None:
    """Throw away the outputs of the named steps, or of all; the steps become stale.

    Refused while the pipeline is open elsewhere. An output that a running step reads is kept.
    """
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.project.discovery import resolve_steps

    target = chosen(project_dir, pipeline_name)
    opened = OpenPipeline(target.project_dir, target.path, target.settings)
    try:
        opened.store.open()
        freed = opened.store.clear(resolve_steps(opened.pipeline, steps) if steps else None)
    finally:
        opened.close()
    click.echo(f"{human_bytes(freed)} were freed.")
