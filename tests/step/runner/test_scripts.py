"""Python scripts run as ``python file`` would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cloudpickle
import pytest

from orchest_tui.execution import protocol
from orchest_tui.step import sdk
from tests.step.runner.harness import Step

SHOW_MAIN = """
import json, os, sys
main = sys.modules["__main__"]
names = sorted(name for name in globals() if name not in ("json", "os", "sys", "main"))
print(json.dumps({
    "argv": sys.argv,
    "path0": sys.path[0],
    "runner": [entry for entry in sys.path if "runner" in entry],
    "name": __name__,
    "file": __file__,
    "spec": __spec__ is None,
    "package": __package__ is None,
    "loader": type(__loader__).__name__,
    "builtins": type(__builtins__).__name__,
    "same": main.__dict__ is globals(),
    "cwd": os.getcwd(),
    "stdin": sys.stdin.read(),
    "names": [name for name in names if name != "names"],
    "umask": os.umask(0),
    "session": os.getsid(0) == os.getpid(),
}))
"""


def test_a_script_finds_what_a_script_finds(step: Step) -> None:
    assert step.run(SHOW_MAIN).status == "SUCCESS"
    seen = json.loads(step.log)
    file = step.source / "step.py"
    assert seen["argv"] == [str(file)]
    assert seen["path0"] == seen["cwd"] == str(step.source)
    assert seen["runner"] == []
    assert (seen["name"], seen["file"]) == ("__main__", str(file))
    assert seen["spec"]
    assert seen["package"]
    assert seen["same"]
    assert seen["builtins"] == "module"
    assert seen["loader"] == "SourceFileLoader"
    assert seen["stdin"] == ""
    assert seen["umask"] == 0o002
    assert seen["session"]
    bare = subprocess.run([sys.executable, str(file)], capture_output=True, stdin=subprocess.DEVNULL, check=True)
    assert seen["names"] == json.loads(bare.stdout)["names"]


def test_environment_and_python_path(make_step: Callable[..., Step], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "brought.py").write_text("VALUE = 7\n")
    step = make_step()
    end = step.run(
        "import brought, os, sys; print(brought.VALUE, os.environ['SECRET'], hash('a'), sys.path[1])",
        prepare_environ={"SECRET": "s3cret", "PYTHONHASHSEED": "5", "PYTHONPATH": str(tmp_path / "mine")},
    )
    assert end.status == "SUCCESS", step.log
    environ = {"PYTHONHASHSEED": "5"}
    expected = subprocess.run([sys.executable, "-c", "print(hash('a'))"], env=environ, capture_output=True, check=True)
    assert step.log.split() == ["7", "s3cret", expected.stdout.decode().strip(), str(tmp_path / "mine")]


@pytest.mark.parametrize(("home", "expected"), [("/proc/no-such-home", "{fallback}"), ("/tmp", "/tmp")])
def test_home_is_writable(step: Step, tmp_path: Path, home: str, expected: str) -> None:
    environ = {"HOME": home}
    step.run("import os; print(os.environ['HOME'])", prepare_environ=environ, prepare_home=str(tmp_path))
    assert step.log.strip() == expected.format(fallback=tmp_path)


@pytest.mark.parametrize(
    ("code", "exit_code", "text"),
    [
        ("pass", 0, ""),
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("import sys; sys.exit('no data')", 1, "no data\n"),
        ("raise SystemExit(None)", 0, ""),
        ("exit(4)", 4, ""),
        ("import os; os._exit(5)", 5, ""),
        ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
        ("assert False, 'reason'", 1, "AssertionError: reason\n"),
        ("def f(:", 1, "SyntaxError: "),
        ("import atexit; atexit.register(print, 'bye'); raise ValueError(1)", 1, "ValueError: 1\nbye\n"),
        ("import sys; sys.excepthook = lambda *a: print('mine', a[0].__name__); 1/0", 1, "mine ZeroDivisionError\n"),
        ("import sys; sys.excepthook = None; 1/0", 1, "ZeroDivisionError"),
        (
            "import threading, time\nthreading.Thread(target=lambda: (time.sleep(.2), print('late'))).start()",
            0,
            "late\n",
        ),
        ("from __future__ import annotations\nprint(1)", 0, "1\n"),
        ("# -*- coding: latin-1 -*-\nprint('x')", 0, "x\n"),
    ],
)
def test_endings_are_pythons_own(step: Step, code: str, exit_code: int, text: str) -> None:
    end = step.run(code)
    assert (end.exit_code, end.signal) == (exit_code, None)
    assert end.status == ("SUCCESS" if exit_code == 0 else "FAILURE")
    assert text in step.log
    if exit_code:
        assert end.reason == f"exit code {exit_code}"
        assert step.log.endswith(f"orchest-tui: exit code {exit_code}\n")
    else:
        assert end.reason is None
        assert step.log == text


@pytest.mark.parametrize("code", ["def f():\n    1/0\nf()\n", "import json\njson.loads('{')\n", "x = (\n", "raise 3\n"])
def test_tracebacks_are_pythons_own(step: Step, code: str) -> None:
    step.run(code)
    bare = subprocess.run([sys.executable, str(step.source / "step.py")], capture_output=True, check=False)
    assert step.log == bare.stderr.decode() + "orchest-tui: exit code 1\n"


def test_chained_tracebacks_show_no_frame_of_the_runner(step: Step) -> None:
    step.run(
        "try:\n    import nowhere_to_be_found\nexcept ImportError as error:\n    raise ValueError('x') from error\n"
    )
    assert "ModuleNotFoundError" in step.log
    assert "ValueError: x" in step.log
    assert "step/runner" not in step.log


def test_output_is_unbuffered_and_in_order(step: Step) -> None:
    code = """
    import os, subprocess, sys
    print("out1"); print("err1", file=sys.stderr); print("out2", end="")
    os.write(1, b"|raw|"); subprocess.run(["echo", "child"]); sys.stdout.buffer.write(b"bytes\\n")
    print("café \\udce9".encode("utf-8", "replace").decode()); print("err2", file=sys.stderr)
    os._exit(0)
    """
    step.run(code)
    assert step.log == "out1\nerr1\nout2|raw|child\nbytes\ncafé ?\nerr2\n"


def test_log_is_appended_to(step: Step) -> None:
    step.log_file.write_text("attempt 1 failed")
    step.run("print('attempt 2')")
    assert step.log == "attempt 1 failedattempt 2\n"


def test_missing_file_says_so(step: Step) -> None:
    step.prepare()
    step.start("src/none.py")
    end = step.finish()
    assert end.status == "FAILURE"
    assert end.reason == f"file {step.source / 'none.py'} is missing"
    assert step.log == f"orchest-tui: {end.reason}\n"


def test_log_that_cannot_be_written_says_so(step: Step) -> None:
    step.log_file.mkdir()
    end = step.run("print(1)")
    assert end.status == "FAILURE"
    assert "log" in str(end.reason)
    assert "can't be written" in str(end.reason)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_works(step: Step, method: str) -> None:
    code = f"""
    import multiprocessing

    def square(x):
        return x * x

    if __name__ == "__main__":
        with multiprocessing.get_context("{method}").Pool(2) as pool:
            print(pool.map(square, range(4)))
    """
    end = step.run(code)
    assert end.status == "SUCCESS", step.log
    assert step.log == "[0, 1, 4, 9]\n"


def test_classes_of_the_script_travel_by_cloudpickle(step: Step) -> None:
    code = """
    import cloudpickle, dataclasses, pickle, subprocess, sys, inspect

    @dataclasses.dataclass
    class Point:
        x: int
        def double(self):
            return self.x * 2

    assert pickle.loads(pickle.dumps(Point(1))) == Point(1)
    assert inspect.getsource(Point.double).strip().startswith("def double")
    data = cloudpickle.dumps(Point(21))
    reader = "import pickle, sys; print(pickle.load(sys.stdin.buffer).double())"
    print(subprocess.run([sys.executable, "-c", reader], input=data, stdout=subprocess.PIPE).stdout.decode())
    """
    assert step.run(code).status == "SUCCESS", step.log
    assert step.log.strip() == "42"


def test_early_imports_are_silent_and_failures_skipped(step: Step) -> None:
    step.write("src/loud.py", "print('early')")
    step.write("src/bad.py", "raise SystemExit(3)")
    step.write("src/step.py", "import sys; print('csv' in sys.modules)")
    ready = step.prepare(imports=["loud", "bad", "no_such_module", "csv"])
    assert ready.imported == ["loud", "csv"]
    assert ready.problem is None
    step.start("src/step.py")
    assert step.finish().status == "SUCCESS"
    assert step.log == "True\n"


def test_with_the_sdk_all_that_it_needs_is_imported_early(step: Step) -> None:
    path = os.pathsep.join([str(Path(sdk.__file__).parent), str(Path(cloudpickle.__file__).parent.parent)])
    code = """
    import sys
    loaded = set(sys.modules)
    import orchest
    orchest.output([1], "one")
    orchest.get_inputs()
    print({name for name in set(sys.modules) - loaded if name.startswith(("orchest", "cloudpickle"))})
    """
    step.run(code, prepare_imports=["orchest"], prepare_environ={"PYTHONPATH": path})
    assert step.log == "set()\n"


def test_project_modules_are_fresh_even_when_imported_early(step: Step) -> None:
    step.write("src/mine.py", "VALUE = 1")
    step.write("src/step.py", "import mine; print(mine.VALUE)")
    assert step.prepare(imports=["mine"]).imported == ["mine"]
    step.write("src/mine.py", "VALUE = 20")
    step.start("src/step.py")
    step.finish()
    assert step.log == "20\n"


def test_a_crash_while_importing_early_costs_the_early_imports_only(step: Step) -> None:
    step.write("src/deadly.py", "import os; os.abort()")
    step.write("src/step.py", "print('still here')")
    ready = step.prepare(imports=["deadly"])
    assert (ready.imported, ready.problem) == ([], None)
    step.start("src/step.py")
    assert step.finish().status == "SUCCESS"
    assert step.log == "still here\n"


def test_run_may_come_before_ready(step: Step) -> None:
    step.write("src/slow.py", "import time; time.sleep(0.3)")
    step.write("src/step.py", "print('ran')")
    step.send(protocol.Prepare(version=1, kind="python", environ={}, cwd=str(step.source), imports=["slow"]))
    step.start("src/step.py")
    assert step.finish().status == "SUCCESS"
    assert step.kinds == ["Ready", "Started", "Touched", "Finished"]


def test_no_bytecode_is_left_that_would_hide_a_second_save_in_the_same_second(step: Step) -> None:
    (step.source / "helper.py").write_text("VALUE = 1\n")
    assert step.run("import helper; print(helper.VALUE)").status == "SUCCESS"
    assert step.log == "1\n"
    assert not list(step.source.rglob("*.pyc"))
