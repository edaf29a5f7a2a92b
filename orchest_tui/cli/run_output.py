"""How ``run`` shows a run: as JSON lines, as plain lines, or live on a terminal (see ``run_screen``)."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from orchest_tui.cli.display import human_bytes, human_seconds, screen
from orchest_tui.engine import events
from orchest_tui.engine.history import END_STATUSES
from orchest_tui.execution.executor import is_detail
from orchest_tui.terminal_text import LogFilter, plain

if TYPE_CHECKING:
    from orchest_tui.engine.engine import Engine

CHUNK_BYTES = 256 * 1024


class RunOutput(Protocol):
    """Shows runs."""

    def event(self, event: events.Event) -> None:
        """Show an event."""

    def frame(self) -> None:
        """Show what moves by itself: times, logs."""

    def waiting(self) -> None:
        """Say that the program waits for a save."""

    def interrupted(self, count: int) -> None:
        """Say that Ctrl+C number ``count`` was taken; called from a signal handler."""

    def mute(self) -> None:
        """Never write again: the terminal is gone."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def make_output(engine: Engine, *, as_json: bool, with_logs: bool, watching: bool) -> RunOutput:
    """Return the output that fits standard output and the options; ``watching`` tells what becomes stale, too."""
    if as_json:
        return JsonOutput(engine, with_logs=with_logs, watching=watching)
    if screen().redraw and not with_logs:
        from orchest_tui.cli.run_screen import LiveOutput

        return LiveOutput(engine, watching=watching)
    return PlainOutput(engine, with_logs=with_logs, watching=watching)


class LogTails:
    """New text of the logs of a run's steps, read where the steps write it.

    Args:
        path_of: Returns the log of a step in a run.
    """

    def __init__(self, path_of: Callable[[int, str], Path]) -> None:
        self._path_of = path_of
        self._offsets: dict[tuple[int, str], int] = {}

    def follow(self, run: int, step: str) -> None:
        """Begin to follow a step's log from its start."""
        self._offsets.setdefault((run, step), 0)

    def end(self, run: int, step: str) -> Iterator[bytes]:
        """Yield what is left of a log, and follow it no longer."""
        if (run, step) in self._offsets:
            yield from self._new(run, step)
            del self._offsets[run, step]

    def new(self) -> Iterator[tuple[int, str, bytes]]:
        """Yield run, step and new bytes of every log that is followed."""
        for run, step in list(self._offsets):
            for chunk in self._new(run, step):
                yield run, step, chunk

    def _new(self, run: int, step: str) -> Iterator[bytes]:
        try:
            log = self._path_of(run, step).open("rb")
        except OSError:
            return
        with log:
            log.seek(self._offsets[run, step])
            while chunk := log.read(CHUNK_BYTES):
                self._offsets[run, step] += len(chunk)
                yield chunk


class _LineOutput:
    """What the outputs that write whole lines share."""

    def __init__(self, engine: Engine, *, with_logs: bool, watching: bool) -> None:
        self._engine = engine
        self._watching = watching
        self._tails = LogTails(engine.opened.layout.log_file) if with_logs else None
        self._muted = False

    def event(self, event: events.Event) -> None:
        """Show an event, before a step's end the rest of its log."""
        if isinstance(event, events.StepChanged) and self._tails is not None:
            if event.status == "STARTED":
                self._tails.follow(event.run, event.step)
            elif event.status in END_STATUSES:
                for chunk in self._tails.end(event.run, event.step):
                    self._log(event.step, chunk)
        if self._watching or not isinstance(event, events.FreshnessChanged):
            self._show(event)

    def frame(self) -> None:
        """Show what the logs have got."""
        for _, step, chunk in self._tails.new() if self._tails is not None else ():
            self._log(step, chunk)

    def interrupted(self, count: int) -> None:
        """Say so on standard error."""
        words = "stopping the run; Ctrl+C again kills it" if count == 1 else "killing the run"
        with contextlib.suppress(OSError):
            sys.stderr.write(words + "\n")

    def mute(self) -> None:
        """Never write again."""
        self._muted = True

    def close(self) -> None:
        """Do nothing: every line is whole."""

    def _show(self, event: events.Event) -> None:
        raise NotImplementedError

    def _log(self, step: str, chunk: bytes) -> None:
        raise NotImplementedError

    def _write(self, text: str) -> None:
        if not self._muted:
            sys.stdout.write(text)
            sys.stdout.flush()


class JsonOutput(_LineOutput):
    """One JSON object a line; the form is in ``docs/commands.md``."""

    def waiting(self) -> None:
        """Say nothing: programs see the runs."""

    def _show(self, event: events.Event) -> None:
        self._write(json.dumps(json_event(event), ensure_ascii=False) + "\n")

    def _log(self, step: str, chunk: bytes) -> None:
        text = chunk.decode("utf-8", "replace")
        self._write(json.dumps({"event": "log", "time": time.time(), "step": step, "text": text}) + "\n")


_JSON_FORMS: dict[type[events.Event], tuple[str, tuple[str, ...]]] = {
    events.RunStarted: ("run_started", ("run", "status", "kind", "steps")),
    events.RunFinished: ("run_finished", ("run", "status", "reason", "reused")),
    events.StepChanged: ("step", ("run", "step", "title", "status", "reason", "seconds")),
    events.StepReused: ("reused", ("run", "step", "title")),
    events.OutputStored: ("output", ("run", "step", "name", "bytes", "digest")),
    events.StepProgress: ("progress", ("run", "step", "fraction", "text")),
    events.StepUsage: ("usage", ("run", "step", "cpu", "memory")),
    events.CellChanged: ("cell", ("run", "step", "index", "count", "status")),
    events.FreshnessChanged: ("freshness", ("step", "title", "fresh", "reasons")),
    events.EnvironmentProgress: ("environment", ("environment", "name", "text")),
    events.EnvironmentReady: ("environment_ready", ("environment", "name")),
    events.Notice: ("notice", ("level", "text")),
    events.DefinitionReloaded: ("definition_reloaded", ()),
    events.DefinitionBroken: ("definition_broken", ()),
}
_LEFT_OUT_WHERE_NONE = {"reason", "seconds"}


def json_event(event: events.Event) -> dict[str, Any]:
    """Return the JSON form of an event: ``event``, ``time`` and the fields that its kind has."""
    name, fields = _JSON_FORMS[type(event)]
    values = {field: getattr(event, field) for field in fields}
    kept = {k: v for k, v in values.items() if v is not None or k not in _LEFT_OUT_WHERE_NONE}
    return {"event": name, "time": event.time, **kept}


class PlainOutput(_LineOutput):
    """Plain lines for files and pipes: one for each change."""

    def __init__(self, engine: Engine, *, with_logs: bool, watching: bool) -> None:
        super().__init__(engine, with_logs=with_logs, watching=watching)
        self._screen = screen()
        self._filters: dict[str, LogFilter] = {}

    def waiting(self) -> None:
        """Say that a save is waited for."""
        self._line("waiting for a save; Ctrl+C ends")

    def _show(self, event: events.Event) -> None:
        text = plain_event(event, self._title)
        if text is not None:
            self._line(text)

    def _title(self, step: str) -> str:
        found = self._engine.opened.pipeline.steps.get(step)
        return step if found is None else found.title

    def _log(self, step: str, chunk: bytes) -> None:
        title = plain(self._title(step))
        log_filter = self._filters.setdefault(step, LogFilter(colours=self._screen.colours, redraw=False))
        for line in log_filter.feed(chunk).splitlines():
            self._write(self._screen.glyphs(f"{title} │ {line}\n"))

    def _line(self, text: str) -> None:
        self._write(self._screen.glyphs(f"{time.strftime('%H:%M:%S')} {plain(text)}\n"))


def plain_event(event: events.Event, title_of: Callable[[str], str]) -> str | None:  # noqa: PLR0911 (one for each kind)
    """Return an event as one line for people, None for what is too small to tell.

    Args:
        event: The event.
        title_of: Returns a step's title for its uuid.
    """
    match event:
        case events.RunStarted():
            count = len(event.steps)
            return f"run {event.run} started: {count} step{'s' if count != 1 else ''}"
        case events.RunFinished():
            reused = f", {len(event.reused)} fresh" if event.reused else ""
            reason = f": {event.reason}" if event.reason and event.reason != "aborted" else ""
            return f"run {event.run} {event.status.lower()}{reused}{reason}"
        case events.StepChanged() if event.status != "PENDING" or event.reason:
            took = f" in {human_seconds(event.seconds)}" if event.seconds is not None else ""
            reason = f": {event.reason}" if event.reason else ""
            return f"{event.title} {event.status.lower()}{took}{reason}"
        case events.StepReused():
            return f"{event.title} fresh"
        case events.OutputStored():
            name = "output" if event.name is None else f"output {event.name}"
            return f"{title_of(event.step)} {name}: {human_bytes(event.bytes)}"
        case events.EnvironmentProgress() if not is_detail(event.text):
            return f"environment {event.name}: {event.text}"
        case events.FreshnessChanged() if event.fresh is False:
            return f"{event.title} is stale: {'; '.join(event.reasons)}"
        case events.Notice():
            return f"{event.level}: {event.text}" if event.level != "info" else event.text
        case _:
            return None
