"""From saving a file to the first log line of the step that it made stale, in live mode."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from benchmarks.figures import Figure
from benchmarks.timing import wait_until
from benchmarks.workbench import StepFile, Workbench, finish, has_line, log_of, wait_for, wait_warm

CODE = "import time; print(time.time_ns())\n"
CLOCK = StepFile("Clock", CODE)


def measure(bench: Workbench) -> Iterator[Figure]:
    """Save a step's file again and again, each time with other content."""
    path = bench.pipeline([CLOCK])
    samples = []
    with bench.engine(path) as engine:
        number = finish(engine)
        engine.watch(live=True)
        for turn in range(bench.rounds + 1):
            wait_warm(engine)
            number += 1
            log = log_of(engine, number, CLOCK)
            saved = time.time_ns()
            (path.parent / CLOCK.file).write_text(f"{CODE}# {turn}\n")
            wait_until(partial(has_line, log), "the step does not run")
            if turn:  # the first one may come before the watch is in place
                samples.append((int(log.read_text()) - saved) / 1e9)
            wait_for(engine, number)
    yield Figure("save a file → first log line of the step, live mode", tuple(samples), 0.150)
