"""From a command to a step's first line, and once through a step that does nothing, warm and cold."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Baseline, Figure
from benchmarks.timing import BARE_PYTHON, process_seconds, run, wall_seconds
from benchmarks.workbench import CALM, StepFile, Workbench, finish, log_of, wait_for, wait_warm
from orchest_tui.engine.requests import RunRequest

CLOCK = StepFile("Clock", "import time; print(time.time_ns())\n")
NOTHING = StepFile("Nothing", "pass\n")


def measure(bench: Workbench) -> Iterator[Figure]:
    """Measure a warm dispatch, a warm run from end to end, and a cold one."""
    yield _first_line(bench)
    yield _warm(bench)
    yield _cold(bench)


def _first_line(bench: Workbench) -> Figure:
    samples = []
    with bench.engine(bench.pipeline([CLOCK])) as engine:
        finish(engine)
        for _ in range(bench.rounds):
            wait_warm(engine)
            given = time.time_ns()
            number = engine.start_run(RunRequest("all"))
            assert number is not None
            wait_for(engine, number)
            samples.append((int(log_of(engine, number, CLOCK).read_text()) - given) / 1e9)
    return Figure("dispatch: command given → first line of user code, warm", tuple(samples), 0.010)


def _warm(bench: Workbench) -> Figure:
    samples, bare = [], []
    with bench.engine(bench.pipeline([NOTHING])) as engine:
        finish(engine)
        for _ in range(bench.rounds):
            wait_warm(engine)
            samples.append(wall_seconds(lambda: finish(engine)))
            time.sleep(CALM)
            bare.append(process_seconds(BARE_PYTHON))
    baseline = Baseline("python -c pass", tuple(bare))
    return Figure(
        "no-op step again in a fresh container, warm, whole run", tuple(samples), 1.0, baseline, relative=True
    )


def _cold(bench: Workbench) -> Figure:
    path = bench.pipeline([NOTHING])
    with bench.engine(path) as engine:
        finish(engine)
        wait_warm(engine)
        command = _docker_run(path)
    samples, plain = [], []
    with bench.engine(path, warm_spares=0) as engine:
        finish(engine)
        for _ in range(bench.rounds):
            time.sleep(CALM)
            samples.append(wall_seconds(lambda: finish(engine)))
            time.sleep(CALM)
            plain.append(process_seconds(command))
    baseline = Baseline("docker run --rm", tuple(plain))
    return Figure("no-op step in a cold container, whole run", tuple(samples), 0.8, baseline, relative=True)


def _docker_run(path: Path) -> list[str]:
    """Return the command that runs the step's file with ``docker run`` in the image of the project's spare."""
    chosen = ["--filter", f"label=orchest-tui.project={path.parent}", "--filter", "label=orchest-tui.role=worker"]
    container = run(["docker", "ps", "--quiet", *chosen]).split()[0]
    image, python = run(["docker", "inspect", container, "--format", "{{.Image}} {{.Path}}"]).split()
    how = ["--user", f"{os.getuid()}:{os.getgid()}", "--volume", f"{path.parent}:/project-dir", "--entrypoint", python]
    return ["docker", "run", "--rm", *how, image, f"/project-dir/{NOTHING.file}"]
