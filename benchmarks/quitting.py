"""Quitting while a step runs: the step is stopped cleanly, and nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.timing import run, wait_until, wall_seconds
from benchmarks.workbench import StepFile, Workbench, finish, has_line, log_of
from orchest_tui.engine.history import History
from orchest_tui.engine.requests import RunRequest

QUICK = StepFile("Quick", "pass\n")
ENDLESS = StepFile("Endless", "import time\nprint('here', flush=True)\ntime.sleep(3600)\n")


def measure(bench: Workbench) -> Iterator[Figure]:
    """Close an engine with a step that runs and spares that wait."""
    path = bench.pipeline([QUICK, ENDLESS])
    samples = []
    for _ in range(max(3, bench.rounds // 3)):
        engine = bench.open_engine(path)
        finish(engine, RunRequest("selected", (QUICK.uuid,)))
        number = engine.start_run(RunRequest("selected", (ENDLESS.uuid,)))
        assert number is not None
        log = log_of(engine, number, ENDLESS)
        wait_until(partial(has_line, log), "the step does not start")
        history = engine.opened.layout.history_file
        samples.append(wall_seconds(engine.close))
        check_stopped(history, number, str(path.parent))
    yield Figure("quit while a step runs, containers removed", tuple(samples), 2.0)


def check_stopped(history_file: Path, number: int, project: str) -> None:
    """See that a run was stopped and no container is left.

    Raises:
        RuntimeError: It was not, or one is.
    """
    history = History(history_file, read_only=True)
    ended = history.run(number)
    history.close()
    left = run(["docker", "ps", "--all", "--quiet", "--filter", f"label=orchest-tui.project={project}"]).split()
    if ended is None or ended.status != "ABORTED" or left:
        raise RuntimeError(f"Run {number} is {ended and ended.status}, {len(left)} containers are left.")
