"""The container engine dies in the middle of a run: told clearly, and the next run works."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from orchest_tui.errors import ExecutorError, ExecutorUnavailableError
from orchest_tui.execution.docker import DockerExecutor, engine_facts
from orchest_tui.execution.executor import WorkerLostError
from orchest_tui.project.settings import Settings
from tests.docker.engines import Daemon
from tests.docker.workbench import Workbench, log_has, run_worker, until

pytestmark = pytest.mark.docker


def test_a_crashed_engine_is_told_and_the_next_run_works(fragile_bench: tuple[Workbench, Daemon]) -> None:
    bench, daemon = fragile_bench
    order = bench.order(bench.write("import time; print('running', flush=True); time.sleep(3600)"))

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(bench.spec())
        running = asyncio.create_task(run_worker(worker, order))
        await until(log_has(order, "running"))
        await asyncio.to_thread(daemon.kill)
        with pytest.raises(WorkerLostError, match="went away"):
            await running
        with pytest.raises(ExecutorError, match="went away"):
            await executor.start(bench.spec())

    bench.play(scenario)
    daemon.start()

    async def next_run(executor: DockerExecutor) -> None:
        for adopted in await executor.adopt(bench.pipeline):
            # The engine ended it when it came back; whether the supervisor could still say so is a race.
            with contextlib.suppress(WorkerLostError):
                assert (await adopted.follow(lambda _message: None)).status == "ABORTED"
        worker = await executor.start(bench.spec())
        result = await run_worker(worker, bench.order(bench.write("print('fine')")))
        assert result.log == "fine\n"

    bench.play(next_run)


def test_no_engine_is_one_clear_sentence(tmp_path: object) -> None:
    settings = Settings(docker_host=f"unix://{tmp_path}/nothing.sock")

    with pytest.raises(ExecutorUnavailableError, match=r"does not answer.*--executor local"):
        engine_facts(settings)


def test_an_engine_elsewhere_is_refused() -> None:
    with pytest.raises(ExecutorUnavailableError, match="not on this machine"):
        engine_facts(Settings(docker_host="ssh://somebody@elsewhere"))


@pytest.mark.usefixtures("bench")
def test_the_engine_tells_what_it_is() -> None:
    facts = engine_facts(Settings())

    assert facts["product"] in {"Docker Engine", "Podman"}
    assert tuple(int(part) for part in str(facts["api"]).split(".")) >= (1, 41)
    assert facts["cgroups"] in {1, 2}
