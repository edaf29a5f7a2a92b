"""Timeouts, aborts, signals, what is left behind, and engines that go away."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchest_tui.execution import protocol
from tests.step.runner.harness import PATIENCE, Step, alive

LOOP = """
import signal, time
{handler}
print("running", flush=True)
while True:
    time.sleep(0.05)
"""
STUBBORN = LOOP.format(handler="signal.signal(signal.SIGTERM, signal.SIG_IGN)")


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while alive(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.01)


def start(step: Step, code: str, **fields: object) -> None:
    step.write("src/step.py", code)
    step.prepare()
    step.start("src/step.py", **fields)
    step.wait_for_log("running")


def test_abort_ends_the_step(step: Step) -> None:
    start(step, LOOP.format(handler=""))
    step.send(protocol.Abort(reason="aborted by the user"))
    end = step.finish()
    assert (end.status, end.signal, end.reason) == ("ABORTED", signal.SIGTERM, "aborted by the user")
    assert step.log == "running\norchest-tui: aborted by the user\n"


def test_abort_is_an_abort_however_the_step_takes_it(step: Step) -> None:
    start(step, LOOP.format(handler="import sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"))
    step.send(protocol.Abort())
    end = step.finish()
    assert (end.status, end.exit_code, end.reason) == ("ABORTED", 0, "aborted")


def test_abort_kills_what_ignores_it(step: Step) -> None:
    start(step, STUBBORN)
    step.send(protocol.Abort(grace=0.2))
    end = step.finish()
    assert (end.status, end.signal) == ("ABORTED", signal.SIGKILL)


def test_a_second_abort_hurries(step: Step) -> None:
    start(step, STUBBORN)
    step.send(protocol.Abort(grace=10_000))
    step.send(protocol.Abort(grace=0))
    assert step.finish().signal == signal.SIGKILL


def test_abort_reaches_a_stopped_step(step: Step) -> None:
    start(step, "import os, signal; print('running', flush=True); os.kill(os.getpid(), signal.SIGSTOP)")
    step.send(protocol.Abort(grace=PATIENCE))
    assert step.finish().status == "ABORTED"


def test_sigterm_to_the_supervisor_is_an_abort(step: Step) -> None:
    start(step, LOOP.format(handler=""))
    step.process.send_signal(signal.SIGTERM)
    assert step.finish().status == "ABORTED"
    assert step.wait_for_end() == 0


def test_timeout(step: Step) -> None:
    end = step.run(STUBBORN, timeout=0.5, grace=0.1)
    assert (end.status, end.signal, end.reason) == ("FAILURE", signal.SIGKILL, "timed out after 0.5 s")
    assert step.log.endswith("orchest-tui: timed out after 0.5 s\n")


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("import os; os.kill(os.getpid(), 9)", signal.SIGKILL),
        ("import ctypes; ctypes.string_at(0)", signal.SIGSEGV),
        ("import os; print('no newline', end=''); os.abort()", signal.SIGABRT),
    ],
)
def test_death_by_signal(step: Step, code: str, number: signal.Signals) -> None:
    end = step.run(code)
    assert (end.status, end.exit_code, end.signal) == ("FAILURE", None, number)
    assert end.reason == f"killed by {number.name}"
    assert f"\norchest-tui: {end.reason}\n" in "\n" + step.log


def test_usage_is_told(step: Step) -> None:
    end = step.run("data = bytearray(50_000_000); sum(range(300_000))")
    assert end.max_rss > 50_000_000
    assert end.cpu_seconds > 0


DAEMON = """
import os, signal, sys, time
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        {handler}
        open("daemon.pid", "w").write(str(os.getpid()))
        os.write(write, b"x")
        os.close(write)
        time.sleep(600)
    os._exit(0)
os.read(read, 1)
print("done")
"""


@pytest.mark.parametrize("handler", ["pass", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
def test_nothing_outlives_the_step(step: Step, handler: str) -> None:
    end = step.run(DAEMON.format(handler=handler))
    pid = int((step.source / "daemon.pid").read_text())
    assert end.status == "SUCCESS", step.log
    assert not alive(pid)


def test_nothing_outlives_an_abort(step: Step) -> None:
    start(step, DAEMON.format(handler="pass") + "print('running', flush=True); time.sleep(600)")
    step.send(protocol.Abort(grace=5))
    assert step.finish().status == "ABORTED"
    assert not alive(int((step.source / "daemon.pid").read_text()))


def test_a_spare_ends_with_its_engine(step: Step) -> None:
    step.prepare()
    assert step.process.stdin is not None
    step.process.stdin.close()
    assert step.wait_for_end() == 0
    assert step.of(protocol.Finished) == []


def test_a_step_outlives_its_engine(step: Step) -> None:
    start(
        step,
        "import os, time\nprint('running', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint(2)",
    )
    for stream in (step.process.stdin, step.process.stdout):
        assert stream is not None
        stream.close()
    (step.source / "go").touch()
    assert step.process.wait(PATIENCE) == 0
    assert step.log == "running\n2\n"


def test_the_journal_has_every_line(tmp_path: Path) -> None:
    from tests.step.runner.harness import RUNNER

    journal = tmp_path / "journal"
    with journal.open("ab") as file:
        os.set_inheritable(file.fileno(), True)
        command = f"exec python3 {RUNNER} --journal-fd {file.fileno()}"
        step = Step(tmp_path, python="sh", runner=())
        step.process.kill()
        step.process.wait()
        step.process = subprocess.Popen(
            ["sh", "-c", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            close_fds=False,
            start_new_session=True,
        )
    step.run("print(1)")
    step.wait_for_end()
    assert journal.read_bytes() == step.raw
    step.close()


def test_an_engine_of_another_version_is_refused(step: Step) -> None:
    ready = step.prepare(version=99)
    assert "99" in str(ready.problem)
    assert step.wait_for_end() == 1


def test_lines_that_are_not_understood_are_passed_over(step: Step) -> None:
    step.send_raw(b'nonsense\n{"type":"unknown"}\n{"type":"run"}\n[]\n')
    assert step.run("print(1)").status == "SUCCESS"


def test_an_engine_that_does_not_read_stops_nothing(make_step: Callable[..., Step]) -> None:
    step = make_step()
    packet = "{'type': 'output', 'name': str(i), 'file': 'x.seg', 'preview': {'text': 'x' * 40000}}"
    code = f"""
    import json, os, socket
    open({str(step.output / "x.seg")!r}, "w").close()
    for i in range(60):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.connect(os.environ["ORCHEST_TUI_SOCKET"])
            s.send(json.dumps({packet}).encode())
    print("all sent")
    """
    step.write("src/step.py", code)
    step.prepare()
    step.start("src/step.py")
    step.wait_for_log("all sent")
    assert step.finish().status == "SUCCESS"
    assert [output.name for output in step.of(protocol.Output)] == [str(i) for i in range(60)]
