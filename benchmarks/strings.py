"""Ten million Python strings in a DataFrame's column from one container to another."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Baseline, Figure
from benchmarks.workbench import STACK, StepFile, Workbench, finish, reported

ROWS = 10_000_000

MAKE = StepFile(
    "Make",
    f"""
import gc, json, pickle, time
import orchest, pandas

frame = pandas.DataFrame({{"name": pandas.Series([f"name {{i}}" for i in range({ROWS})], dtype=object)}})
begin = time.perf_counter()
pickled = pickle.dumps(frame, protocol=5)
again = pickle.loads(pickled)
plain = time.perf_counter() - begin
del pickled, again
gc.collect()
begin = time.perf_counter()
orchest.output(frame, "frame")
print(json.dumps({{"handed": time.perf_counter() - begin, "pickle": plain}}))
""",
)

TAKE = StepFile(
    "Take",
    f"""
import json, time
import orchest, pandas

begin = time.perf_counter()
frame = orchest.get_inputs()["frame"]
taken = time.perf_counter() - begin
names = frame["name"]
assert names.dtype == object and len(names) == {ROWS}
assert set(map(type, names)) == {{str}} and names.iloc[-1] == "name {ROWS - 1}"
print(json.dumps({{"taken": taken}}))
""",
    ["Make"],
)


def measure(bench: Workbench) -> Iterator[Figure]:
    """Hand the column over and take it, beside pickle in one process."""
    samples, plain = [], []
    with bench.engine(bench.pipeline([MAKE, TAKE], STACK)) as engine:
        for _ in range(2 if bench.quick else 3):
            number = finish(engine)
            made, taken = reported(engine, number, MAKE), reported(engine, number, TAKE)
            samples.append(made["handed"] + taken["taken"])
            plain.append(made["pickle"])
    baseline = Baseline("pickle there and back", tuple(plain))
    yield Figure("10 million strings in a DataFrame, there and back", tuple(samples), 2.0, baseline)
