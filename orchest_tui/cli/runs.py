"""``runs``: what has been run, and how each step of a run ended."""

from __future__ import annotations

from pathlib import Path

import click

from orchest_tui.cli.context import chosen, json_option, opened_read_only, pipeline_option, project_option
from orchest_tui.cli.display import (
    Cell,
    human_bytes,
    human_seconds,
    human_time,
    print_json,
    print_table,
    status_cell,
)
from orchest_tui.engine.history import RunRow, StepRow
from orchest_tui.errors import OrchestTuiError


@click.command()
@click.argument("number", type=click.IntRange(min=1), metavar="[N]", required=False)
@project_option
@pipeline_option
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many runs to list.")
@json_option
def runs(number: int | None, project_dir: Path | None, pipeline_name: str | None, limit: int, as_json: bool) -> None:
    """List the latest runs, newest first, or the steps of run N."""
    with opened_read_only(chosen(project_dir, pipeline_name)) as opened:
        if number is None:
            _show_runs(opened.history.runs(limit), as_json)
            return
        run = opened.history.run(number)
        if run is None:
            raise OrchestTuiError(
                f"There is no run {number} of {opened.pipeline.relative_path}.", "`orchest-tui runs` lists them."
            )
        _show_run(run, opened.history.steps_of(number), as_json)


def _show_runs(found: list[RunRow], as_json: bool) -> None:
    """Print the runs as a table or as JSON."""
    if as_json:
        print_json([_run_object(run) for run in found])
        return
    if not found:
        click.echo("Nothing has been run yet. `orchest-tui run` does.")
        return
    rows = [
        (
            str(run.number),
            status_cell(run.status),
            run.kind,
            human_time(run.started),
            human_seconds(run.seconds),
            run.executor or "",
            Cell(run.reason or "", dim=True),
        )
        for run in found
    ]
    print_table(("run", "status", "kind", "started", "took", "executor", "reason"), rows, right=(0, 4))


def _show_run(run: RunRow, steps: list[StepRow], as_json: bool) -> None:
    """Print one run and its steps."""
    if as_json:
        print_json({**_run_object(run), "steps": [step._asdict() | {"seconds": step.seconds} for step in steps]})
        return
    rows = [
        (
            step.title,
            status_cell(step.status),
            str(step.attempt) if step.attempt > 1 else "",
            human_seconds(step.seconds),
            human_bytes(step.max_rss) if step.max_rss else "",
            Cell(step.reason or "", dim=True),
        )
        for step in steps
    ]
    print_table(("step", "status", "attempt", "took", "peak memory", "reason"), rows, right=(2, 3, 4))


def _run_object(run: RunRow) -> dict[str, object]:
    """Return a run as JSON for programs; times are Unix seconds."""
    return {
        "run": run.number,
        "kind": run.kind,
        "status": run.status,
        "reason": run.reason,
        "executor": run.executor,
        "started": run.started,
        "finished": run.finished,
        "seconds": run.seconds,
        "request": dict(run.request),
    }
