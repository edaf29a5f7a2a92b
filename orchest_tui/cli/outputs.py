"""``outputs``: what the steps handed over, and what is known about each value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from orchest_tui.cache.entry import OutputEntry
from orchest_tui.cli.context import chosen, json_option, opened_read_only, pipeline_option, project_option
from orchest_tui.cli.display import Cell, human_bytes, human_time, print_json, print_table, screen
from orchest_tui.terminal_text import plain, plain_lines

_UNNAMED = "(unnamed)"
_ROWS = 10
_NUMBERS = ("int", "uint", "float", "double", "decimal", "complex")


@click.command()
@click.argument("step", required=False)
@project_option
@pipeline_option
@json_option
def outputs(step: str | None, project_dir: Path | None, pipeline_name: str | None, as_json: bool) -> None:
    """List the outputs that are in the cache; for one STEP, with what is known of each value."""
    with opened_read_only(chosen(project_dir, pipeline_name)) as opened:
        pipeline = opened.pipeline
        if step is None:
            entries = [entry for uuid in opened.order for entry in opened.store.outputs(uuid)]
        else:
            from orchest_tui.project.discovery import resolve_steps

            entries = [entry for uuid in resolve_steps(pipeline, [step]) for entry in opened.store.outputs(uuid)]
        titles = {uuid: one.title for uuid, one in pipeline.steps.items()}
    if as_json:
        print_json([output_object(entry, titles[entry.step]) for entry in entries])
    elif not entries:
        click.echo("There are no outputs in the cache." if step is None else f"{plain(step)} has no outputs here.")
    elif step is None:
        _print_list(entries, titles)
    else:
        for entry in entries:
            _print_value(entry)


def output_object(entry: OutputEntry, title: str) -> dict[str, Any]:
    """Return an output as JSON for programs; times are Unix seconds."""
    return {
        "step": entry.step,
        "title": title,
        "name": entry.name,
        "bytes": entry.bytes,
        "digest": entry.digest,
        "location": entry.location,
        "path": str(entry.path),
        "run": entry.run,
        "created": entry.created,
        "preview": dict(entry.preview),
    }


def describe(preview: Mapping[str, Any]) -> str:
    """Return what a value is, in a few words: its type without the module, and its shape or length."""
    kind = str(preview.get("type", "")).rpartition(".")[2]
    shape = preview.get("shape")
    if isinstance(shape, list | tuple) and shape:
        return f"{kind} {' x '.join(str(size) for size in shape)}"
    if "length" in preview:
        return f"{kind} of {preview['length']}"
    return kind


def _print_list(entries: list[OutputEntry], titles: Mapping[str, str]) -> None:
    """Print one row for each output."""
    rows = [
        (
            titles[entry.step],
            entry.name or Cell(_UNNAMED, dim=True),
            describe(entry.preview),
            human_bytes(entry.bytes),
            entry.location,
            entry.run,
            human_time(entry.created),
        )
        for entry in entries
    ]
    print_table(("step", "output", "value", "size", "kept in", "run", "made"), rows, right=(3, 5))


def _print_value(entry: OutputEntry) -> None:
    """Print one output with its preview."""
    out = screen()
    head = f"{plain(entry.name or _UNNAMED)}: {plain(describe(entry.preview))}"
    click.echo(out.styled(head, bold=True), color=out.colours)
    facts = f"{human_bytes(entry.bytes)} in {entry.location}, from run {entry.run}, {human_time(entry.created)}"
    click.echo(out.styled(f"  {facts}", dim=True), color=out.colours)
    if entry.preview.get("head"):
        print_rows(entry.preview)
        return
    for line in plain_lines(str(entry.preview.get("text", ""))):
        click.echo(f"  {line}")


def print_rows(preview: Mapping[str, Any]) -> None:
    """Print the first rows of a table, an array or a dictionary, and how many there are."""
    rows = [[str(cell) for cell in row] for row in preview["head"][:_ROWS]]
    width = max(len(row) for row in rows)
    columns = [str(name) for name in preview.get("columns", range(width))][:width]
    kinds = [str(kind).lower() for kind in preview.get("dtypes", ())]
    kinds = kinds * width if len(kinds) == 1 else kinds
    numbers = [place for place, kind in enumerate(kinds) if kind.startswith(_NUMBERS)]
    if "index" in preview:
        columns = ["", *columns]
        rows = [[str(label), *row] for label, row in zip(preview["index"], rows, strict=False)]
        numbers = [place + 1 for place in numbers]
    print_table(columns, rows, right=numbers, indent=2)
    left = int(preview.get("length", len(rows))) - len(rows)
    shape = list(preview.get("shape") or [])
    hidden = int(shape[1]) - width if len(shape) == 2 else 0
    more = [f"{count:,} more {noun}" for count, noun in ((left, "rows"), (hidden, "columns")) if count > 0]
    if more:
        out = screen()
        click.echo(out.styled(f"  and {', '.join(more)}", dim=True), color=out.colours)
