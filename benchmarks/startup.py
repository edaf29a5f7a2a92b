"""Headless commands that run nothing: the CPU time of the whole process, and no trace of the screen's library."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Baseline, Figure
from benchmarks.timing import BARE_PYTHON, cpu_seconds, run
from benchmarks.workbench import StepFile, Workbench, finish

COMMAND = str(Path(sys.executable).with_name("orchest-tui"))
LIMIT = 0.150

NO_SCREEN = """
import sys
from orchest_tui.cli.main import main
sys.argv[1:] = {arguments!r}
try:
    main()
finally:
    assert "textual" not in sys.modules, "the screen's library was imported"
"""


def measure(bench: Workbench) -> Iterator[Figure]:
    """Measure ``--version`` and ``steps`` on a project of three steps that have run."""
    steps = [StepFile("Load", "pass\n"), StepFile("Clean", "pass\n", ["Load"]), StepFile("Report", "pass\n", ["Clean"])]
    path = bench.pipeline(steps)
    with bench.engine(path) as engine:
        finish(engine)
    for arguments in (["--version"], ["steps", "--project", str(path.parent)]):
        run((sys.executable, "-c", NO_SCREEN.format(arguments=arguments)), os.environ)
        samples, bare = [], []
        for _ in range(bench.rounds):
            samples.append(cpu_seconds((COMMAND, *arguments), os.environ))
            bare.append(cpu_seconds(BARE_PYTHON))
        baseline = Baseline("python -c pass, CPU", tuple(bare))
        yield Figure(f"`orchest-tui {arguments[0]}`, CPU", tuple(samples), LIMIT, baseline)
