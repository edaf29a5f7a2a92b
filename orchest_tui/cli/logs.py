"""``logs``: a step's log, of its last run or an older one, whole or as it grows."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from orchest_tui.cli.context import chosen, opened_read_only, pipeline_option, project_option
from orchest_tui.cli.display import screen
from orchest_tui.cli.follow import CHUNK_BYTES, follow, tail_offset
from orchest_tui.cli.log_stamps import LineStamps, stamped
from orchest_tui.engine.history import END_STATUSES, History
from orchest_tui.engine.opened import OpenPipeline
from orchest_tui.errors import OrchestTuiError
from orchest_tui.terminal_text import LogFilter, plain


@click.command()
@click.argument("step")
@project_option
@pipeline_option
@click.option("-f", "--follow", "following", is_flag=True, help="Go on as the log grows, until the step ends.")
@click.option("--run", "run", type=click.IntRange(min=1), metavar="N", help="The log of run N; by default the last.")
@click.option("-n", "--lines", type=click.IntRange(min=1), metavar="N", help="The last N lines only.")
@click.option("--times", "with_times", is_flag=True, help="Put before each line when it was written.")
@click.option("--raw", is_flag=True, help="The log's bytes as they are, control sequences included, on a terminal too.")
def logs(
    step: str,
    project_dir: Path | None,
    pipeline_name: str | None,
    following: bool,
    run: int | None,
    lines: int | None,
    with_times: bool,
    raw: bool,
) -> None:
    """Show the log of STEP (its title, file or the start of its uuid).

    On a terminal, control sequences other than colours are left out, so that a log can't move the cursor or set the
    title. Where standard output is no terminal the bytes come as they are.
    """
    with opened_read_only(chosen(project_dir, pipeline_name)) as opened:
        uuid = _step(opened, step)
        number = _run_of(opened, uuid, run)
        path = opened.layout.log_file(number, uuid)
        offset = tail_offset(path, lines) if lines and path.exists() else 0
        if following:
            chunks = follow(path, offset, lambda: has_ended(opened.history, number, uuid))
        elif path.exists():
            chunks = _read(path, offset)
        else:
            raise OrchestTuiError(
                f"There is no log of {plain(opened.pipeline.steps[uuid].title)} in run {number}.",
                f"`orchest-tui runs {number}` tells how its steps ended.",
            )
        pieces = _timed(chunks, path, offset, following=following) if with_times else _untimed(chunks)
        write_log(pieces, raw=raw, live=following)


def _step(opened: OpenPipeline, name: str) -> str:
    """Return the uuid of the one step that ``name`` means."""
    from orchest_tui.project.discovery import resolve_steps

    [uuid] = resolve_steps(opened.pipeline, [name])
    return uuid


def _run_of(opened: OpenPipeline, step: str, run: int | None) -> int:
    """Return the run whose log is meant.

    Raises:
        OrchestTuiError: The step was in no such run.
    """
    title = plain(opened.pipeline.steps[step].title)
    if run is None:
        latest = opened.history.latest().get(step)
        if latest is None:
            raise OrchestTuiError(f"{title} has never run.", f"`orchest-tui run --step {shlex.quote(title)}` runs it.")
        return latest.run
    if all(row.step != step for row in opened.history.steps_of(run)):
        raise OrchestTuiError(f"{title} was not in run {run}.", "`orchest-tui runs` lists the runs.")
    return run


def has_ended(history: History, run: int, step: str) -> bool:
    """Return whether a step of a run has come to its end."""
    row = next((row for row in history.steps_of(run) if row.step == step), None)
    return row is None or row.status in END_STATUSES


def _read(path: Path, offset: int) -> Iterator[bytes]:
    """Yield a file's bytes from ``offset``."""
    with path.open("rb") as log:
        log.seek(offset)
        while chunk := log.read(CHUNK_BYTES):
            yield chunk


def _untimed(chunks: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    return (("", chunk) for chunk in chunks)


def _timed(chunks: Iterator[bytes], path: Path, offset: int, *, following: bool) -> Iterator[tuple[str, bytes]]:
    """Return the log's lines with their times; of a log without times the lines alone, with a warning."""
    stamps = LineStamps(path)
    if stamps.known or following:
        return stamped(chunks, offset, stamps)
    click.echo("warning: when the lines of this log were written is not known", err=True)
    return _untimed(chunks)


def write_log(chunks: Iterable[tuple[str, bytes]], *, raw: bool, live: bool) -> None:
    """Write a log to standard output: made harmless on a terminal, else as it is.

    Args:
        chunks: The log's bytes, and the program's own words before each piece of them.
        raw: Write the bytes as they are on a terminal, too.
        live: Show each piece at once, since the next one may be long in coming.
    """
    out = screen()
    if raw or not out.terminal:
        for words, chunk in chunks:
            sys.stdout.buffer.write(words.encode() + chunk)
            if live:
                sys.stdout.buffer.flush()
        sys.stdout.buffer.flush()
        return
    clean = LogFilter(colours=out.colours, redraw=out.redraw)
    try:
        for words, chunk in chunks:
            sys.stdout.write(words + clean.feed(chunk))
            if live:
                sys.stdout.flush()
    finally:
        sys.stdout.write(clean.finish())
        sys.stdout.flush()
