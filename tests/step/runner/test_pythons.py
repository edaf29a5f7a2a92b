"""The runner under other interpreters than ours, oldest and newest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orchest_tui.execution import protocol
from tests.step.runner.conftest import find_python
from tests.step.runner.harness import Step

VERSIONS = ["3.8", "3.9", "3.12", "3.13", "3.14"]

CODE = """
import colorsys, json, multiprocessing, os, socket, sys
import helper

def report(**packet):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.connect(os.environ["ORCHEST_TUI_SOCKET"])
        s.send(json.dumps(packet).encode())

if __name__ == "__main__":
    report(type="progress", fraction=0.5, text="half")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.map(helper.double, [21]))
    print(sys.argv == [__file__], sys.path[0] == os.path.dirname(__file__), __spec__, file=sys.stderr)
    sys.exit("the end")
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_a_step_from_start_to_end(make_step: Callable[..., Step], version: str) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    step = make_step(python=python)
    step.write("src/helper.py", "def double(x):\n    return 2 * x\n")
    end = step.run(CODE, prepare_imports=["colorsys", "nowhere"])
    assert (end.status, end.exit_code, end.reason) == ("FAILURE", 1, "exit code 1")
    assert step.log == "[42]\nTrue True None\nthe end\norchest-tui: exit code 1\n"
    ready = step.of(protocol.Ready)[0]
    assert ready.python.startswith(version)
    assert ready.imported == ["colorsys"]
    assert step.of(protocol.Progress) == [protocol.Progress(fraction=0.5, text="half")]
    assert step.read_relative() == {"src/step.py", "src/helper.py"}
    assert "colorsys" in step.touched.early_imports
    assert step.touched.complete


@pytest.mark.parametrize("version", VERSIONS)
def test_restart_abort_and_leftovers(make_step: Callable[..., Step], version: str) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    step = make_step(python=python)
    code = """
    import os, subprocess, time
    subprocess.Popen(["sleep", "600"])
    print(os.environ["PYTHONHASHSEED"])
    time.sleep(600)
    """
    step.write("src/step.py", code)
    step.prepare(environ={"PYTHONHASHSEED": "1"})
    step.start("src/step.py")
    step.wait_for_log("1\n")
    step.send(protocol.Abort(grace=5))
    assert step.finish().status == "ABORTED"
    assert step.wait_for_end() == 0
