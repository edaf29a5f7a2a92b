"""Steps run by the local executor, in every sandbox that this machine has."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.executor import OrderOutput, WorkerLostError
from orchest_tui.execution.local.sandbox import Sandbox
from orchest_tui.execution.protocol import Started, Usage
from tests.execution.local_steps import PARENT, PATIENCE, SANDBOXES, LocalProject, make_sandbox, until

PRINT_PLACE = """
import json, os, sys
print(json.dumps({
    "argv": sys.argv, "cwd": os.getcwd(), "definition": open(os.environ["ORCHEST_PIPELINE_PATH"]).read(),
    "inputs": json.load(open(os.environ["ORCHEST_TUI_INPUTS"])), "password": os.environ["PASSWORD"],
    "pid": os.getppid(), "project": os.environ.get("ORCHEST_TUI_PROJECT_DIR", "/project-dir"),
}))
"""


@pytest.fixture(params=SANDBOXES)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return make_sandbox(request.param)


@pytest.fixture
def local(tmp_path: Path) -> LocalProject:
    return LocalProject(tmp_path, Path(os.environ["ORCHEST_TUI_MEMORY_DIR"]))


def test_a_step_succeeds_and_leaves_nothing_behind(local: LocalProject, sandbox: Sandbox) -> None:
    finished, messages = local.run(sandbox, "print('hello')")
    assert finished.status == "SUCCESS"
    assert [type(message) for message in messages if not isinstance(message, Usage)] == [Started]
    assert local.log == "hello\n"
    assert local.run_folders == []


def test_a_step_has_the_users_name(local: LocalProject, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    def nameless(uid: int) -> object:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nameless)
    finished, _ = local.run(sandbox, "import getpass, os; print(getpass.getuser(), os.environ['USER'])")
    assert finished.status == "SUCCESS", local.log
    assert local.log == "jovyan jovyan\n"


def test_a_step_finds_its_folders_where_the_path_map_says(local: LocalProject, sandbox: Sandbox) -> None:
    segment = local.layout.output_dir(local.session_dir, PARENT) / "_.1.seg"
    finished, _ = local.run(sandbox, PRINT_PLACE, outputs=(OrderOutput(None, segment),))
    assert finished.status == "SUCCESS", local.log
    said = json.loads(local.log)
    project = "/project-dir" if sandbox.isolated else str(local.folder)
    assert said["cwd"] == f"{project}/steps"
    assert said["argv"] == [f"{project}/steps/step.py"]
    assert said["project"] == project
    assert json.loads(said["definition"]) == {"uuid": "the definition"}
    assert said["password"] == "s3cret"
    [parent] = said["inputs"]["inputs"]
    assert parent["outputs"][0]["path"] == (f"/orchest-tui/in/{PARENT}/_.1.seg" if sandbox.isolated else str(segment))


def test_a_step_sees_its_own_corner_of_the_machine_only(local: LocalProject, sandbox: Sandbox) -> None:
    if not sandbox.isolated:
        pytest.skip("nothing is hidden without a sandbox")
    (local.root / "private").write_text("private")
    (local.data / "table.csv").write_text("1,2")
    code = f"""
import os
assert not os.path.exists({str(local.root / "private")!r}), "foreign file"
assert not os.path.exists({str(Path.home())!r}) or "private" not in os.listdir({str(Path.home())!r})
assert open("/data/table.csv").read() == "1,2"
open("/data/new.csv", "w").write("3")
open("/project-dir/new.txt", "w").write("4")
open("/orchest-tui/out/new", "w").write("5")
open(os.path.expanduser("~/note"), "w").write("6")
open("/tmp/note", "w").write("7")
for path in ("/usr/new", "/etc/new", "/orchest-tui/in/{PARENT}/new", "/opt/orchest-tui/new", "/pipeline.json"):
    try:
        open(path, "a")
    except OSError as error:
        assert error.errno == 30, error
    else:
        raise SystemExit(path + " can be written")
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
assert int(status["CapEff"], 16) == 0 and int(status["CapPrm"], 16) == 0
assert int(status["NoNewPrivs"]) == 1
assert len([name for name in os.listdir("/proc") if name.isdigit()]) < 10, "foreign processes"
assert os.getppid() == 1
"""
    finished, _ = local.run(sandbox, code)
    assert finished.status == "SUCCESS", local.log
    assert (local.data / "new.csv").read_text() == "3"
    assert (local.folder / "new.txt").read_text() == "4"
    assert (local.layout.output_dir(local.session_dir, local.spec("").step) / "new").read_text() == "5"
    assert (local.folder / "new.txt").stat().st_uid == os.getuid()


def test_what_the_sdk_hands_over_arrives(local: LocalProject, sandbox: Sandbox) -> None:
    finished, messages = local.run(sandbox, "import orchest\norchest.output([1, 2], name='numbers')")
    assert finished.status == "SUCCESS", local.log
    [output] = [message for message in messages if not isinstance(message, Started)]
    assert output.name == "numbers"
    assert (local.layout.output_dir(local.session_dir, local.spec("").step) / output.file).is_file()


def test_a_shell_script_runs(local: LocalProject, sandbox: Sandbox) -> None:
    finished, _ = local.run(sandbox, "pwd; python -c 'import sys; print(sys.executable)'", "step.sh")
    assert finished.status == "SUCCESS", local.log
    project = "/project-dir" if sandbox.isolated else str(local.folder)
    assert local.log.splitlines() == [f"{project}/steps", sys.executable]


def test_a_failure_has_its_exit_code(local: LocalProject, sandbox: Sandbox) -> None:
    finished, _ = local.run(sandbox, "import sys; print('before'); sys.exit(3)")
    assert (finished.status, finished.exit_code) == ("FAILURE", 3)
    assert local.log.startswith("before\n")


def test_a_timeout_is_told_as_such(local: LocalProject, sandbox: Sandbox) -> None:
    finished, _ = local.run(sandbox, "import time; time.sleep(1000)", timeout=0.2)
    assert finished.status == "FAILURE"
    assert "timed out" in str(finished.reason)


def test_cores_are_limited(local: LocalProject, sandbox: Sandbox) -> None:
    finished, _ = local.run(sandbox, "import os; print(len(os.sched_getaffinity(0)))", cpus=0.5)
    assert finished.status == "SUCCESS"
    assert local.log == "1\n"


def test_memory_is_limited_by_what_inputs_leave(local: LocalProject, sandbox: Sandbox) -> None:
    code = "held = bytearray(100 << 20); print('ok'); bytearray(500 << 20)"
    finished, _ = local.run(sandbox, code, memory=300 << 20)
    assert finished.status == "FAILURE"
    assert local.log.startswith("ok\n")
    assert "MemoryError" in local.log


def test_an_abort_ends_the_step(local: LocalProject, sandbox: Sandbox) -> None:
    async def whole() -> None:
        async with local.executor(sandbox) as executor:
            worker = await executor.start(local.spec("import time; print('in', flush=True); time.sleep(1000)"))
            running = asyncio.ensure_future(worker.run(local.order(), lambda _: None))
            await until(lambda: "in\n" in local.log)
            assert worker.alive
            await worker.abort(10, "asked to")
            finished = await running
            assert (finished.status, finished.reason) == ("ABORTED", "asked to")
        assert not worker.alive

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.run_folders == []


def test_a_killed_supervisor_is_a_lost_worker(local: LocalProject, sandbox: Sandbox) -> None:
    async def whole() -> None:
        async with local.executor(sandbox) as executor:
            worker = await executor.start(local.spec("import time; print('in', flush=True); time.sleep(1000)"))
            running = asyncio.ensure_future(worker.run(local.order(), lambda _: None))
            await until(lambda: "in\n" in local.log)
            worker.process.ids.supervisor.send(signal.SIGKILL)
            with pytest.raises(WorkerLostError, match="The step"):
                await running
        assert not any(process.alive() for process in worker.process.ids.step)

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.run_folders == []


def test_a_discarded_worker_is_gone_whatever_it_does(local: LocalProject, sandbox: Sandbox) -> None:
    async def whole() -> None:
        async with local.executor(sandbox) as executor:
            spare = await executor.start(local.spec(""))
            assert spare.alive
            await spare.discard()
            assert not spare.alive
            worker = await executor.start(local.spec("import time; print('in', flush=True); time.sleep(1000)"))
            running = asyncio.ensure_future(worker.run(local.order(), lambda _: None))
            await until(lambda: "in\n" in local.log)
            await worker.discard()
            assert not worker.process.alive()
            with pytest.raises(WorkerLostError):
                await running

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.run_folders == []


def test_secrets_are_in_no_command_line_or_first_environment(local: LocalProject, sandbox: Sandbox) -> None:
    async def whole() -> None:
        async with local.executor(sandbox) as executor:
            worker = await executor.start(local.spec(""))
            files = [
                Path(f"/proc/{process.pid}/{name}")
                for process in (worker.process.ids.outer, worker.process.ids.supervisor)
                for name in ("cmdline", "environ")
            ]
            contents = await asyncio.to_thread(
                lambda: [file.read_bytes() for file in (*files, *(local.session_dir / "run" / worker.id).iterdir())]
            )
            assert any(b"runner" in content for content in contents)
            assert not any(b"s3cret" in content for content in contents)

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))


def test_an_interpreter_that_is_not_there_is_one_clear_error(local: LocalProject, sandbox: Sandbox) -> None:
    async def whole() -> None:
        async with local.executor(sandbox) as executor:
            spec = local.spec("")
            environment = type(spec.environment)("env", "gone", "0", sys.prefix, "/nowhere/python", None)
            with pytest.raises(ExecutorError, match="'The step'"):
                await executor.start(local.spec("", environment=environment))

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert local.run_folders == []
