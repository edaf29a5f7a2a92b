"""Quitting the app by its keys while a step runs: the run is stopped cleanly, and nothing is left."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.quitting import ENDLESS, check_stopped
from benchmarks.screens.opening import PROGRAM
from benchmarks.screens.pseudo_terminal import PseudoTerminal
from benchmarks.workbench import Workbench


def measure(bench: Workbench) -> Iterator[Figure]:
    """Run an endless step, quit and choose to stop it."""
    path = bench.pipeline([ENDLESS])
    with bench.engine(path) as engine:
        layout = engine.opened.layout
    samples = []
    for number in range(1, 1 + max(3, bench.rounds // 3)):
        with PseudoTerminal([PROGRAM, str(path.parent)]) as terminal:
            terminal.see(ENDLESS.title)
            time.sleep(1.0)
            terminal.press("r")
            terminal.see(f"run {number} ", "here")
            terminal.press("q")
            terminal.see("A run goes on")
            terminal.press("j")
            time.sleep(0.3)
            pressed = terminal.press("\r")
            samples.append(terminal.ended() - pressed)
        check_stopped(layout.history_file, number, str(path.parent))
    yield Figure("the app: quit while a step runs, containers removed", tuple(samples), 2.0)
