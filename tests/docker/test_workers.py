"""Steps in containers, through the real runner, on Docker and on Podman."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace

import pytest

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker import DockerExecutor
from orchest_tui.execution.executor import WorkerLostError
from orchest_tui.execution.protocol import RunnerMessage
from orchest_tui.log_times import LineTimes
from tests.docker.workbench import Workbench, busiest, log_has, run_worker, samples, until

pytestmark = pytest.mark.docker
MEBI = 1 << 20


def test_a_step_runs_as_the_user_in_its_folder(any_bench: Workbench) -> None:
    result = any_bench.run("""
        import json, os, sys
        print(json.dumps({"cwd": os.getcwd(), "argv": sys.argv, "uid": os.getuid(), "gid": os.getgid(),
            "definition": open("/pipeline.json").read(), "data": os.path.isdir("/data"),
            "shm": os.statvfs("/dev/shm").f_blocks * os.statvfs("/dev/shm").f_frsize}))
        """)

    seen = json.loads(result.log)
    assert result.finished.status == "SUCCESS"
    assert result.kinds[0] == "Started"
    assert seen == {
        "cwd": "/project-dir",
        "argv": ["/project-dir/step.py"],
        "uid": os.getuid(),
        "gid": os.getgid(),
        "definition": '{"name": "definition"}',
        "data": True,
        "shm": 1 << 30,
    }


def test_secrets_reach_the_step_and_nobody_else(any_bench: Workbench) -> None:
    order = any_bench.order(any_bench.write("import os; print(os.environ['PASSWORD'])"))

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(any_bench.spec({"PASSWORD": "hunter2"}))
        assert "hunter2" not in json.dumps(any_bench.client.api.inspect_container(worker.id))
        result = await run_worker(worker, order)
        assert result.log == "hunter2\n"

    any_bench.play(scenario)


BUSY = """
import pathlib, time
while not pathlib.Path("grow").exists():
    sum(range(100_000))
data = bytearray(b"x") * (300 << 20)
print("grown", flush=True)
time.sleep(3600)
"""


def test_a_running_step_tells_what_it_uses(any_bench: Workbench) -> None:
    order = any_bench.order(any_bench.write(BUSY))

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(any_bench.spec())
        said: list[RunnerMessage] = []
        running = asyncio.create_task(worker.run(order, said.append))
        await until(lambda: busiest(said) > 0.5)
        before = samples(said)[-1].memory
        (any_bench.project / "grow").touch()
        await until(log_has(order, "grown"))
        count = len(samples(said))
        await until(lambda: len(samples(said)) > count + 1)
        assert samples(said)[-1].memory - before == pytest.approx(300 * MEBI, rel=0.1)
        times = LineTimes(order.log)
        assert times.at(0) == pytest.approx(order.log.stat().st_mtime, abs=1.0)
        times.close()
        await worker.abort(0.0, "enough")
        await running

    any_bench.play(scenario)


WHO = "import getpass, os; print(getpass.getuser(), os.environ['USER'], os.environ['LOGNAME'])"


def test_a_step_has_the_name_that_the_image_gives_its_user(bench: Workbench) -> None:
    environment = replace(bench.environment, user="jovyan")
    assert bench.run(WHO, environment=environment).log == "jovyan jovyan jovyan\n"


def test_a_step_has_the_users_name_where_the_image_gives_none(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER"):
        monkeypatch.setenv(name, "somebody")
    assert bench.run(WHO).log == "somebody somebody somebody\n"
    assert bench.run(WHO, environ={"USER": "else"}).log == "somebody else somebody\n"


def test_a_container_has_no_rights_it_does_not_need(any_bench: Workbench) -> None:
    result = any_bench.run("""
        import os, re
        status = open("/proc/self/status").read()
        print(re.findall(r"CapEff:\\s+(\\w+)", status)[0], re.findall(r"NoNewPrivs:\\s+(\\d)", status)[0],
            os.path.exists("/var/run/docker.sock"))
        """)

    assert result.log == "0000000000000000 1 False\n"


def test_a_failure_tells_its_exit_code(any_bench: Workbench) -> None:
    result = any_bench.run("raise SystemExit(3)")

    assert (result.finished.status, result.finished.exit_code) == ("FAILURE", 3)


def test_abort_lets_the_step_tidy_up(any_bench: Workbench) -> None:
    order = any_bench.order(
        any_bench.write("""
        import signal, sys, time
        def tidy(*_):
            print("tidied", flush=True)
            sys.exit(1)
        signal.signal(signal.SIGTERM, tidy)
        print("running", flush=True)
        time.sleep(3600)
        """)
    )

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(any_bench.spec())
        running = asyncio.create_task(run_worker(worker, order))
        await until(log_has(order, "running"))
        await worker.abort(60.0, "aborted by you")
        result = await running
        assert result.finished.status == "ABORTED"
        assert "tidied" in result.log

    any_bench.play(scenario)


def test_abort_kills_a_step_that_ignores_sigterm(any_bench: Workbench) -> None:
    order = any_bench.order(
        any_bench.write("""
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("running", flush=True)
        time.sleep(3600)
        """)
    )

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(any_bench.spec())
        running = asyncio.create_task(run_worker(worker, order))
        await until(log_has(order, "running"))
        await worker.abort(0.2, "aborted by you")
        assert (await running).finished.status == "ABORTED"

    any_bench.play(scenario)


def test_out_of_memory_is_told_as_such(bench: Workbench) -> None:
    result = bench.run(
        """
        held = []
        while True:
            held.append(bytearray(8 << 20))
        """,
        memory=128 * MEBI,
    )

    assert result.finished.status == "FAILURE"
    assert "out of memory" in str(result.finished.reason)


def test_a_step_is_ended_for_its_time(bench: Workbench) -> None:
    result = bench.run("import time; time.sleep(3600)", order={"timeout": 0.5, "grace": 1.0})

    assert result.finished.status == "FAILURE"
    assert "timed out after" in str(result.finished.reason)


def test_a_hundred_megabytes_of_log_are_kept(bench: Workbench) -> None:
    order = bench.order(
        bench.write("""
        line = "x" * 1023
        for _ in range(100 * 1024):
            print(line)
        """)
    )

    async def scenario(executor: DockerExecutor) -> str:
        worker = await executor.start(bench.spec())
        return (await worker.run(order, lambda _message: None)).status

    assert bench.play(scenario) == "SUCCESS"
    assert order.log.stat().st_size == 100 * MEBI


def test_a_child_that_outlives_the_step_goes_with_it(bench: Workbench) -> None:
    result = bench.run("""
        import os, time
        if os.fork() == 0:
            os.setsid()
            time.sleep(3600)
        print("done")
        """)

    assert result.finished.status == "SUCCESS"
    assert result.log == "done\n"


@pytest.mark.parametrize(
    "abuse",
    [
        "import os\nfor fd in (0, 1, 2): os.close(fd)",
        'import os\nos.write(1, b\'{"type":"finished","status":"SUCCESS","time":1}\\n\'); os._exit(7)',
        "import os, sys\nsys.stdin.read(); print('stdin ended')",
        "import os\nos.dup2(os.open('/dev/null', os.O_WRONLY), 1); os.dup2(1, 2); os.closerange(3, 256)",
    ],
    ids=["closed", "forged", "read", "replaced"],
)
def test_abused_streams_change_nothing_of_the_end(bench: Workbench, abuse: str) -> None:
    result = bench.run(abuse)

    expected = ("FAILURE", 7) if "forged" in abuse or "_exit" in abuse else ("SUCCESS", 0)
    assert (result.finished.status, result.finished.exit_code) == expected


def test_a_container_removed_from_outside_is_a_lost_worker(any_bench: Workbench) -> None:
    order = any_bench.order(any_bench.write("import time; print('running', flush=True); time.sleep(3600)"))

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(any_bench.spec())
        running = asyncio.create_task(run_worker(worker, order))
        await until(log_has(order, "running"))
        await asyncio.to_thread(any_bench.client.api.remove_container, worker.id, force=True)
        with pytest.raises(WorkerLostError, match="Try"):
            await running

    any_bench.play(scenario)


def test_a_killed_supervisor_is_a_lost_worker(any_bench: Workbench) -> None:
    order = any_bench.order(any_bench.write("import time; print('running', flush=True); time.sleep(3600)"))

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(any_bench.spec())
        running = asyncio.create_task(run_worker(worker, order))
        await until(log_has(order, "running"))
        await asyncio.to_thread(any_bench.client.api.kill, worker.id, "SIGKILL")
        with pytest.raises(WorkerLostError, match="killed by SIGKILL"):
            await running

    any_bench.play(scenario)


def test_a_stopped_container_is_told_as_ended_from_outside(bench: Workbench) -> None:
    order = bench.order(bench.write("import time; print('running', flush=True); time.sleep(3600)"))

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(bench.spec())
        running = asyncio.create_task(run_worker(worker, order))
        await until(log_has(order, "running"))
        await asyncio.to_thread(bench.client.api.stop, worker.id)
        result = await running
        assert result.finished.status == "ABORTED"
        assert "from outside" in str(result.finished.reason)

    bench.play(scenario)


def test_an_image_that_is_gone_is_told_with_the_mend(any_bench: Workbench) -> None:
    from dataclasses import replace

    async def scenario(executor: DockerExecutor) -> None:
        await executor.start(any_bench.spec())  # the pause container needs the true image
        gone = replace(any_bench.environment, image="orchest-tui/env:is-not-there")
        with pytest.raises(ExecutorError, match=r"gone.*orchest-tui build"):
            await executor.start(any_bench.spec(environment=gone))

    any_bench.play(scenario)


def test_a_folder_that_is_not_there_is_told(bench: Workbench) -> None:
    async def scenario(executor: DockerExecutor) -> None:
        with pytest.raises(ExecutorError, match=r"can't be mounted.*nowhere"):
            await executor.start(bench.spec(project_dir=bench.project / "nowhere", cwd=bench.project / "nowhere"))

    bench.play(scenario)


def test_workers_share_one_network_namespace_and_a_dead_pause_is_replaced(bench: Workbench) -> None:
    async def scenario(executor: DockerExecutor) -> None:
        first = await executor.start(bench.spec())
        pause = next(found for found in bench.containers() if found.labels["orchest-tui.role"] == "pause")
        assert bench.client.api.inspect_container(first.id)["HostConfig"]["NetworkMode"] == f"container:{pause.id}"
        await asyncio.to_thread(pause.remove, force=True)
        second = await executor.start(bench.spec())
        assert second.ready is not None

    bench.play(scenario)


def test_a_cancelled_start_leaves_nothing(bench: Workbench) -> None:
    async def scenario(executor: DockerExecutor) -> None:
        starting = asyncio.create_task(executor.start(bench.spec()))
        await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting

    bench.play(scenario)  # what is left is looked at after the test


def test_early_imports_are_done_before_the_run(bench: Workbench) -> None:
    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(bench.spec(imports=("decimal", "no_such_module")))
        assert worker.ready is not None
        assert worker.ready.imported == ["decimal"]

    bench.play(scenario)


def test_limits_beyond_the_machine_are_lowered_to_it(bench: Workbench) -> None:
    result = bench.run("print('fine')", cpus=4096.0)

    assert result.finished.status == "SUCCESS"
