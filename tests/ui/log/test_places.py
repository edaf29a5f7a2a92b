"""The files and lines that an error in a log names."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchest_tui.ui.log.model import LogModel, ViewedLog
from orchest_tui.ui.log.painter import Appearance
from orchest_tui.ui.log.places import Place, error_places, places

PYTHON = """\
starting
Traceback (most recent call last):
  File "/project-dir/train.py", line 12, in <module>
    fit(1)
  File "/project-dir/lib/model.py", line 3, in fit
    raise ValueError("bad")
ValueError: bad
\x1b[31mafter other.py:99\x1b[0m
"""
IPYTHON = """\
\x1b[0;31m---------------------------------------------------------------------------\x1b[0m
\x1b[0;31mZeroDivisionError\x1b[0m                         Traceback (most recent call last)
Cell \x1b[0;32mIn[2], line 1\x1b[0m
\x1b[0;32m----> 1\x1b[0m f()

File \x1b[0;32m/project-dir/helper.py:2\x1b[0m, in \x1b[0;36mf\x1b[0;34m()\x1b[0m
\x1b[1;32m      1\x1b[0m def f():
\x1b[0;32m----> 2\x1b[0m     1 / 0

\x1b[0;31mZeroDivisionError\x1b[0m: division by zero
and then far.py:7
"""


def model_of(folder: Path, text: str) -> LogModel:
    path = folder / "step.log"
    path.write_text(text)
    return LogModel([ViewedLog(path)], Appearance())


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('  File "/project-dir/a b.py", line 12, in f', Place("/project-dir/a b.py", 12)),
        ("File /project-dir/helper.py:2, in f()", Place("/project-dir/helper.py", 2)),
        ("    at Object.<anonymous> (/project-dir/plot.js:3:7)", Place("/project-dir/plot.js", 3)),
        (" [1] fit(x::Int64) @ Main /project-dir/fit.jl:4", Place("/project-dir/fit.jl", 4)),
        ("load.sh: line 7: nope: command not found", Place("load.sh", 7)),
        ("/project-dir/load.sh: line 7: nope", Place("/project-dir/load.sh", 7)),
    ],
)
def test_a_line_names_a_place(line: str, place: Place) -> None:
    assert places([line])[0] == place


@pytest.mark.parametrize("line", ["12:00:41 epoch 1/10", "ratio 3:2", "ValueError: no such luck", ""])
def test_other_lines_name_none(line: str) -> None:
    assert places([line]) == []


def test_the_last_error_is_meant_where_none_was_jumped_to(tmp_path: Path) -> None:
    for text, wanted in (
        (PYTHON, [Place("/project-dir/lib/model.py", 3), Place("/project-dir/train.py", 12)]),
        (IPYTHON, [Place("/project-dir/helper.py", 2)]),
    ):
        model = model_of(tmp_path, text)
        assert error_places(model) == wanted
        model.close()


def test_the_error_jumped_to_is_meant(tmp_path: Path) -> None:
    text = PYTHON + PYTHON.replace("model.py", "later.py") + "ERROR without a file\n" + "fine\n" * 3
    model = model_of(tmp_path, text)
    assert error_places(model) == [], "the last error names no file"
    model.look.current = text.index("Traceback")
    assert error_places(model)[0] == Place("/project-dir/lib/model.py", 3)
    model.look.current = text.rindex("Traceback")
    assert error_places(model)[0] == Place("/project-dir/lib/later.py", 3)
    model.close()


def test_the_line_that_names_the_error_leads_to_its_traceback(tmp_path: Path) -> None:
    text = PYTHON.replace("ValueError: bad", "lib.BadException: bad")
    model = model_of(tmp_path, text)
    model.look.current = text.index("lib.BadException")
    assert error_places(model)[0] == Place("/project-dir/lib/model.py", 3)
    model.close()


def test_a_log_without_errors_names_none(tmp_path: Path) -> None:
    model = model_of(tmp_path, "fine\n" * 5000)
    assert error_places(model) == []
    model.close()
    model = model_of(tmp_path, "")
    assert error_places(model) == []
    model.close()
