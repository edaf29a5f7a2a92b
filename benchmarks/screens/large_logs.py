"""Logs of a gigabyte and ten million lines: opening, moving, searching, and what ten of them take."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.figures import Baseline, Figure
from benchmarks.screens.processes import resident
from benchmarks.screens.pseudo_terminal import PseudoTerminal
from benchmarks.screens.stream import endings, numbered
from benchmarks.timing import wall_seconds
from benchmarks.workbench import Workbench

LINES, QUICK_LINES = 10_000_000, 1_000_000
LOGS = 10
AT_ONCE = 10_000
"""Lines written at a time."""

NOWHERE = "no such text"
GREP = ("grep", "--count", "--ignore-case", "--fixed-strings", "--quiet", NOWHERE)
CALM = 3.0
"""Seconds in which an opened log is read through once, for its index."""


def measure(bench: Workbench) -> Iterator[Figure]:
    """Write the log once, give it ten names, and look at it."""
    lines = QUICK_LINES if bench.quick else LINES
    first = bench.folder / "large-0.log"
    _write(first, lines)
    logs = [first, *(bench.folder / f"large-{number}.log" for number in range(1, LOGS))]
    for log in logs[1:]:
        os.link(first, log)
    size = f"{first.stat().st_size / 1e9:.1f} GB log"
    try:
        yield from _looks(logs, lines, size, max(3, bench.rounds // 3))
    finally:
        for log in logs:
            log.unlink()


def _looks(logs: list[Path], lines: int, size: str, rounds: int) -> Iterator[Figure]:
    last, command = f"{lines - 1:010d} ", [sys.executable, "-m", "orchest_tui.ui.log"]
    whole = []
    for _ in range(rounds):
        with PseudoTerminal([*command, str(logs[0])]) as terminal:
            whole.append(terminal.see(last).at - terminal.started)
    with PseudoTerminal([*command, *map(str, logs)]) as terminal:
        terminal.see(last)
        opened = [_turn(terminal, log, last) for log in [*logs[1:], logs[0]]]
        time.sleep(CALM)
        moved = _move(terminal, rounds, lines)
        found, answered = _search(terminal, rounds, lines)
        memory = resident(terminal.pid)
    grepped = [wall_seconds(partial(subprocess.run, [*GREP, str(logs[0])], check=False)) for _ in range(rounds)]
    yield Figure(f"{size}: program started → last page", tuple(whole), None)
    yield Figure(f"{size}: opened in a program that runs → last page", tuple(opened), 0.15)
    yield Figure(f"{size}: first, last line, pages up", tuple(moved), 0.1)
    yield Figure(f"{size}: searched to the end", tuple(found), 1.0, Baseline("grep -ciF", tuple(grepped)))
    yield Figure(f"{size}: keys while it is searched", tuple(answered), 0.1)
    yield Figure(f"the log view after {len(logs)} logs, resident memory", (memory,), 90e6, unit="B")


def _turn(terminal: PseudoTerminal, log: Path, last: str) -> float:
    """Show the next log; return how long it takes until its last page is there."""
    time.sleep(0.3)
    pressed = terminal.press("]")
    return terminal.see(log.name, last).at - pressed


def _move(terminal: PseudoTerminal, rounds: int, lines: int) -> list[float]:
    """Go from end to end and some pages up; return how long each takes."""
    height = 0
    samples = []
    for _ in range(rounds):
        for key, line in (("g", 0), ("G", lines - 1)):
            time.sleep(0.2)
            pressed = terminal.press(key)
            frame = terminal.see(f"{line:010d} ")
            samples.append(frame.at - pressed)
        height = sum(1 for row in frame.rows if row[:10].isdigit())
        time.sleep(0.2)
        pressed = terminal.press("\x1b[5~")
        samples.append(terminal.see(f"{lines - 1 - height:010d} ").at - pressed)
    return samples


def _search(terminal: PseudoTerminal, rounds: int, lines: int) -> tuple[list[float], list[float]]:
    """Search from the first line for one near the end, and for what is nowhere; the latter with keys meanwhile."""
    found, answered = [], []
    target = f"{lines - 50:010d} "
    for _ in range(rounds):
        _ask(terminal, target)
        pressed = terminal.press("\r")
        found.append(terminal.see_that(lambda rows: any(row.startswith(target) for row in rows[1:-1])).at - pressed)
        _ask(terminal, NOWHERE)
        pressed = terminal.press("\r")
        for key, line in (("j", 1), ("k", 0)):
            time.sleep(0.1)
            moved = terminal.press(key)
            answered.append(terminal.see_that(partial(_is_on_top, line)).at - moved)
        found.append(terminal.see_that(lambda rows: rows[0].rstrip().endswith(f"/{NOWHERE} 0")).at - pressed)
    return found, answered


def _ask(terminal: PseudoTerminal, text: str) -> None:
    """Go to the first line and type what to search for, all but the last key."""
    terminal.press("g")
    terminal.see_that(partial(_is_on_top, 0))
    terminal.press("/")
    terminal.see("Search for")
    time.sleep(0.1)
    terminal.press(text)
    terminal.see_that(lambda rows: rows[-1].startswith(text.rstrip()))


def _is_on_top(line: int, rows: Sequence[str]) -> bool:
    """Return whether a line of the log is the first one on the screen."""
    return len(rows) > 1 and rows[1].startswith(f"{line:010d} ")


def _write(path: Path, lines: int) -> None:
    """Write a log of ``lines`` lines, as it would be written in some hours."""
    tails = endings(colour=False)
    with path.open("wb") as file:
        for first in range(0, lines, AT_ONCE):
            file.write(numbered(first, min(lines, first + AT_ONCE), first / 1000, tails))
