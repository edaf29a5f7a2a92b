"""Telling a person's save from what steps write."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchest_tui.engine.saves import Saves

BEGAN, ENDED = 1_000_000, 2_000_000


@pytest.fixture
def saves(tmp_path: Path) -> Saves:
    """Saves after a run; ``step.py`` is what a step depends on."""
    saves = Saves(lambda: {tmp_path / "step.py"})
    saves.run_began(BEGAN)
    saves.run_ended(ENDED)
    return saves


def changed(path: Path, mtime_ns: int) -> Path:
    """Make a file that was changed at ``mtime_ns``."""
    path.write_text("x")
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


def test_after_the_run_it_was_a_person(saves: Saves, tmp_path: Path) -> None:
    assert saves.any_save([changed(tmp_path / "notes.txt", ENDED + 1)])
    assert saves.any_save([changed(tmp_path / "notes.txt", BEGAN - 1)])


def test_during_the_run_it_was_a_step_unless_steps_depend_on_the_file(saves: Saves, tmp_path: Path) -> None:
    assert not saves.any_save([changed(tmp_path / "trace.txt", BEGAN + 1)])
    assert saves.any_save([changed(tmp_path / "step.py", BEGAN + 1)])


def test_what_a_step_left_is_no_save_until_it_is_changed(saves: Saves, tmp_path: Path) -> None:
    book = changed(tmp_path / "step.py", ENDED + 5)
    saves.written([book])
    assert not saves.any_save([book])
    assert saves.any_save([book, changed(tmp_path / "other.txt", ENDED + 1)])
    changed(book, ENDED + 6)
    assert saves.any_save([book])


def test_folders_and_files_that_are_gone(saves: Saves, tmp_path: Path) -> None:
    assert not saves.any_save([tmp_path, tmp_path / "gone.txt"])
    assert saves.any_save([tmp_path / "step.py"])
    assert not saves.any_save([])
