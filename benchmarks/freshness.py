"""Two hundred fresh steps of which nothing changed: deciding that nothing has to run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Baseline, Figure
from benchmarks.timing import cpu_seconds, wall_seconds
from benchmarks.workbench import StepFile, Workbench, finish
from orchest_tui.engine.requests import RunRequest

STEPS = 200
WIDTH = 10
"""Steps in a layer; each has two parents in the layer above."""

AT_ONCE = 4
COMMAND = str(Path(sys.executable).with_name("orchest-tui"))


def measure(bench: Workbench) -> Iterator[Figure]:
    """Run two hundred steps once, then measure what deciding costs, in the engine and as a process of its own."""
    path = bench.pipeline(_steps())
    with bench.engine(path, warm_spares=0) as engine:
        finish(engine, RunRequest("all", parallel=AT_ONCE))
        request = RunRequest("stale")
        if (number := engine.start_run(request)) is not None:
            raise RuntimeError(f"Run {number} began though nothing has changed.")
        commands = [wall_seconds(lambda: engine.start_run(request)) for _ in range(bench.rounds)]
        verdicts = [wall_seconds(engine.opened.verdicts) for _ in range(bench.rounds)]
    yield Figure(f"{STEPS} fresh steps: deciding so in the engine", tuple(verdicts), 0.010)
    yield Figure(f"{STEPS} fresh steps: the same with reading the definition again", tuple(commands), 0.010)

    command = (COMMAND, "run", "--stale", "--project", str(path.parent))
    make = ("make", "--silent", "--file", str(_makefile(path.parent)))
    cpu_seconds(make)
    whole, made = [], []
    for _ in range(bench.rounds):
        whole.append(cpu_seconds(command, os.environ))
        made.append(cpu_seconds(make))
    yield Figure(
        f"{STEPS} fresh steps: `orchest-tui run --stale`, CPU", tuple(whole), 0.250, Baseline("make, CPU", tuple(made))
    )


def _steps() -> list[StepFile]:
    steps: list[StepFile] = []
    for index in range(STEPS):
        column, above = index % WIDTH, index - index % WIDTH - WIDTH
        parents = [] if above < 0 else [f"Step {above + column}", f"Step {above + (column + 1) % WIDTH}"]
        steps.append(StepFile(f"Step {index}", f"result = {index}\n", parents))
    return steps


def _makefile(folder: Path) -> Path:
    """Return a makefile of the same graph, each target a file that depends on its script and its parents' files."""
    target = {step.title: str(folder / f"{step.file}.made") for step in _steps()}
    rules = [f"all: {' '.join(target.values())}\n"]
    for step in _steps():
        needs = " ".join([str(folder / step.file), *(target[parent] for parent in step.parents)])
        rules.append(f"{target[step.title]}: {needs}\n\ttouch $@\n")
    path = folder / "Makefile"
    path.write_text("".join(rules))
    return path
