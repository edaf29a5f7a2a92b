"""``run`` on a terminal: one line for each step, drawn again where it stands, ten times a second at most.

The frame is a pure function of the view state, the time and the logs' last lines; it is written only where it changed.
What has scrolled out of the way stays: at a run's end the last frame becomes ordinary text.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchest_tui.cli.display import Screen, cell_width, fit, human_bytes, human_seconds, screen
from orchest_tui.engine import events
from orchest_tui.engine.state import StepView, ViewState
from orchest_tui.execution.executor import is_detail
from orchest_tui.step.runner.bars import read_line
from orchest_tui.terminal_text import plain

if TYPE_CHECKING:
    from pathlib import Path

    from orchest_tui.engine.engine import Engine

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ASCII_SPINNER = "|/-\\"
TAIL_BYTES = 4096
GLYPHS = {"SUCCESS": "✓", "FAILURE": "✗", "ABORTED": "○", "PENDING": "·"}
BUILD_STAGE = "==>"
CPU_ROOM = 24
"""Cells beside title, time and size that it takes to show the processor's use as well."""
COLOURS = {"SUCCESS": "green", "FAILURE": "red", "ABORTED": "yellow", "STARTED": "cyan"}


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done to make an environment ready.

    Attributes:
        environment: Its uuid.
        name: Its name.
        text: What is being done.
        since: When that began, Unix seconds.
    """

    environment: str
    name: str
    text: str
    since: float


class LiveOutput:
    """Draws runs on standard output, a terminal.

    Args:
        engine: The open engine.
        watching: Whether to tell what becomes stale between runs.
    """

    def __init__(self, engine: Engine, *, watching: bool) -> None:
        self._engine = engine
        self._watching = watching
        self._screen = screen()
        self._drawn: list[str] = []
        self._muted = False
        self._message = ""
        self._stage: Stage | None = None
        self._run: int | None = None
        self._last = 0.0

    def event(self, event: events.Event) -> None:
        """Take in an event; most show in the next frame."""
        match event:
            case events.RunStarted():
                self._settle()
                self._message = ""
                self._stage = None
                self._run = event.run
                self._print(f"run {event.run}")
            case events.RunFinished():
                self._message = ""
                self._stage = None
                self._draw()
                self._settle()
                self._run = None
                self._print(_summary(event, self._engine.state, self._screen))
            case events.EnvironmentProgress():
                self._stage = self._stage_after(event)
            case events.StepChanged() if event.status == "STARTED":
                self._stage = None
            case events.Notice():
                self._erase()
                colour = {"warning": "yellow", "error": "red"}.get(event.level)
                self._print(self._screen.styled(plain(event.text), colour))
            case events.FreshnessChanged() if event.fresh is False and self._watching and self._run is None:
                self._print(f"{plain(event.title)} is stale: {plain('; '.join(event.reasons))}")
            case _:
                pass
        if time.monotonic() - self._last > 0.1:
            self._draw()

    def frame(self) -> None:
        """Draw what moved."""
        self._draw()

    def waiting(self) -> None:
        """Say that a save is waited for."""
        self._print(self._screen.styled("waiting for a save; Ctrl+C ends", dim=True))

    def interrupted(self, count: int) -> None:
        """Show it in the next frame; nothing is written from a signal handler."""
        self._message = "stopping the run; Ctrl+C again kills it" if count == 1 else "killing the run"

    def mute(self) -> None:
        """Never write again."""
        self._muted = True

    def close(self) -> None:
        """Leave the last frame as it stands."""
        self._settle()

    # -- drawing ------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        self._last = time.monotonic()
        state = self._engine.state
        if self._muted or state.run is None or state.run.number != self._run:
            return
        try:
            size = os.get_terminal_size(sys.stdout.fileno())
        except OSError:
            return
        tails = {step: self._tail(state.steps[step]) for step in state.run.steps if step in state.steps}
        footer = [] if self._stage is None else stage_lines(self._stage, time.time(), self._build_tail())
        if self._message:
            footer.append(self._message)
        lines = frame_lines(state, tails, footer, time.time(), size.columns, size.lines, self._screen)
        if lines == self._drawn:
            return
        self._write(_redraw(self._drawn, lines))
        self._drawn = lines

    def _tail(self, step: StepView) -> str:
        if step.status != "STARTED" or step.run is None:
            return ""
        return last_line(self._engine.opened.layout.log_file(step.run, step.uuid))

    def _stage_after(self, event: events.EnvironmentProgress) -> Stage:
        """Return the stage of an environment's build that an event leads to; a tool's progress begins no new one."""
        before = self._stage
        if is_detail(event.text) and before is not None and before.environment == event.environment:
            return before
        return Stage(event.environment, event.name, event.text, event.time)

    def _build_tail(self) -> str:
        """Return the last line of the build that goes on; an older build's log is left alone."""
        if self._stage is None:
            return ""
        try:
            log = self._engine.opened.layout.last_build_log(self._stage.environment)
            current = log is not None and log.stat().st_mtime >= self._stage.since - 1.0
        except OSError:
            return ""
        return last_line(log) if log is not None and current else ""

    def _settle(self) -> None:
        """Let the frame stand; what is written next goes below it."""
        self._drawn = []

    def _erase(self) -> None:
        if self._drawn:
            self._write(f"\x1b[{len(self._drawn)}A\x1b[J")
            self._drawn = []

    def _print(self, line: str) -> None:
        self._write(self._screen.glyphs(line) + "\n")

    def _write(self, text: str) -> None:
        if not self._muted:
            sys.stdout.write(text)
            sys.stdout.flush()


def stage_lines(stage: Stage, moment: float, tail: str) -> list[str]:
    """Return the lines of a build: what is done and for how long, and the last thing that it said."""
    seconds = max(0.0, moment - stage.since)
    took = f"{seconds:.0f} s" if seconds < 60 else human_seconds(seconds)
    lines = [f"environment {plain(stage.name)}: {plain(stage.text)}  {took}"]
    return [*lines, f"  {plain(tail)}"] if tail and not tail.startswith(BUILD_STAGE) else lines


def _redraw(before: Sequence[str], after: Sequence[str]) -> str:
    """Return what turns the drawn lines into others: only lines that differ are written."""
    parts = [f"\x1b[{len(before)}A"] if before else []
    for index, line in enumerate(after):
        same = index < len(before) and before[index] == line
        parts.append("\n" if same else f"\r{line}\x1b[K\n")
    if len(after) < len(before):
        parts.append("\x1b[J")
    return "".join(parts)


def last_line(path: Path) -> str:
    """Return the last line with text of a log, harmless; empty where there is none."""
    try:
        with path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - TAIL_BYTES))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ""
    for line in reversed(text.replace("\r", "\n").split("\n")):
        shown = plain(line).strip()
        if shown:
            return shown
    return ""


def frame_lines(
    state: ViewState,
    tails: Mapping[str, str],
    footer: Sequence[str],
    moment: float,
    width: int,
    height: int,
    look: Screen,
) -> list[str]:
    """Return the lines of a frame, fewer than ``height``, of at most ``width`` cells.

    Args:
        state: The view state, with a run.
        tails: Last log line by step.
        footer: Lines below the steps.
        moment: Now, Unix seconds.
        width: Columns of the terminal.
        height: Rows of the terminal.
        look: What the terminal can show.
    """
    if state.run is None:
        return []
    steps = [state.steps[step] for step in state.run.steps if step in state.steps]
    steps = [step for step in steps if step.uuid not in state.run.reused]
    room = max(1, height - 2 - len(footer))
    hidden = 0
    if len(steps) > room:
        chosen = sorted(steps, key=_urgency)[: room - 1]
        hidden = len(steps) - len(chosen)
        steps = [step for step in steps if step in chosen]
    name_width = min(max((cell_width(plain(step.title)) for step in steps), default=0), max(8, width // 3))
    lines = [_step_line(step, tails.get(step.uuid, ""), moment, name_width, width, look) for step in steps]
    if hidden:
        lines.append(look.styled(f"  {hidden} more steps", dim=True))
    ellipsis = look.glyphs("…")
    return [*lines, *(look.styled(look.glyphs(fit(line, width - 1, ellipsis).rstrip()), dim=True) for line in footer)]


def _urgency(step: StepView) -> int:
    """Return a rank by which lines are kept where not all fit: what runs, what failed, what ended last."""
    return {"STARTED": 0, "FAILURE": 1, "SUCCESS": 2, "ABORTED": 3}.get(step.status or "", 4)


def _step_line(step: StepView, tail: str, moment: float, name_width: int, width: int, look: Screen) -> str:
    """Return one step's line: glyph, title, time, size (while it runs its memory), and what it says."""
    status = step.status or "PENDING"
    if status == "STARTED":
        frames = SPINNER if look.unicode else ASCII_SPINNER
        glyph = frames[int(moment * 10) % len(frames)]
        seconds = max(0.0, moment - (step.started or moment))
        took = f"{seconds:.0f} s" if seconds < 60 else human_seconds(seconds)
    else:
        glyph = look.glyphs(GLYPHS.get(status, "·"))
        took = human_seconds(step.seconds)
    size = human_bytes(step.bytes) if step.outputs and status == "SUCCESS" else ""
    if status == "STARTED" and step.memory is not None:
        size = human_bytes(step.memory)
    ellipsis = look.glyphs("…")
    title = fit(plain(step.title), name_width, ellipsis)
    head = f"{title}  {took:>10}  {size:>8}  "
    room = width - 1 - 2 - cell_width(head)
    cores = f"cpu {step.cpu:.1f}  " if status == "STARTED" and step.cpu is not None and room >= CPU_ROOM else ""
    rest = cores + _words(step, tail)
    said = fit(rest, room, ellipsis).rstrip() if room > 3 else ""
    coloured = look.styled(glyph, COLOURS.get(status))
    return f"{coloured} {head}{look.styled(look.glyphs(said), 'red' if status == 'FAILURE' else None, dim=True)}"


def _words(step: StepView, tail: str) -> str:
    if step.status in {"FAILURE", "ABORTED"}:
        return plain(step.reason or "")
    if step.status == "STARTED":
        if step.fraction is not None and read_line(tail) is not None:
            return tail  # a progress bar, which says all that there is to say
        percent = f"{step.fraction:4.0%} " if step.fraction is not None else ""
        return f"{percent}{plain(step.progress)} {tail}".strip()
    return plain(step.reason or "") if step.status == "PENDING" else ""


def _summary(event: events.RunFinished, state: ViewState, look: Screen) -> str:
    """Return the line that ends a run."""
    run = state.run
    took = human_seconds(event.time - run.started) if run is not None else ""
    count = len(run.steps) - len(event.reused) if run is not None else 0
    fresh = f", {len(event.reused)} fresh" if event.reused else ""
    words = {"SUCCESS": "done", "FAILURE": "failed", "ABORTED": "aborted"}[event.status]
    reason = f": {plain(event.reason)}" if event.reason and event.status == "FAILURE" else ""
    text = f"run {event.run} {words}{reason} ({count} step{'s' if count != 1 else ''}{fresh}, {took})"
    return look.styled(text, COLOURS[event.status], bold=True)
