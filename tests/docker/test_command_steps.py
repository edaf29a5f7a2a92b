"""Steps in images without Python: the interpreter runs as a plain command."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker import DockerExecutor
from orchest_tui.execution.docker.command_watch import processor_seconds, resident_bytes
from orchest_tui.execution.docker.command_worker import interpreter_of
from orchest_tui.execution.protocol import Progress, RunnerMessage
from orchest_tui.log_times import LineTimes
from tests.docker.workbench import Workbench, busiest, log_has, run_worker, samples, until

pytestmark = pytest.mark.docker


@pytest.fixture
def plain(any_bench: Workbench) -> Workbench:
    """A workbench whose image counts as one without Python."""
    any_bench.environment = replace(any_bench.environment, python=None)
    return any_bench


def test_a_shell_script_runs_in_its_folder_with_its_variables(plain: Workbench) -> None:
    result = plain.run(
        'pwd; echo "$0 $GREETING"; env | grep ^odd-; cat /pipeline.json; echo err >&2; read -r line || echo no input',
        "step.sh",
        kind="command",
        environ={"GREETING": 'it\'s "so"', "odd-name": "1"},
    )

    assert result.finished.status == "SUCCESS"
    assert result.kinds == ["Started"]
    assert result.log == (
        '/project-dir\n/project-dir/step.sh it\'s "so"\nodd-name=1\n{"name": "definition"}err\nno input\n'
    )


def test_secrets_are_not_in_the_containers_configuration(plain: Workbench) -> None:
    order = plain.order(plain.write('echo "$PASSWORD"; sleep 3600', "step.sh"))

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(plain.spec({"PASSWORD": "hunter2"}, kind="command"))
        running = asyncio.create_task(run_worker(worker, order))
        await until(log_has(order, "hunter2"))
        assert "hunter2" not in json.dumps(plain.client.api.inspect_container(worker.id))
        await worker.abort(0.0, "aborted by you")
        result = await running
        assert (result.finished.status, result.finished.reason) == ("ABORTED", "aborted by you")

    plain.play(scenario)


def test_exit_codes_and_a_missing_interpreter_are_told(plain: Workbench) -> None:
    failed = plain.run("exit 3", "step.sh", kind="command")
    missing = plain.run("1", "step.jl", kind="command")

    assert (failed.finished.status, failed.finished.exit_code) == ("FAILURE", 3)
    assert missing.finished.reason == "julia is not installed in this environment"


def test_a_script_can_tidy_up_when_it_is_aborted(plain: Workbench) -> None:
    order = plain.order(
        plain.write("trap 'echo tidied; exit 1' TERM; echo running; while :; do sleep 0.1; done", "step.sh")
    )

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(plain.spec(kind="command"))
        running = asyncio.create_task(run_worker(worker, order))
        await until(log_has(order, "running"))
        await worker.abort(60.0, "aborted by you")
        result = await running
        assert result.finished.status == "ABORTED"
        assert result.log == "running\ntidied\n"

    plain.play(scenario)


def test_a_script_is_ended_for_its_time(plain: Workbench) -> None:
    result = plain.run("sleep 3600", "step.sh", kind="command", order={"timeout": 0.5, "grace": 1.0})

    assert (result.finished.status, result.finished.reason) == ("FAILURE", "timed out after 0.5 s")


def test_what_a_script_uses_is_asked_of_the_engine(plain: Workbench) -> None:
    order = plain.order(
        plain.write('x=$(head -c 50000000 /dev/zero | tr "\\0" x); while [ ! -e enough ]; do :; done', "step.sh")
    )

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(plain.spec(kind="command"))
        said: list[RunnerMessage] = []
        running = asyncio.create_task(worker.run(order, said.append))
        await until(lambda: busiest(said) > 0.5)
        await until(lambda: any(usage.memory > 50_000_000 for usage in samples(said)))
        (plain.project / "enough").touch()
        assert (await running).status == "SUCCESS"

    plain.play(scenario)


def test_a_scripts_log_has_times_and_its_bars_are_progress(plain: Workbench) -> None:
    order = plain.order(plain.write("echo one; sleep 1; printf '\\r 34%%[===>   ] 34/100'; sleep 3600", "step.sh"))

    async def scenario(executor: DockerExecutor) -> None:
        worker = await executor.start(plain.spec(kind="command"))
        said: list[RunnerMessage] = []
        running = asyncio.create_task(worker.run(order, said.append))
        await until(lambda: Progress(fraction=0.34, text="34/100") in said)
        await worker.abort(0.0, "enough")
        await running

    plain.play(scenario)
    times = LineTimes(order.log)
    one, bar = times.at(0), times.at(4)
    times.close()
    assert one is not None
    assert bar is not None
    assert one + 0.5 < bar


def test_figures_of_engines_that_name_them_otherwise() -> None:
    new = {"usage": 900, "stats": {"anon": 300, "file_mapped": 20, "inactive_file": 500}}
    old = {"usage": 900, "stats": {"total_rss": 310, "total_mapped_file": 30}}
    assert [resident_bytes({"memory_stats": told}) for told in (new, old, {"usage": 900, "stats": None}, {})] == [
        320, 340, 900, 0,
    ]  # fmt: skip
    assert processor_seconds({"cpu_stats": {"cpu_usage": {"total_usage": 1_500_000_000}}}) == 1.5
    assert processor_seconds({"cpu_stats": {}}) == 0.0


def test_a_file_that_needs_python_is_refused() -> None:
    assert interpreter_of("run") == "bash"
    assert interpreter_of("a.b.R") == "Rscript"
    with pytest.raises(ExecutorError, match="without Python"):
        interpreter_of("step.py")
