"""Digests of files, remembered by what their status says."""

from __future__ import annotations

import os
from pathlib import Path

from orchest_tui.engine.digests import MISSING, FileDigests, digest_bytes, notebook_code


def at(path: Path, text: str, seconds: int) -> tuple[int, int]:
    """Write ``text`` as if at ``seconds`` and return size and mtime in ns."""
    path.write_text(text)
    os.utime(path, (seconds, seconds))
    return path.stat().st_size, path.stat().st_mtime_ns


def test_content_decides(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    digests = FileDigests({})
    at(path, "x = 1\n", 1000)
    first = digests.digest(path)
    assert first == digest_bytes(b"x = 1\n")
    at(path, "x = 2\n", 1001)
    assert digests.digest(path) != first
    at(path, "x = 1\n", 1002)
    assert digests.digest(path) == first
    path.unlink()
    assert digests.digest(path) == MISSING


def test_unchanged_files_are_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    at(path, "x = 1\n", 1000)
    first = FileDigests({})
    digest = first.digest(path)
    learnt = first.take_learnt()
    assert set(learnt) == {str(path)}
    path.chmod(0)  # root may read it all the same: the stand-in digest below shows that nobody did
    known = {key: (*entry[:3], "remembered") for key, entry in learnt.items()}
    assert digest != "remembered"
    assert FileDigests(known).digest(path) == "remembered"


def test_a_file_changed_just_now_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    future = path.stat().st_mtime + 1000
    os.utime(path, (future, future))
    digests = FileDigests({})
    digests.digest(path)
    assert digests.take_learnt() == {}


def test_earlier_versions_stay_known(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    digests = FileDigests({})
    size, mtime = at(path, "x = 1\n", 1000)
    first = digests.digest(path)
    at(path, "x = 22\n", 1001)
    assert digests.digest(path) != first
    assert digests.digest_of_version(path, size, mtime) == first
    assert digests.digest_of_version(path, size, mtime + 1) is None


def test_the_present_version(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    size, mtime = at(path, "x = 1\n", 1000)
    assert FileDigests({}).digest_of_version(path, size, mtime) == digest_bytes(b"x = 1\n")


def test_what_is_no_notebook_counts_whole() -> None:
    assert notebook_code(b"{broken") == b"{broken"
    assert notebook_code(b'{"cells": 3}') == b'{"cells": 3}'
