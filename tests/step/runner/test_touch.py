"""What a step is seen to have used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from orchest_tui.execution import protocol
from orchest_tui.step.runner.files import Roots
from tests.step.runner.harness import Step


def test_files_read_and_written(step: Step) -> None:
    step.write("data/in.csv", "a,b\n")
    code = """
    import os, pathlib, shutil, tempfile
    open("../data/in.csv").read(); open(b"../data/in.csv").read()
    pathlib.Path("out.txt").write_text("x"); open("out.txt").read()
    with open("log.txt", "a") as f: f.write("y")
    with tempfile.NamedTemporaryFile("w", delete=False) as f: f.write("z")
    shutil.move(f.name, "moved.txt")
    open("part", "w").close(); os.replace("part", "whole")
    fd = os.open("raw.bin", os.O_RDWR | os.O_CREAT | os.O_TRUNC); os.close(fd)
    try: open("absent.csv")
    except FileNotFoundError: pass
    os.listdir("."); open("/etc/hostname").read()
    """
    assert step.run(code).status == "SUCCESS", step.log
    written = {os.path.relpath(path, step.project) for path in step.touched.written}
    assert step.read_relative() == {"src/step.py", "data/in.csv"}
    assert written == {f"src/{name}" for name in ("out.txt", "log.txt", "moved.txt", "part", "whole", "raw.bin")}
    assert step.touched.complete


def test_size_and_time_are_those_of_the_first_reading(step: Step) -> None:
    data = step.write("src/data.txt", "old")
    before = data.stat()
    step.run("open('data.txt').read(); open('data.txt', 'w').write('much newer'); open('data.txt').read()")
    entry = {Path(read.path).name: read for read in step.touched.read}["data.txt"]
    assert (entry.size, entry.mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert step.touched.written == [str(data)]


@pytest.mark.parametrize("runs", [1, 2])
def test_imported_project_modules_are_told_by_their_source(make_step: Callable[..., Step], runs: int) -> None:
    step = make_step()
    step.write("src/helper.py", "from pkg import inner")
    step.write("src/pkg/__init__.py", "")
    step.write("src/pkg/inner.py", "X = 1")
    step.run("import helper")
    if runs == 2:  # now with byte code beside the sources
        again = Step(step.project.parent)
        again.run("import helper")
        again.close()
        step = again
    assert step.read_relative() == {"src/step.py", "src/helper.py", "src/pkg/__init__.py", "src/pkg/inner.py"}
    assert step.touched.written == []


def test_a_failed_or_killed_step_tells_what_it_had_read(step: Step) -> None:
    step.write("src/data.txt", "x")
    step.run("import os; open('data.txt').read(); os.kill(os.getpid(), 9)")
    assert step.read_relative() == {"src/step.py", "src/data.txt"}


def test_forked_processes_are_seen_and_others_admitted(step: Step) -> None:
    step.write("src/data.txt", "x")
    code = """
    import multiprocessing
    def work(_): return open("data.txt").read()
    if __name__ == "__main__":
        with multiprocessing.get_context("fork").Pool(1) as pool: pool.map(work, [1])
    """
    step.run(code)
    assert "src/data.txt" in step.read_relative()
    assert step.touched.complete


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import multiprocessing as m\nif __name__ == '__main__': m.get_context('spawn').Pool(1).map(abs, [1])",
    ],
)
def test_what_cannot_be_seen_is_admitted(step: Step, code: str) -> None:
    assert step.run(code).status == "SUCCESS", step.log
    assert not step.touched.complete


def test_too_many_files(step: Step) -> None:
    step.run("for n in range(2100): open(f'f{n}', 'w').close()")
    assert not step.touched.complete
    assert 1000 < len(step.touched.written) <= 2000


def test_recording_can_be_left_out(step: Step) -> None:
    step.run("open('x', 'w')", touch=False)
    assert step.of(protocol.Touched) == []


def test_parameters_are_gathered(step: Step) -> None:
    code = """
    import json, os, socket
    for step, pipeline in ((["a"], []), (["b", "a"], ["*"])):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.connect(os.environ["ORCHEST_TUI_SOCKET"])
            s.send(json.dumps({"type": "parameters", "step": step, "pipeline": pipeline}).encode())
    """
    step.run(code)
    assert step.touched.step_parameters == ["a", "b"]
    assert step.touched.pipeline_parameters == ["*"]


def test_early_imports_are_those_before_the_first_change(step: Step) -> None:
    step.write("src/mine.py", "import html.parser")
    step.write("src/other.py", "import wave")
    code = """
    import csv
    from xml.dom import minidom, Node
    import mine
    def late():
        import colorsys
    late()
    import csv
    import os
    os.environ["X"] = "1"
    import other, mailbox
    """
    assert step.run(code, prepare_imports=["csv"]).status == "SUCCESS", step.log
    names = step.touched.early_imports
    assert names == ["csv", "xml.dom", "xml.dom.minidom", "html.parser", "colorsys"]


@pytest.mark.parametrize(
    "change",
    [
        "import sys; sys.path.append('/x')",
        "import os; os.chdir('/')",
        "import os; os.environ.pop('A')",
        "import sys; sys.meta_path.append(None); sys.meta_path.pop(); sys.meta_path.append(sys.meta_path[0])",
    ],
)
@pytest.mark.parametrize("early", [[], ["colorsys"]])
def test_no_change_is_missed(step: Step, change: str, early: list[str]) -> None:
    step.run(f"import csv\n{change}\nimport colorsys", prepare_environ={"A": "1"}, prepare_imports=early)
    assert step.touched.early_imports == ["csv"]


def test_changes_that_an_import_makes_come_with_it(step: Step, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "bossy.py").write_text("import os; os.environ['BOSSY'] = '1'")
    step.run("import bossy, colorsys", prepare_environ={"PYTHONPATH": str(tmp_path / "site")})
    assert step.touched.early_imports == ["bossy", "colorsys"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/p/a.py", "/p/a.py"),
        ("/p/../etc/passwd", None),
        ("/q/../p/a", "/p/a"),
        ("/pq/a", None),
        ("/p/__pycache__/a.pyc", None),
        ("/p/.orchest/tui/x/log", None),
        ("/p/.orchest/pipelines/x", None),
        ("/p/.orchest/environments/x", "/p/.orchest/environments/x"),
        ("/p/venv/lib/python3.11/site-packages/a.py", None),
        ("", None),
        ("/p", None),
    ],
)
def test_roots(path: str, found: str | None) -> None:
    assert Roots(["/p", "/data"]).find(path) == found


def test_links_to_a_root_are_seen_through(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    roots = Roots([str(tmp_path / "link")])
    assert roots.find(str(tmp_path / "real" / "a")) == str(tmp_path / "link" / "a")
    assert roots.find(str(tmp_path / "link" / "a")) == str(tmp_path / "link" / "a")
