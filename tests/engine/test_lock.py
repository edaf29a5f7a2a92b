"""One engine for a pipeline."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchest_tui.engine.lock import PipelineBusyError, PipelineLock

HOLDER = """
import sys, pathlib
from orchest_tui.engine.lock import PipelineLock
lock = PipelineLock(pathlib.Path(sys.argv[1]), "main.orchest")
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_second_one_is_told_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        lock = PipelineLock(path, "main.orchest")
        assert not lock.is_free
        with pytest.raises(PipelineBusyError, match=rf"main\.orchest is already open in process {holder.pid} on "):
            lock.acquire()
        holder.kill()
        holder.wait()
        assert lock.is_free
        lock.acquire()
        lock.release()


def test_it_can_be_taken_again(tmp_path: Path) -> None:
    lock = PipelineLock(tmp_path / "lock", "main.orchest")
    lock.acquire()
    assert str(os.getpid()) in (tmp_path / "lock").read_text()
    lock.release()
    assert (tmp_path / "lock").read_text() == ""
    lock.acquire()
    lock.release()


def test_a_missing_file_is_free(tmp_path: Path) -> None:
    assert PipelineLock(tmp_path / "lock", "main.orchest").is_free
