"""Steps that other interpreters run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchest_tui.step.runner.command import INTERPRETERS, suffix_of
from tests.step.runner.harness import Step


@pytest.mark.parametrize(
    ("path", "suffix"),
    [("/a/x.sh", "sh"), ("/a/x", "sh"), ("/dir.v1/script", "sh"), ("/a/x.tar.R", "r"), ("/a/x.PY", "py"), ("x.", "")],
)
def test_suffix(path: str, suffix: str) -> None:
    assert suffix_of(path) == suffix


@pytest.mark.parametrize("name", ["src/step.sh", "src/step"])
def test_shell(step: Step, name: str) -> None:
    code = """
    echo "out $0 $# $A"; echo err >&2; cat; [[ -n x ]] && pwd
    yes | head -1
    exit 3
    """
    end = step.run(code, name=name, kind="command", prepare_environ={"A": "b"})
    assert (end.status, end.exit_code, end.reason) == ("FAILURE", 3, "exit code 3")
    file = step.project / name
    assert step.log == f"out {file} 0 b\nerr\n{step.source}\ny\norchest-tui: exit code 3\n"
    assert not step.touched.complete
    assert [read.path for read in step.touched.read] == [str(file)]


@pytest.mark.parametrize(
    ("suffix", "code"), [("R", 'cat("hello\\n")'), ("js", 'console.log("hello")'), ("py", "print('hello')")]
)
def test_other_languages(step: Step, suffix: str, code: str) -> None:
    if not any(map(shutil.which, INTERPRETERS[suffix.lower()])):
        pytest.skip(f"no interpreter for .{suffix} here")
    end = step.run(code, name=f"src/step.{suffix}", kind="command")
    assert end.status == "SUCCESS", step.log
    assert step.log == "hello\n"


def test_missing_interpreter(step: Step, tmp_path: Path) -> None:
    end = step.run("1", name="src/step.jl", kind="command", prepare_environ={"PATH": str(tmp_path)})
    assert (end.status, end.exit_code) == ("FAILURE", 127)
    assert end.reason == "julia is not installed in this environment"
    assert step.log == f"orchest-tui: {end.reason}\n"


def test_shell_without_bash(step: Step, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "sh").symlink_to(str(shutil.which("sh")))
    assert step.run("echo hello", "src/x.sh", kind="command", prepare_environ={"PATH": str(tools)}).status == "SUCCESS"
    assert step.log == "hello\n"


def test_unknown_suffix(step: Step) -> None:
    end = step.run("1", name="src/step.foo", kind="command")
    assert end.status == "FAILURE"
    assert end.reason == "files that end in .foo can't be run"


def test_missing_file(step: Step) -> None:
    step.prepare("command")
    step.start("src/none.sh")
    assert step.finish().reason == f"file {step.source / 'none.sh'} is missing"
