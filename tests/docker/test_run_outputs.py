"""What steps in containers write: large outputs, a full memory folder, floods of log, abused standard streams."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.engine import events
from tests.docker.engines import unavailable
from tests.docker.runs import containers_of
from tests.engine.workshop import Outcome, Workshop, step_uuid

pytestmark = pytest.mark.docker

GIB = 2**30
MIB = 2**20

BLOCK = """
import pickle

class Block:
    '''Bytes that travel beside the pickle stream, as an array's do.'''

    def __init__(self, content):
        self.content = content

    def __reduce_ex__(self, protocol):
        return Block, (pickle.PickleBuffer(self.content),)
"""

CHANGING_READER = """
import orchest
(block,) = orchest.get_inputs()["unnamed"]
content = memoryview(block.content).cast("B")
print(len(content), content[0], content[len(content) // 2], content[-1])
content[0] = 99
print(content[0])
orchest.output("read", "done")
"""


def test_a_gibibyte_reaches_a_container_whole_and_is_copied_on_write(workshop: Workshop) -> None:
    maker = f"""
{BLOCK}
import orchest
content = bytearray({GIB})
content[0], content[{GIB} // 2], content[-1] = 7, 8, 9
orchest.output(Block(content), None)
"""
    workshop.step("maker", maker)
    workshop.step("one", CHANGING_READER, "maker")
    workshop.step("two", CHANGING_READER, "maker", "one")
    outcome = workshop.run()
    assert outcome.end.status == "SUCCESS", outcome.why
    # Each changed the first byte of its own view; nobody else saw that.
    assert workshop.log(1, "one") == f"{GIB} 7 8 9\n99\n"
    assert workshop.log(1, "two") == f"{GIB} 7 8 9\n99\n"
    stored = next(event for event in outcome.of(events.OutputStored) if event.step == step_uuid("maker"))
    assert stored.bytes >= GIB
    assert workshop.command("cache", "clear").returncode == 0


@pytest.fixture
def small_memory(workshop: Workshop) -> Iterator[Path]:
    """A tmpfs of 24 MiB as the folder for outputs."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a tmpfs")
    folder = Path(tempfile.mkdtemp(prefix="orchest-tui-small-", dir="/var/tmp"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "orchest-tui-tests", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        folder.rmdir()
        unavailable(f"no tmpfs can be mounted: {mounted.stderr}")
    workshop.flags["memory_dir"] = str(folder)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    shutil.rmtree(folder, ignore_errors=True)


def test_a_full_memory_folder_loses_nothing(workshop: Workshop, small_memory: Path) -> None:
    titles = ("a", "b", "c", "d")
    for number, title in enumerate(titles, start=1):
        source = f"import orchest; orchest.output(bytes([{number}]) * (10 * {MIB}), '{title}')"
        workshop.step(title, source, *titles[: number - 1][-1:])
    reader = """
        import orchest
        for name, value in sorted(orchest.get_inputs().items()):
            if name != "unnamed":
                print(name, len(value), set(value))
    """
    workshop.step("reader", reader, *titles)
    outcome = workshop.run()
    assert outcome.end.status == "SUCCESS", outcome.why
    expected = "".join(f"{title} {10 * MIB} {{{number}}}\n" for number, title in enumerate(titles, start=1))
    assert workshop.log(1, "reader") == expected
    entries = [entry for step in workshop.status().steps for entry in step.outputs]
    assert {entry.location for entry in entries} == {"memory", "disk"}
    assert all(entry.path.stat().st_size >= 10 * MIB for entry in entries)
    assert workshop.run("selected", "reader").end.status == "SUCCESS"
    assert workshop.log(2, "reader") == expected
    assert set(workshop.fresh().values()) == {True}


def test_an_output_larger_than_memory_goes_to_disk(workshop: Workshop, small_memory: Path) -> None:
    workshop.step("big", f"import orchest; orchest.output(b'x' * (40 * {MIB}), None)")
    workshop.step("reader", "import orchest; print(len(orchest.get_inputs()['unnamed'][0]))", "big")
    outcome = workshop.run()
    assert outcome.end.status == "SUCCESS", outcome.why
    assert workshop.log(1, "reader") == f"{40 * MIB}\n"
    (entry,) = workshop.status().steps[0].outputs
    assert entry.location == "disk"
    assert not entry.path.is_relative_to(small_memory)


def test_the_budget_spills_and_the_child_reads_right_values(workshop: Workshop) -> None:
    workshop.definition["settings"]["data_passing_memory_size"] = "12MB"
    for title in ("a", "b"):
        workshop.step(title, f"import orchest; orchest.output(b'{title}' * {8 * MIB}, None)")
    reader = "import orchest; print([(len(value), set(value)) for value in orchest.get_inputs()['unnamed']])"
    workshop.step("reader", reader, "a", "b")
    outcome = workshop.run()
    assert outcome.end.status == "SUCCESS", outcome.why
    expected = f"[({8 * MIB}, {{97}}), ({8 * MIB}, {{98}})]\n"
    assert workshop.log(1, "reader") == expected
    locations = sorted(entry.location for step in workshop.status().steps for entry in step.outputs)
    assert locations == ["disk", "memory"]
    assert workshop.run("selected", "reader").end.status == "SUCCESS"
    assert workshop.log(2, "reader") == expected


def test_a_hundred_megabytes_of_log(workshop: Workshop) -> None:
    count = 1_000_000
    source = """
        import sys
        for first in range(0, 1_000_000, 1000):
            sys.stdout.write("".join(f"{line:07} " + "x" * 91 + "\\n" for line in range(first, first + 1000)))
        print("end")
    """
    workshop.step("chatty", source)
    outcome = workshop.run()
    assert outcome.end.status == "SUCCESS"
    log = workshop.layout.log_file(1, step_uuid("chatty"))
    assert log.stat().st_size == count * 100 + len("end\n")
    with log.open() as lines:
        assert all(int(line[:7]) == number for number, line in zip(range(count), lines, strict=False))
        assert lines.readline() == "end\n"
    log.unlink()


def test_a_child_that_outlives_its_step_is_ended(workshop: Workshop, engine: Any) -> None:
    source = """
        import os, sys, time
        if os.fork() == 0:
            os.setsid()
            time.sleep(3600)
        print("parent leaves")
    """
    workshop.step("forks", source)
    workshop.step("below", "print('went on')", "forks")
    outcome = workshop.run()
    assert outcome.statuses == {"forks": "SUCCESS", "below": "SUCCESS"}
    assert workshop.log(1, "forks").startswith("parent leaves\n")
    assert containers_of(engine, workshop.folder) == []


ABUSES = {
    "closes": "import os; [os.close(fd) for fd in range(3)]",
    "forges": """
        import json, os, sys
        finished = '{"type":"finished","status":"SUCCESS","time":1.0}'
        for line in (finished, '{"type":"output","name":null}', "x" * 300000):
            os.write(1, line.encode() + b"\\n")
            os.write(2, line.encode() + b"\\n")
        sys.exit(6)
    """,
    "reads": "import sys; assert sys.stdin.read() == ''; print('nothing there')",
    "writes_bytes": "import os; os.write(1, bytes(range(256))); os.write(2, b'\\xff\\xfe')",
    "closes_everything": "import os; os.closerange(0, 1024)",
    "ends_hard": "import os; os._exit(0)",
    "kills_itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
}


def test_standard_streams_that_are_closed_or_abused(workshop: Workshop) -> None:
    for title, source in ABUSES.items():
        workshop.step(title, source)
    outcome: Outcome = workshop.run()
    expected = dict.fromkeys(ABUSES, "SUCCESS") | {"forges": "FAILURE", "kills_itself": "FAILURE"}
    assert outcome.statuses == expected
    assert outcome.reason("forges") == "exit code 6"
    assert "SIGKILL" in outcome.reason("kills_itself") or "signal 9" in outcome.reason("kills_itself")
    assert outcome.of(events.OutputStored) == []
    log = workshop.layout.log_file(1, step_uuid("writes_bytes")).read_bytes()
    assert bytes(range(256)) in log
    assert workshop.log(1, "reads") == "nothing there\n"
