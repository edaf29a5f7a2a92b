"""``steps``: how every step of a pipeline stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchest_tui.cli.context import chosen, json_option, opened_read_only, pipeline_argument, project_option
from orchest_tui.cli.display import (
    Cell,
    human_bytes,
    human_seconds,
    human_time,
    print_json,
    print_table,
    status_cell,
)

if TYPE_CHECKING:
    from orchest_tui.engine.inspect import StepStatus


@click.command()
@pipeline_argument
@project_option
@json_option
def steps(pipeline_name: str | None, project_dir: Path | None, as_json: bool) -> None:
    """List the steps of the pipeline in the order in which they run: last status, whether fresh, and why not."""
    from orchest_tui.engine.inspect import inspect_pipeline

    with opened_read_only(chosen(project_dir, pipeline_name)) as opened:
        status = inspect_pipeline(opened)
    if as_json:
        print_json([step_object(step) for step in status.steps])
    elif status.steps:
        print_table(
            ("step", "status", "fresh", "last run", "took", "outputs", "file", "why"),
            [_row(step) for step in status.steps],
            right=(4,),
        )
    else:
        click.echo("The pipeline has no steps yet.")


def step_object(step: StepStatus) -> dict[str, Any]:
    """Return a step as JSON for programs: the form that ``steps --json`` keeps.

    ``fresh`` is null for a step that never ran; ``status`` is null there too.
    """
    return {
        "uuid": step.uuid,
        "title": step.title,
        "file": step.file,
        "environment": step.environment,
        "status": step.latest.status if step.latest else None,
        "fresh": step.verdict.fresh,
        "reasons": list(step.verdict.reasons),
        "outputs": [{"name": output.name, "bytes": output.bytes, "digest": output.digest} for output in step.outputs],
    }


def _upstream(step: StepStatus) -> list[str]:
    """Return in words that a step above is not fresh, which may make this one stale."""
    titles = step.verdict.upstream_stale
    return [f"{', '.join(titles)} above {'is' if len(titles) == 1 else 'are'} not fresh"] if titles else []


def _row(step: StepStatus) -> tuple[Cell | str, ...]:
    """Return a step as a row for people."""
    size = sum(output.bytes for output in step.outputs)
    latest = step.latest
    return (
        step.title,
        status_cell(latest.status) if latest else Cell("◌ never run", dim=True),
        _fresh(step.verdict.fresh),
        human_time((latest.finished or latest.started) if latest else None),
        human_seconds(latest.seconds if latest else None),
        human_bytes(size) if step.outputs else "",
        step.file,
        Cell("; ".join([*step.verdict.reasons, *_upstream(step)]) if latest else "", dim=True),
    )


def _fresh(fresh: bool | None) -> Cell:
    """Return the verdict in a word."""
    if fresh is None:
        return Cell("")
    return Cell("fresh", "green") if fresh else Cell("stale", "yellow")
