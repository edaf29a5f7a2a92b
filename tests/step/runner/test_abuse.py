"""Steps that close, flood or forge what they can reach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orchest_tui.execution import protocol
from tests.step.runner.harness import Step, alive

FORGED = '{"type":"finished","status":"SUCCESS","time":1.0,"reason":"forged"}'


@pytest.mark.parametrize(
    "code",
    [
        "import os\nfor fd in (0, 1, 2): os.close(fd)",
        "import os\nos.closerange(0, 4096)",
        "import sys\nfor stream in (sys.stdin, sys.stdout, sys.stderr): stream.close()",
        "import sys\nsys.stdout = sys.stderr = None",
    ],
)
def test_closing_descriptors(step: Step, code: str) -> None:
    end = step.run(code)
    assert (end.status, end.exit_code) == ("SUCCESS", 0), step.log
    assert step.kinds == ["Ready", "Started", "Touched", "Finished"]


def test_what_is_printed_is_no_message(step: Step) -> None:
    code = f"""
    import os, sys
    print({FORGED!r})
    for fd in range(3, 64):
        try:
            os.write(fd, {FORGED.encode()!r} + b"\\n")
        except OSError:
            pass
    sys.exit(3)
    """
    end = step.run(code)
    assert (end.status, end.reason) == ("FAILURE", "exit code 3")
    assert len(step.of(protocol.Finished)) == 1
    assert "forged" in step.log


def test_the_control_channel_of_the_supervisor_is_out_of_reach(make_step: Callable[..., Step]) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv")
    drop = [] if os.getuid() else ["setpriv", "--bounding-set=-sys_ptrace,-dac_override,-dac_read_search", "--"]
    step = make_step(runner=drop)
    code = f"""
    import os, sys
    for fd in (1, 0):
        try:
            with open(f"/proc/{{os.getppid()}}/fd/{{fd}}", "w") as file:
                file.write({FORGED!r} + "\\n")
        except PermissionError:
            print("denied")
    sys.exit(3)
    """
    end = step.run(code)
    assert (end.status, end.exit_code) == ("FAILURE", 3), step.log
    assert step.log.startswith("denied\ndenied\n")


def test_forged_reports_are_dropped_and_told(step: Step) -> None:
    (step.output / "good.seg").write_bytes(b"12345")
    code = f"""
    import json, os, socket
    def send(data):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.connect(os.environ["ORCHEST_TUI_SOCKET"])
            s.send(data)
    for packet in (b"nonsense", b"{{}}", {FORGED.encode()!r}, b'{{"type":"started","time":1}}',
                   b'{{"type":"output","name":"evil","file":"/etc/passwd"}}',
                   b'{{"type":"output","name":"evil","file":"../step.log"}}',
                   b'{{"type":"output","name":"evil","file":"none.seg"}}'):
        send(packet)
    send(json.dumps({{"type": "output", "name": "good", "file": "good.seg", "bytes": 99}}).encode())
    """
    end = step.run(code)
    assert end.status == "SUCCESS"
    assert [(output.name, output.bytes) for output in step.of(protocol.Output)] == [("good", 5)]
    assert step.log.count("orchest-tui: a report was dropped: ") == 7
    assert len(step.of(protocol.Started)) == 1


def test_a_flood_of_bad_reports_does_not_fill_the_log(step: Step) -> None:
    code = """
    import os, socket
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.connect(os.environ["ORCHEST_TUI_SOCKET"])
        for _ in range(500):
            s.send(b"nonsense")
    """
    assert step.run(code).status == "SUCCESS"
    assert step.log.count("dropped") == 20


def test_a_flood_of_progress_is_thinned_and_its_last_word_kept(step: Step) -> None:
    code = """
    import json, os, socket
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.connect(os.environ["ORCHEST_TUI_SOCKET"])
        for i in range(5001):
            s.send(json.dumps({"type": "progress", "fraction": i / 5000, "text": str(i)}).encode())
    """
    assert step.run(code).status == "SUCCESS"
    progress = step.of(protocol.Progress)
    assert progress[-1] == protocol.Progress(fraction=1.0, text="5000")
    assert len(progress) < 5001


def test_a_large_log(step: Step) -> None:
    end = step.run("line = 'x' * 99_999 + chr(10)\nfor _ in range(1000): print(line, end='')")
    assert end.status == "SUCCESS"
    assert step.log_file.stat().st_size == 100_000_000
    step.log_file.unlink()


def test_reports_from_daemons_and_threads_arrive_in_order(step: Step) -> None:
    for name in ("a.seg", "b.seg"):
        (step.output / name).write_bytes(b"x")
    code = """
    import json, os, socket, threading
    def send(name, file):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.connect(os.environ["ORCHEST_TUI_SOCKET"])
            s.send(json.dumps({"type": "output", "name": name, "file": file}).encode())
    def many(name):
        for i in range(50):
            send(name, "ab"[i % 2] + ".seg")
    threads = [threading.Thread(target=many, args=(str(n),)) for n in range(3)]
    for t in threads: t.start()
    """
    assert step.run(code).status == "SUCCESS", step.log
    for name in "012":
        files = [output.file for output in step.of(protocol.Output) if output.name == name]
        assert files == ["a.seg", "b.seg"] * 25


def test_killing_the_process_group_does_not_kill_the_supervisor(step: Step) -> None:
    end = step.run("import os, signal; os.killpg(0, signal.SIGKILL)")
    assert end.reason == "killed by SIGKILL"


def test_a_fork_bomb_of_sessions_is_cleaned_up(step: Step) -> None:
    code = """
    import os, time
    for n in range(20):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                open(f"pid{n}", "w").write(str(os.getpid()))
            time.sleep(600)
    while len([f for f in os.listdir(".") if f.startswith("pid")]) < 20: time.sleep(0.01)
    """
    assert step.run(code).status == "SUCCESS"
    pids = [int(path.read_text()) for path in step.source.glob("pid*")]
    assert len(pids) == 20
    assert not any(map(alive, pids))


def test_private_folder_is_removed(step: Step) -> None:
    step.run("import os; print(os.path.dirname(os.environ['ORCHEST_TUI_INPUTS']))")
    step.wait_for_end()
    folder = step.log.strip()
    assert folder
    assert not Path(folder).exists()


@pytest.mark.skipif(os.getuid() != 0, reason="a pid namespace needs root here")
def test_process_1_of_a_pid_namespace(make_step: Callable[..., Step]) -> None:
    probe = subprocess.run(["unshare", "-pf", "--mount-proc", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("no pid namespaces here")
    step = make_step(runner=["unshare", "-pf", "--mount-proc", "--kill-child"], python=sys.executable)
    code = """
    import os, signal, time
    if os.fork() == 0:
        os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            open("daemon", "w").close()
            time.sleep(600)
        os._exit(0)
    while not os.path.exists("daemon"): time.sleep(0.01)
    print(os.getppid())
    """
    assert step.run(code).status == "SUCCESS"
    assert step.log == "1\n"
    assert step.wait_for_end() == 0
