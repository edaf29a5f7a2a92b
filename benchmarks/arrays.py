"""One GiB of numbers from one container to another: handing over, replacing, taking, and how often it is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Baseline, Figure
from benchmarks.workbench import STACK, StepFile, Workbench, finish, reported
from orchest_tui.engine.engine import Engine
from orchest_tui.engine.requests import RunRequest

SIZE = 1 << 30

MAKE = StepFile(
    "Make",
    f"""
import json, os, time
import numpy, orchest

array = numpy.random.default_rng().integers(0, 1 << 62, {SIZE} // 8, dtype="i8")
folder = json.load(open(os.environ["ORCHEST_TUI_INPUTS"]))["output_dir"]


def clock(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def write():
    descriptor = os.open(folder + "/.baseline", os.O_WRONLY | os.O_CREAT)
    view = memoryview(array).cast("B")
    done = 0
    while done < len(view):
        done += os.write(descriptor, view[done:])
    os.close(descriptor)


written = clock(write)
os.unlink(folder + "/.baseline")
other = numpy.zeros_like(array)
other[:] = 1
copied = clock(lambda: numpy.copyto(other, array))
del other
handed = clock(lambda: orchest.output(array, "array"))
print(json.dumps({{"written": written, "copied": copied, "handed": handed}}))
""",
)

TAKE = StepFile(
    "Take",
    """
import json, time
import numpy, orchest


def own():
    rollup = open("/proc/self/smaps_rollup").read().split()
    return 1024 * int(rollup[rollup.index("Anonymous:") + 1])


before = own()
begin = time.perf_counter()
inputs = orchest.get_inputs()
taken = time.perf_counter() - begin
array = inputs["array"]
total = int(array.sum())
array[0] = 1
print(json.dumps({"taken": taken, "own": own() - before}))
""",
    ["Make"],
)


def measure(bench: Workbench) -> Iterator[Figure]:
    """Hand the array over first, take it, replace it, and look at what is in memory meanwhile."""
    path = bench.pipeline([MAKE, TAKE], STACK)
    first, taken, replacing = [], [], []
    with bench.engine(path) as engine:
        finish(engine)
        for _ in range(3 if bench.quick else 5):
            engine.opened.store.clear()
            first.append(_run(engine, MAKE))
            taken.append({**_run(engine, TAKE), "memory": float(_allocated(engine.opened.store.output_dir(MAKE.uuid)))})
            _run(engine, MAKE)  # the pages of the one before it are free only now
            replacing.append(_run(engine, MAKE))
    yield Figure(
        "1 GiB array: first hand-over", tuple(one["handed"] for one in first), 1.1,
        Baseline("write to tmpfs", tuple(one["written"] for one in first)), relative=True,
    )  # fmt: skip
    yield Figure(
        "1 GiB array: replacing an old output", tuple(one["handed"] for one in replacing), 1.0,
        Baseline("memcpy, warm", tuple(one["copied"] for one in replacing)), relative=True,
    )  # fmt: skip
    yield Figure("1 GiB array: taking it in another container", tuple(one["taken"] for one in taken), 0.001)
    copies = tuple((one["memory"] + one["own"]) / SIZE for one in taken)
    yield Figure("1 GiB array: copies in memory while it is used", copies, 1.05, unit="times")


def _run(engine: Engine, step: StepFile) -> dict[str, float]:
    """Run one step and return what it printed."""
    return reported(engine, finish(engine, RunRequest("selected", (step.uuid,))), step)


def _allocated(folder: Path) -> int:
    """Return how many bytes of memory the files of a folder on tmpfs take."""
    return sum(512 * file.stat().st_blocks for file in folder.rglob("*") if file.is_file())
