"""The app as it opens, idles, and moves about in a pipeline of a thousand steps."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.figures import Baseline, Figure
from benchmarks.screens.pseudo_terminal import PseudoTerminal
from benchmarks.workbench import StepFile, Workbench
from orchest_tui.demo import copy_demo

PROGRAM = str(Path(sys.executable).with_name("orchest-tui"))
"""The program as it is installed."""

CALM = 10.0
"""Seconds after which nothing of opening goes on any more."""

STEPS = 1000
KEYS = 20
"""How often each key is pressed."""

HELLO = (
    "from textual.app import App; from textual.widgets import Static;"
    "App.compose = lambda self: iter([Static('hello')]); App().run()"
)
"""The least that Textual does, in the same interpreter."""

_HELLO = b"hello"
_HEADER, _LOADED = b" demo ", b" new "
"""What the first screen shows of a project, its name, and what it shows once the steps are known."""


def measure(bench: Workbench) -> Iterator[Figure]:
    """Open the demo, let it be, then open a thousand steps."""
    demo = bench.folder / "demo"
    copy_demo(demo)
    yield from _opening(demo, max(3, bench.rounds // 2))
    yield from _idle(demo, 1 if bench.quick else 3, 10.0 if bench.quick else 20.0)
    yield from _large(bench)


def _opening(project: Path, rounds: int) -> Iterator[Figure]:
    painted, loaded, waited, hello, hello_waited = [], [], [], [], []
    for _ in range(rounds):
        with PseudoTerminal([sys.executable, "-c", HELLO], marks=(_HELLO,)) as terminal:
            terminal.see("hello")
            hello.append(terminal.marked[_HELLO][1])
            hello_waited.append(terminal.marked[_HELLO][0] - terminal.started)
        with PseudoTerminal([PROGRAM, str(project)], marks=(_HEADER, _LOADED)) as terminal:
            terminal.see(" new ")
            painted.append(terminal.marked[_HEADER][1])
            loaded.append(terminal.marked[_LOADED][1])
            waited.append(terminal.marked[_LOADED][0] - terminal.started)
            leave(terminal)
    yield Figure("the app: first paint, CPU", tuple(painted), 0.5, Baseline("hello in Textual", tuple(hello)))
    yield Figure("the app: a project of eight steps loaded, CPU", tuple(loaded), 0.7)
    yield Figure(
        "the app: the same, time that passed", tuple(waited), None, Baseline("hello in Textual", tuple(hello_waited))
    )


def _idle(project: Path, rounds: int, seconds: float) -> Iterator[Figure]:
    cores, written = [], []
    with PseudoTerminal([PROGRAM, str(project)]) as terminal:
        terminal.see(" new ")
        time.sleep(CALM)
        for _ in range(rounds):
            begin, cpu, bytes_before = time.monotonic(), terminal.cpu, terminal.written
            time.sleep(seconds)
            passed = time.monotonic() - begin
            cores.append((terminal.cpu - cpu) / passed)
            written.append((terminal.written - bytes_before) / passed)
        leave(terminal)
    yield Figure("the app idle: CPU", tuple(cores), 0.005, unit="core")
    yield Figure("the app idle: written to the terminal", tuple(written), 0.0, unit="B/s")


def _large(bench: Workbench) -> Iterator[Figure]:
    """Open a thousand steps, and move by a line, by half a page, and from end to end."""
    path = bench.pipeline(wide_pipeline(STEPS))
    opened, moved, jumped = [], [], []
    for _ in range(max(3, bench.rounds // 3)):
        with PseudoTerminal([PROGRAM, str(path.parent)]) as terminal:
            shown = terminal.see(_title(0), " new ")
            opened.append(shown.at - terminal.started)
            time.sleep(2.0)
            moved += [_answer(terminal, "j") for _ in range(KEYS)]
            for number in range(KEYS):
                at_end = number % 2 == 0
                pressed = terminal.press("G" if at_end else "g")
                jumped.append(terminal.see_that(partial(_shows, at_end)).at - pressed)
                time.sleep(0.1 + 0.013 * number)
            leave(terminal)
    yield Figure(f"{STEPS:,} steps: opened, time that passed", tuple(opened), 1.0)
    yield Figure(f"{STEPS:,} steps: key j → paint", tuple(moved), 0.05)
    yield Figure(f"{STEPS:,} steps: keys g and G → paint", tuple(jumped), 0.05)


def wide_pipeline(steps: int) -> Sequence[StepFile]:
    """Return steps that hang together like a bush: each but the first below an earlier one."""
    return [
        StepFile(_title(number), "pass\n", [_title((number - 1) // 3)] if number else []) for number in range(steps)
    ]


def _title(number: int) -> str:
    return f"S{number:04d}"


def _shows(at_end: bool, rows: Sequence[str]) -> bool:
    """Return whether the tree shows its last row, or its first one."""
    first = any(f"{_title(0)} " in row for row in rows)
    return not first and any(f" {STEPS}/{STEPS} " in row for row in rows) if at_end else first


def _answer(terminal: PseudoTerminal, key: str) -> float:
    """Return how long after a key something is painted; nothing else is to be going on."""
    before = len(terminal.chunks)
    pressed = terminal.press(key)
    while len(terminal.chunks) == before:
        time.sleep(0.001)
    seconds = terminal.chunks[before].at - pressed
    time.sleep(0.15)
    return seconds


def leave(terminal: PseudoTerminal) -> None:
    """Quit the app where no run goes on."""
    terminal.press("q")
    terminal.ended()
