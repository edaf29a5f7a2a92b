"""What the step's processes use, from fabricated and from real ``/proc`` folders."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchest_tui.execution.protocol import Usage
from orchest_tui.step.runner.usage import FORKED_BYTES, PAGE, TICKS, SharedMemory, UsageMeter, scan, walk
from tests.step.runner.harness import PATIENCE, Step

MIB = 1 << 20


class Machine:
    """A folder that looks like ``/proc``."""

    def __init__(self, folder: Path, *, lists_children: bool = True) -> None:
        self.folder = folder
        self._lists_children = lists_children

    def process(
        self,
        pid: int,
        parent: int,
        seconds: float = 0.0,
        *,
        own: int = 0,
        shared: int = 0,
        proportional: int | None = None,
        name: str = "python",
    ) -> None:
        """Add a process, or make it another one."""
        place = self.folder / str(pid)
        (place / "task" / str(pid)).mkdir(parents=True, exist_ok=True)
        quarter = int(seconds * TICKS / 4)
        times = f"{quarter} {quarter} {quarter} {quarter}"
        (place / "stat").write_text(f"{pid} ({name}) S {parent} 0 0 0 0 0 0 0 0 0 {times} 20 0 1 0 99 0 0")
        (place / "statm").write_text(f"99999 {(own + shared) // PAGE} {shared // PAGE} 1 0 1 0")
        if proportional is not None:
            (place / "smaps_rollup").write_text(f"00-ff ---p 0 00:00 0\nRss: 1 kB\nPss: {proportional >> 10} kB\n")
        self._list_children()

    def _list_children(self) -> None:
        children: dict[str, list[str]] = {}
        for place in self.folder.iterdir():
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
            children.setdefault(parent, []).append(place.name)
        for place in self.folder.iterdir():
            if self._lists_children:
                (place / "task" / place.name / "children").write_text(" ".join(children.get(place.name, [])))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.process(10, 1)
    return machine


def family(machine: Machine) -> None:
    machine.process(11, 10, 4.0)
    machine.process(12, 11, 2.0, name="a (b) c) 1 2 3")
    machine.process(13, 11, 1.0)
    machine.process(20, 1, 100.0)


@pytest.mark.parametrize("look", [walk, scan])
def test_processes_below_one_are_found_and_nobody_elses(machine: Machine, look: Callable[[str, int], list]) -> None:
    family(machine)
    found = look(str(machine.folder), 10)
    assert found[0].pid == 11
    assert sorted((process.pid, process.ticks) for process in found) == [
        (11, 4 * TICKS), (12, 2 * TICKS), (13, TICKS),
    ]  # fmt: skip


def test_a_kernel_that_lists_no_children_is_scanned(tmp_path: Path) -> None:
    machine = Machine(tmp_path, lists_children=False)
    machine.process(10, 1)
    family(machine)
    assert walk(str(tmp_path), 10) is None
    meter = UsageMeter(str(tmp_path), 10)
    machine.process(12, 11, 6.0)
    assert meter.usage().cpu == pytest.approx(4.0)


def test_time_counts_from_the_beginning_and_never_below_nothing(machine: Machine) -> None:
    family(machine)
    meter = UsageMeter(str(machine.folder), 10)
    assert meter.usage().cpu == 0.0
    machine.process(13, 11, 3.0)
    assert meter.usage().cpu == pytest.approx(2.0)
    machine.process(13, 11, 0.0)
    assert meter.usage().cpu == 0.0


def test_a_process_that_ends_while_it_is_looked_at_is_left_out(machine: Machine) -> None:
    family(machine)
    (machine.folder / "12" / "stat").unlink()
    (machine.folder / "13" / "stat").write_text("13 (x) ")
    assert [process.pid for process in walk(str(machine.folder), 10) or ()] == [11]
    assert SharedMemory(str(machine.folder)).resident([11, 99]) == 0


def test_what_processes_share_counts_once(machine: Machine) -> None:
    machine.process(11, 10, own=8 * MIB, shared=1000 * MIB)
    machine.process(12, 11, own=4 * MIB, shared=1000 * MIB)
    assert SharedMemory(str(machine.folder)).resident([11, 12]) == 1012 * MIB


def test_forks_are_asked_what_they_share(machine: Machine) -> None:
    big = FORKED_BYTES * 10
    machine.process(11, 10, own=big, proportional=big // 2)
    machine.process(12, 11, own=big, proportional=big // 2)
    machine.process(13, 11, own=0)
    memory = SharedMemory(str(machine.folder))
    assert memory.resident([11, 12, 13]) == big
    (machine.folder / "12" / "smaps_rollup").unlink()
    assert SharedMemory(str(machine.folder)).resident([11, 12, 13]) == 2 * big


def test_forks_are_not_asked_at_every_look(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 100.5, 101.0, 200.0, 200.1])
    monkeypatch.setattr("orchest_tui.step.runner.usage.time.monotonic", lambda: next(clock))
    big = FORKED_BYTES * 10
    machine.process(11, 10, own=big, proportional=big)
    machine.process(12, 11, own=big, proportional=0)
    memory = SharedMemory(str(machine.folder))
    answers = []
    for _ in range(3):
        answers.append(memory.resident([11, 12]))
        machine.process(12, 11, own=big, proportional=big)
    assert answers == [big, big, 2 * big]


def test_a_real_process_is_measured() -> None:
    code = f"""
data = b"x" * {200 * MIB}
print("there", flush=True)
while True:
    pass
"""
    meter = UsageMeter()
    before = meter.usage()
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            wait_for(lambda: meter.usage().cpu - before.cpu > 0.2)
            assert meter.usage().memory - before.memory == pytest.approx(200 * MIB, rel=0.3)
        finally:
            process.kill()
    ended = meter.usage()
    assert ended.cpu - before.cpu > 0.2, "the time of a process that was waited for still counts"
    assert ended.memory - before.memory < 100 * MIB


def test_real_forks_that_share_memory_count_it_once() -> None:
    code = f"""
import os, sys, time
data = b"x" * {300 * MIB}
for _ in range(4):
    if os.fork() == 0:
        print("fork", flush=True)
        time.sleep(3600)
print("fork", flush=True)
time.sleep(3600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            for _ in range(5):
                process.stdout.readline()
            # The parent has a fifth of it, and is not below itself.
            assert UsageMeter(root=process.pid).usage().memory == pytest.approx(240 * MIB, rel=0.3)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for_usage(step: Step, condition: Callable[[Usage], bool]) -> None:
    """Wait until one of the samples is as wanted."""
    deadline = time.monotonic() + PATIENCE
    while not any(condition(usage) for usage in step.of(Usage)):
        assert time.monotonic() < deadline, f"never: {step.of(Usage)}"
        assert step._read(deadline), step.log


BUSY = """
import subprocess, sys
data = bytearray(b"x") * {size}
child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
child.wait()
"""


def test_a_running_step_says_what_all_of_its_processes_use(step: Step) -> None:
    step.write("src/step.py", BUSY.format(size=300 * MIB))
    step.prepare()
    began = time.time()
    step.start("src/step.py")
    wait_for_usage(step, lambda usage: usage.cpu > 0.5 and 300 * MIB < usage.memory < 400 * MIB)
    assert all(began < usage.time < time.time() + 0.001 for usage in step.of(Usage)), "to a millisecond"


def test_what_a_spare_used_before_does_not_count(step: Step) -> None:
    step.write("src/slow.py", "import time\nend = time.process_time() + 1.5\nwhile time.process_time() < end: pass\n")
    step.write("src/step.py", "import time; time.sleep(3600)")
    step.prepare(imports=["slow"], environ={"PYTHONPATH": str(step.source)})
    step.start("src/step.py")
    usage = step.wait_for(Usage)
    assert usage.cpu < 1.0
