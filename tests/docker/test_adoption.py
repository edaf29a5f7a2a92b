"""What an engine leaves when it is killed: its running steps go on and are taken over, all else goes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from orchest_tui.execution.docker import DockerExecutor, clean
from orchest_tui.execution.executor import RunOrder
from orchest_tui.execution.owner import owner, owner_lives
from orchest_tui.execution.protocol import RunnerMessage
from tests.docker.workbench import PATIENCE, STEP, Workbench, log_has, until

pytestmark = pytest.mark.docker

WAITS_FOR_A_FILE = """
import os, time
print("running", flush=True)
while not os.path.exists("go"):
    time.sleep(0.02)
print("went on")
raise SystemExit(int(open("go").read()))
"""

ENGINE = """
import asyncio, json, os, sys
from pathlib import Path
from orchest_tui.execution.executor import PreparedEnvironment
from tests.docker.workbench import Workbench, run_worker

told = json.loads(sys.argv[1])
bench = Workbench(told["url"], None, PreparedEnvironment(**told["environment"]), Path(told["project"]),
    Path(told["memory"]), Path(told["data"]), told["pipeline"])

async def main():
    executor = bench.executor()
    await executor.open()
    if told["spare"]:
        await executor.start(bench.spec())
    worker = await executor.start(bench.spec())
    if told["run"]:
        asyncio.create_task(run_worker(worker, bench.order(bench.project / "step.py")))
        await asyncio.sleep(0)
    print("up", flush=True)
    await asyncio.sleep(3600)

asyncio.run(main())
"""


@contextmanager
def engine_process(bench: Workbench, *, run: bool, spare: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Run an engine in a process of its own that starts a worker."""
    told = {
        "url": bench.url, "environment": asdict(bench.environment), "project": str(bench.project),
        "memory": str(bench.memory), "data": str(bench.data), "pipeline": bench.pipeline, "run": run, "spare": spare,
    }  # fmt: skip
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", ENGINE, json.dumps(told)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def first_order(bench: Workbench) -> RunOrder:
    order = bench.order(bench.project / "step.py")
    assert order.run == "1"
    return order


def statuses(bench: Workbench) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for container in bench.containers():
        found.setdefault(container.labels["orchest-tui.role"], []).append(container.status)
    return found


def test_a_killed_engines_step_goes_on_and_is_taken_over(any_bench: Workbench) -> None:
    bench = any_bench
    bench.write(WAITS_FOR_A_FILE)
    order = first_order(bench)
    with engine_process(bench, run=True, spare=True) as engine:
        asyncio.run(until(log_has(order, "running")))
        engine.send_signal(signal.SIGKILL)

    async def scenario(executor: DockerExecutor) -> None:
        (adopted,) = await executor.adopt(bench.pipeline)
        assert (adopted.step, adopted.run, adopted.attempt, adopted.running) == (STEP, "1", 1, True)
        assert statuses(bench) == {"worker": ["running"], "pause": ["running"]}  # the spare went, the network did not
        messages: list[RunnerMessage] = []
        following = asyncio.ensure_future(adopted.follow(messages.append))
        await until(lambda: len(messages) > 1)
        (bench.project / "go").write_text("4")
        finished = await asyncio.wait_for(following, PATIENCE)
        assert (finished.status, finished.exit_code) == ("FAILURE", 4)
        assert [type(message).__name__ for message in messages[:2]] == ["Ready", "Started"]
        assert order.log.read_text().startswith("running\nwent on\n")

    bench.play(scenario)


def test_a_step_that_ended_while_no_engine_was_there_is_told_of(any_bench: Workbench) -> None:
    bench = any_bench
    bench.write(WAITS_FOR_A_FILE)
    order = first_order(bench)
    with engine_process(bench, run=True) as engine:
        asyncio.run(until(log_has(order, "running")))
        engine.send_signal(signal.SIGKILL)
    (bench.project / "go").write_text("0")
    # The network's container ends by itself when the last step in it did.
    asyncio.run(until(lambda: statuses(bench) == {"worker": ["exited"], "pause": ["exited"]}))

    async def scenario(executor: DockerExecutor) -> None:
        (adopted,) = await executor.adopt(bench.pipeline)
        assert not adopted.running
        assert (await adopted.follow(lambda _message: None)).status == "SUCCESS"

    bench.play(scenario)


def test_spares_end_with_their_engine(any_bench: Workbench) -> None:
    bench = any_bench
    with engine_process(bench, run=False):
        pass
    asyncio.run(until(lambda: statuses(bench) == {"worker": ["exited"], "pause": ["exited"]}))

    async def scenario(executor: DockerExecutor) -> None:
        assert list(await executor.adopt(bench.pipeline)) == []
        assert bench.containers() == []

    bench.play(scenario)


def test_an_adopted_step_can_be_aborted(any_bench: Workbench) -> None:
    bench = any_bench
    bench.write(WAITS_FOR_A_FILE)
    order = first_order(bench)
    with engine_process(bench, run=True):
        asyncio.run(until(log_has(order, "running")))

    async def scenario(executor: DockerExecutor) -> None:
        (adopted,) = await executor.adopt(bench.pipeline)
        following = asyncio.ensure_future(adopted.follow(lambda _message: None))
        await adopted.worker.abort(30.0, "aborted by you")
        assert (await following).status == "ABORTED"

    bench.play(scenario)


def test_closing_leaves_a_running_step_alone(any_bench: Workbench) -> None:
    bench = any_bench
    order = bench.order(bench.write(WAITS_FOR_A_FILE))

    async def first(executor: DockerExecutor) -> None:
        worker = await executor.start(bench.spec())
        running = asyncio.create_task(worker.run(order, lambda _message: None))
        await until(log_has(order, "running"))
        running.cancel()

    async def second(executor: DockerExecutor) -> None:
        (adopted,) = await executor.adopt(bench.pipeline)
        (bench.project / "go").write_text("0")
        assert (await adopted.follow(lambda _message: None)).status == "SUCCESS"

    bench.play(first)
    bench.play(second)


def test_another_projects_pipeline_of_the_same_uuid_is_left_alone(bench: Workbench, tmp_path: Path) -> None:
    async def scenario(executor: DockerExecutor) -> None:
        await executor.start(bench.spec())
        other = Workbench(
            bench.url, bench.client, bench.environment, tmp_path / "copy", bench.memory, bench.data, bench.pipeline
        )
        other.project.mkdir()
        neighbour = other.executor()
        await neighbour.open()
        assert list(await neighbour.adopt(bench.pipeline)) == []
        await neighbour.close()
        assert statuses(bench) == {"worker": ["running"], "pause": ["running"]}

    bench.play(scenario)


def test_clean_removes_what_a_dead_engine_left_and_nothing_else(bench: Workbench) -> None:
    bench.write(WAITS_FOR_A_FILE)
    order = first_order(bench)
    with engine_process(bench, run=True):
        asyncio.run(until(log_has(order, "running")))
        assert clean(bench.settings, bench.project) == ()
        assert statuses(bench) == {"worker": ["running"], "pause": ["running"]}

    planned = clean(bench.settings, bench.project, dry_run=True)
    assert statuses(bench) == {"worker": ["running"], "pause": ["running"]}

    removed = clean(bench.settings, bench.project)

    assert [leftover.what for leftover in removed] == [leftover.what for leftover in planned]
    assert [leftover.what.split()[0] for leftover in removed] == ["container", "container", "folder"]
    assert removed[0].what.endswith("(running)")
    assert bench.containers() == []
    assert list((bench.session_dir / "run").iterdir()) == []


def test_clean_leaves_alone_what_a_living_engine_has_adopted(bench: Workbench) -> None:
    bench.write(WAITS_FOR_A_FILE)
    order = first_order(bench)
    with engine_process(bench, run=True):
        asyncio.run(until(log_has(order, "running")))

    async def scenario(executor: DockerExecutor) -> None:
        [adopted] = await executor.adopt(bench.pipeline)
        assert await asyncio.to_thread(clean, bench.settings, bench.project) == ()
        assert statuses(bench) == {"worker": ["running"], "pause": ["running"]}
        await adopted.worker.discard()

    bench.play(scenario)


def test_an_owner_is_known_by_more_than_its_pid() -> None:
    mine = owner()
    boot, namespace, pid, ticks = mine.split(":")

    assert owner_lives(mine)
    assert not owner_lives(f"{boot}:{namespace}:{pid}:{int(ticks) + 1}")
    assert not owner_lives(f"another-boot:{namespace}:{pid}:{ticks}")
    assert owner_lives(f"{boot}:1:{pid}:{ticks}")  # another pid namespace: it can't be seen from here
    assert not owner_lives("nonsense")
    assert int(pid) == os.getpid()
