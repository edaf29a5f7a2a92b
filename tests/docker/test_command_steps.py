"""Steps in images without Python: the interpreter runs as a plain command."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker import DockerExecutor
from orchest_tui.execution.docker.command_worker import interpreter_of
from tests.docker.workbench import Workbench, log_has, run_worker, until

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


def test_a_file_that_needs_python_is_refused() -> None:
    assert interpreter_of("run") == "bash"
    assert interpreter_of("a.b.R") == "Rscript"
    with pytest.raises(ExecutorError, match="without Python"):
        interpreter_of("step.py")
