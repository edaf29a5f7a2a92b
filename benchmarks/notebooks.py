"""A notebook of ten trivial cells in a warm container, from the command to the end of the run."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Baseline, Figure
from benchmarks.timing import process_seconds, wall_seconds
from benchmarks.workbench import CALM, StepFile, Workbench, finish, wait_warm

CELLS = 10
EXECUTE = "import sys; from nbclient.cli import main; sys.argv[0] = 'jupyter-execute'; main()"


def measure(bench: Workbench) -> Iterator[Figure]:
    """Measure a warm notebook beside nbclient on the host."""
    step = StepFile("Notebook", _notebook(), suffix="ipynb")
    path = bench.pipeline([step])
    alone = shutil.copy(path.parent / step.file, path.parent / "alone.ipynb")
    samples, host = [], []
    with bench.engine(path) as engine:
        finish(engine)
        for _ in range(max(3, bench.rounds // 2)):
            wait_warm(engine)
            samples.append(wall_seconds(lambda: finish(engine)))
            time.sleep(CALM)
            host.append(process_seconds((sys.executable, "-c", EXECUTE, str(Path(alone)))))
    baseline = Baseline("nbclient on the host", tuple(host))
    yield Figure("notebook of ten trivial cells, warm, whole run", tuple(samples), 0.400, baseline)


def _notebook() -> str:
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"cell{index}", "execution_count": None, "metadata": {}, "outputs": [],
         "source": f"x = {index}\nx"}
        for index in range(CELLS)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
