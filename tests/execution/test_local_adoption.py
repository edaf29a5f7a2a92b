"""Local workers and the death of the engine: runs go on and are found again, spares end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchest_tui.execution.executor import WorkerLostError
from orchest_tui.execution.local.clean import clean_workers
from orchest_tui.execution.local.process import ProcessId
from orchest_tui.execution.local.run_folder import ProcessRecord, RunFolder
from orchest_tui.execution.local.sandbox import Sandbox
from orchest_tui.execution.protocol import Progress, RunnerMessage, Started
from tests.execution.local_steps import PATIENCE, PIPELINE, SANDBOXES, STEP, LocalProject, make_sandbox, until

ROOT = Path(__file__).parents[2]

ENGINE = """
import asyncio, sys
from pathlib import Path
from tests.execution.local_steps import LocalProject, make_sandbox

async def main(root, memory, sandbox, what):
    local = LocalProject(Path(root), Path(memory))
    executor = local.make_executor(sandbox)
    await executor.open()
    worker = await executor.start(local.spec(STEP_CODE))
    if what == "run":
        def tell(message):
            print("told", flush=True)
        await worker.run(local.order(grace=5.0), tell)
    print("spare", flush=True)
    await asyncio.sleep(1000)

root, memory, sandbox, what = sys.argv[1:]
asyncio.run(main(root, memory, make_sandbox(sandbox), what))
"""

STEP_CODE = """
import os, time, orchest
orchest.progress(0.5, "half")
print("in", flush=True)
while not os.path.exists("go"):
    time.sleep(0.01)
print("out", flush=True)
"""


@pytest.fixture(params=SANDBOXES)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return make_sandbox(request.param)


@pytest.fixture
def local(tmp_path: Path) -> LocalProject:
    return LocalProject(tmp_path, Path(os.environ["ORCHEST_TUI_MEMORY_DIR"]))


class Engine:
    """An engine in a process of its own, which dies as a real one may: at once."""

    def __init__(self, local: LocalProject, sandbox: Sandbox, what: str) -> None:
        code = f"STEP_CODE = {STEP_CODE!r}\n{ENGINE}"
        arguments = [str(local.root), str(local.memory), sandbox.name, what]
        command = [sys.executable, "-c", code, *arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == {"run": "told", "spare": "spare"}[what]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def killed_engine(local: LocalProject, sandbox: Sandbox) -> Iterator[ProcessRecord]:
    """A worker that runs a step and whose engine was killed."""
    engine = Engine(local, sandbox, "run")
    engine.kill()
    [folder] = RunFolder.all(local.session_dir)
    record = folder.read_process()
    assert record is not None
    yield record
    record.ids.supervisor.send(signal.SIGKILL)


def test_a_run_goes_on_and_is_followed_to_its_end(
    local: LocalProject, sandbox: Sandbox, killed_engine: ProcessRecord
) -> None:
    async def whole() -> None:
        async with local.executor(sandbox) as executor:
            [adopted] = await executor.adopt(PIPELINE)
            assert (adopted.step, adopted.run, adopted.attempt, adopted.running) == (STEP, "1", 1, True)
            assert adopted.worker.alive
            assert clean_workers(local.memory, local.folder) == []
            messages: list[RunnerMessage] = []
            following = asyncio.ensure_future(adopted.follow(messages.append))
            await until(lambda: any(isinstance(message, Progress) for message in messages))
            (local.folder / "steps" / "go").touch()
            finished = await following
            assert finished.status == "SUCCESS"
            assert isinstance(messages[0], Started)
            inside = adopted.worker.paths.inside(local.folder / "steps")
            assert inside == ("/project-dir/steps" if sandbox.isolated else str(local.folder / "steps"))

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.log == "in\nout\n"
    assert local.run_folders == []


def test_a_run_that_ended_without_an_engine_is_told(
    local: LocalProject, sandbox: Sandbox, killed_engine: ProcessRecord
) -> None:
    async def whole() -> None:
        (local.folder / "steps" / "go").touch()
        await until(lambda: not killed_engine.ids.supervisor.alive())
        async with local.executor(sandbox) as executor:
            [adopted] = await executor.adopt(PIPELINE)
            assert not adopted.running
            finished = await adopted.follow(lambda _: None)
            assert finished.status == "SUCCESS"

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.run_folders == []


def test_a_run_that_nobody_adopted_can_be_cleaned(local: LocalProject, killed_engine: ProcessRecord) -> None:
    [folder] = local.run_folders
    assert [leftover.what for leftover in clean_workers(local.memory)] == [f"running worker {folder}"]
    assert local.run_folders == []
    asyncio.run(until(lambda: not killed_engine.ids.supervisor.alive()))


def test_an_adopted_run_can_be_aborted(local: LocalProject, sandbox: Sandbox, killed_engine: ProcessRecord) -> None:
    async def whole() -> None:
        async with local.executor(sandbox) as executor:
            [adopted] = await executor.adopt(PIPELINE)
            following = asyncio.ensure_future(adopted.follow(lambda _: None))
            await until(lambda: "in\n" in local.log)
            await adopted.worker.abort(5.0, "aborted")
            assert (await following).status == "ABORTED"
        assert not killed_engine.ids.supervisor.alive()

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.run_folders == []


def test_an_adopted_run_whose_process_was_killed_is_lost(
    local: LocalProject, sandbox: Sandbox, killed_engine: ProcessRecord
) -> None:
    async def whole() -> None:
        killed_engine.ids.supervisor.send(signal.SIGKILL)
        async with local.executor(sandbox) as executor:
            [adopted] = await executor.adopt(PIPELINE)
            with pytest.raises(WorkerLostError):
                await adopted.follow(lambda _: None)
        assert not any(process.alive() for process in killed_engine.ids.step)

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.run_folders == []


def test_another_process_with_the_same_number_is_not_taken_for_the_worker(local: LocalProject) -> None:
    this = ProcessId.of(os.getpid())
    assert this is not None
    assert this.alive()
    assert not ProcessId(this.pid, this.start + 1, this.boot).alive()
    assert not ProcessId(this.pid, this.start, "another boot").alive()


def test_a_spare_ends_with_its_engine_and_is_tidied_away(local: LocalProject, sandbox: Sandbox) -> None:
    engine = Engine(local, sandbox, "spare")
    [folder] = RunFolder.all(local.session_dir)
    record = folder.read_process()
    assert record is not None
    assert record.ids.supervisor.alive()
    engine.kill()

    async def whole() -> None:
        await until(lambda: not record.ids.supervisor.alive() and not record.ids.outer.alive())
        async with local.executor(sandbox) as executor:
            assert list(await executor.adopt(PIPELINE)) == []

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.run_folders == []


def test_closing_ends_spares_and_leaves_runs(local: LocalProject, sandbox: Sandbox) -> None:
    async def whole() -> None:
        executor = local.make_executor(sandbox)
        await executor.open()
        spare = await executor.start(local.spec(STEP_CODE))
        worker = await executor.start(local.spec(STEP_CODE))
        running = asyncio.ensure_future(worker.run(local.order(), lambda _: None))
        await until(lambda: "in\n" in local.log)
        await executor.close()
        with pytest.raises(WorkerLostError, match="left running"):
            await running
        assert not spare.process.alive()
        assert worker.process.alive()
        async with local.executor(sandbox) as successor:
            [adopted] = await successor.adopt(PIPELINE)
            (local.folder / "steps" / "go").touch()
            assert (await adopted.follow(lambda _: None)).status == "SUCCESS"

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.run_folders == []


def test_an_executor_leaves_its_own_workers_and_other_kinds_alone(local: LocalProject, sandbox: Sandbox) -> None:
    async def whole() -> None:
        foreign = local.session_dir / "run" / "of-a-container"
        foreign.mkdir(parents=True)
        async with local.executor(sandbox) as executor:
            spare = await executor.start(local.spec(""))
            assert list(await executor.adopt(PIPELINE)) == []
            assert spare.alive
        assert foreign.is_dir()
        foreign.rmdir()

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
