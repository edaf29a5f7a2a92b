"""Notebooks run in place, cell by cell."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.execution import protocol
from tests.step.runner.harness import Step, alive, notebook

FILE = "src/book.ipynb"


def run(step: Step, *sources: str, **options: Any) -> protocol.Finished:
    book = {key: options.pop(key) for key in ("metadata", "tags") if key in options}
    end: protocol.Finished = step.run(notebook(*sources, **book), FILE, "notebook", **options)
    return end


def saved(step: Step) -> Any:
    return json.loads((step.project / FILE).read_text())


def text_of(cell: dict[str, Any]) -> str:
    """Return all text of a cell's outputs."""
    parts = []
    for output in cell["outputs"]:
        value = output.get("text") or output.get("data", {}).get("text/plain") or output.get("traceback", "")
        parts.append("".join(value))
    return "".join(parts)


def test_outputs_progress_and_log(step: Step) -> None:
    metadata = {"kernelspec": {"name": "orchest-kernel-1", "display_name": "Env", "language": "python"}, "mine": 1}
    end = run(
        step,
        "for i in range(3): print(i)",
        "x = 5",
        "import sys; print('err', file=sys.stderr)\nx",
        "",
        "from IPython.display import display; display('shown', x * 2)",
        metadata=metadata,
    )
    assert end.status == "SUCCESS", step.log
    assert step.log == "[1] 0\n1\n2\n[3] err\n5\n[4] 'shown'\n10\n"
    book = saved(step)
    assert book["metadata"] == metadata
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 4)
    assert [cell["execution_count"] for cell in book["cells"]] == [1, 2, 3, None, 4]
    assert text_of(book["cells"][2]) == "err\n5"
    assert (step.project / FILE).read_text().startswith('{\n "cells": [\n')
    cells = [(cell.index, cell.count, cell.status) for cell in step.of(protocol.Cell)]
    assert cells == [(index, 5, status) for index in (0, 1, 2, 4) for status in ("running", "ok")]
    assert all(cell.seconds > 0 for cell in step.of(protocol.Cell) if cell.status == "ok")


def test_a_failing_cell_keeps_its_output(step: Step) -> None:
    content = json.loads(notebook("print(1)", "print(2)\n1/0", "print(3)"))
    content["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "stale"}]
    step.write(FILE, json.dumps(content))
    step.prepare("notebook")
    step.start(FILE)
    end = step.finish()
    assert (end.status, end.exit_code) == ("FAILURE", 1)
    assert end.reason == "cell 2 failed: ZeroDivisionError: division by zero"
    cells = saved(step)["cells"]
    assert [output["output_type"] for output in cells[1]["outputs"]] == ["stream", "error"]
    assert cells[2]["outputs"] == []
    assert "\x1b[" in step.log
    assert step.log.endswith("division by zero\norchest-tui: " + end.reason + "\n")
    assert step.of(protocol.Cell)[-1].status == "error"


def test_it_is_saved_after_every_cell(step: Step) -> None:
    code = "import json; print([len(c['outputs']) for c in json.load(open('book.ipynb'))['cells']])"
    assert run(step, "1", code, "3").status == "SUCCESS"
    assert text_of(saved(step)["cells"][1]) == "[1, 0, 0]\n"


def test_skip_and_raises_exception_tags(step: Step) -> None:
    end = run(step, "print(1)", "1/0", "1/0", "print(4)", tags={1: ["skip"], 2: ["raises-exception"]})
    assert end.status == "SUCCESS"
    cells = saved(step)["cells"]
    assert [cell["execution_count"] for cell in cells] == [1, None, 2, 3]
    assert [cell.status for cell in step.of(protocol.Cell)] == ["running", "ok", "skipped", *["running", "ok"] * 2]


def test_a_missing_module_is_told_without_the_runner(step: Step) -> None:
    end = run(step, "def load():\n    import nowhere_to_be_found\nload()", prepare_imports=["wave", "nowhere"])
    assert end.reason == "cell 1 failed: ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    assert step.of(protocol.Ready)[0].imported == ["wave"]
    assert "runner" not in step.log
    assert "imports.py" not in step.log


@pytest.mark.parametrize("code", ["import sys; sys.exit(0)", "def f(:"])
def test_other_failures(step: Step, code: str) -> None:
    end = run(step, "1", code)
    assert end.status == "FAILURE"
    assert str(end.reason).startswith("cell 2 failed: S")


def test_environment_folder_and_contract_of_the_sdk(step: Step, tmp_path: Path) -> None:
    code = """import json, os, sys
print(json.dumps([os.environ["SECRET"], os.getcwd(), os.path.exists(os.environ["ORCHEST_TUI_SOCKET"]),
                  list(json.load(open(os.environ["ORCHEST_TUI_INPUTS"]))), __name__,
                  [entry for entry in sys.path if "runner" in entry], os.umask(2)]))"""
    assert run(step, code, prepare_environ={"SECRET": "s"}).status == "SUCCESS", step.log
    seen = json.loads(step.log.removeprefix("[1] "))
    assert seen == ["s", str(step.source), True, ["inputs", "output_dir", "spill_dir", "recycle"], "__main__", [], 2]


def test_tools_come_last_once_the_kernel_is_there(step: Step, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "only_in_tools.py").touch()
    run(step, "import sys, only_in_tools; print(sys.path[-1])", prepare_tools=str(tools))
    assert step.log == f"[1] {tools}\n"


def test_what_it_touched(step: Step) -> None:
    step.write("src/helper.py", "import csv, colorsys")
    step.write("src/data.txt", "x")
    end = run(step, "import helper, wave", "open('data.txt').read(); open('new.txt', 'w')", prepare_imports=["wave"])
    assert end.status == "SUCCESS", step.log
    assert step.of(protocol.Ready)[0].imported == ["wave"]
    assert step.read_relative() == {FILE, "src/helper.py", "src/data.txt"}
    assert {os.path.relpath(path, step.project) for path in step.touched.written} == {FILE, "src/new.txt"}
    assert [name for name in step.touched.early_imports if name != "csv"] == ["colorsys", "wave"]
    assert step.touched.complete


def test_a_kernel_that_dies(step: Step) -> None:
    end = run(step, "1", "import os; os.write(2, b'last words'); os.kill(os.getpid(), 9)")
    assert end.status == "FAILURE"
    assert end.reason == "the kernel died in cell 2"
    assert step.log.endswith("orchest-tui: the kernel died in cell 2\n")


def test_abort_ends_the_kernel(step: Step) -> None:
    step.write(FILE, notebook("import os, time\nprint(os.getpid(), 'running', flush=True)\ntime.sleep(600)"))
    step.prepare("notebook")
    step.start(FILE)
    step.wait_for_log("running")
    step.send(protocol.Abort(grace=5))
    assert step.finish().status == "ABORTED"
    assert not alive(int(step.log.split()[1]))


def test_a_spare_takes_its_kernel_with_it(step: Step) -> None:
    step.prepare("notebook")
    assert step.process.stdin is not None
    kernels = Path(f"/proc/{step.process.pid}/task/{step.process.pid}/children")
    children = kernels.read_text().split() if kernels.exists() else []
    step.process.stdin.close()
    assert step.wait_for_end() == 0
    assert not any(alive(int(pid)) for pid in children)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"nbformat": 4}', '{"nbformat": "x", "cells": 3}'])
def test_what_is_no_notebook(step: Step, content: str) -> None:
    end = step.run(content, FILE, "notebook")
    assert end.status == "FAILURE"
    assert f"file {step.project / FILE} is no notebook: " in str(end.reason)


def test_missing_kernel(step: Step) -> None:
    end = run(step, "1", metadata={"kernelspec": {"language": "cobol"}})
    assert end.reason == "there is no kernel for cobol in this environment"


def test_older_notebook_format(step: Step) -> None:
    cell = {"cell_type": "code", "input": ["print('three')"], "outputs": [], "language": "python", "collapsed": False}
    book = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell], "metadata": {}}]}
    assert step.run(json.dumps(book), FILE, "notebook").status == "SUCCESS", step.log
    assert step.log == "[1] three\n"
    assert saved(step)["nbformat"] == 4


def test_mode_and_links_are_kept(step: Step) -> None:
    real = step.write("real.ipynb", notebook("1"))
    real.chmod(0o640)
    (step.project / FILE).symlink_to(real)
    step.prepare("notebook")
    step.start(FILE)
    assert step.finish().status == "SUCCESS"
    assert (step.project / FILE).is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert json.loads(real.read_text())["cells"][0]["execution_count"] == 1


def test_without_nbclient(make_step: Callable[..., Step], tmp_path: Path) -> None:
    (tmp_path / "nbclient.py").write_text("raise ImportError('no nbclient here')")
    step = make_step()
    step.write(FILE, notebook("1"))
    ready = step.prepare("notebook", environ={"PYTHONPATH": str(tmp_path)})
    assert "no nbclient here" in str(ready.problem)
    step.start(FILE)
    assert step.finish().reason == ready.problem
