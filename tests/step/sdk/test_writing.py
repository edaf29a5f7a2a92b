"""Putting files in place: atomically, in recycled memory, and on disk where memory is full."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchest_tui.step.sdk.orchest import writing
from orchest_tui.step.sdk.orchest.segment import read_segment, write_segment
from orchest_tui.step.sdk.orchest.writing import NoRoomError, write_file

MEBIBYTE = 1 << 20


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_pieces_of_all_sizes_are_written_in_order(tmp_path: Path) -> None:
    pieces = [bytes([n % 251]) * size for n, size in enumerate([0, 1, 70_000, 3 * MEBIBYTE, 5, 0, MEBIBYTE, 2] * 3)]
    written = write_file(pieces, str(tmp_path / "x"))
    assert (tmp_path / "x").read_bytes() == b"".join(pieces)
    assert written == (str(tmp_path / "x"), sum(map(len, pieces)), False)


def test_nothing_is_left_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(b"old")
    monkeypatch.setattr(writing, "_write", _failing(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        write_file([b"new"], str(tmp_path / "x"))
    assert names(tmp_path) == ["x"]
    assert (tmp_path / "x").read_bytes() == b"old"


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(descriptor: int, data: bytes) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file([b"new"], str(tmp_path / "x"))
    assert names(tmp_path) == []


def _failing(number: int, below: Path | None = None) -> Any:
    """Return a write that fails with ``number`` in files below a folder, in all without one."""
    write = writing._write

    def fail(descriptor: int, data: bytes) -> int:
        if below is None or Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(below):
            raise OSError(number, os.strerror(number))
        return write(descriptor, data)

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_memory_spills(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    memory.mkdir()
    disk.mkdir()
    monkeypatch.setattr(writing, "_write", _failing(number, memory))
    written = write_segment([1, 2], memory / "x.seg", spill=disk / "x.seg")
    assert written.spilled
    assert written.path == str(disk / "x.seg")
    assert names(memory) == []
    assert read_segment(disk / "x.seg") == [1, 2]


def test_what_can_not_fit_is_not_even_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(writing, "_has_room", lambda folder, size: False)
    written = write_file([b"abc"], str(tmp_path / "x"), str(tmp_path / "disk" / "x"))
    assert written.path == str(tmp_path / "disk" / "x")
    assert not (tmp_path / "x").exists()


def test_no_room_anywhere_names_both_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(writing, "_write", _failing(errno.ENOSPC))
    with pytest.raises(NoRoomError, match=f"3 bytes fit neither in {tmp_path} nor in {tmp_path}/disk"):
        write_file([b"abc"], str(tmp_path / "x"), str(tmp_path / "disk" / "x"))
    assert names(tmp_path) == ["disk"]
    assert names(tmp_path / "disk") == []


def _make(folder: Path, **sizes: int) -> dict[str, int]:
    """Make files of random bytes; return their inodes."""
    for name, size in sizes.items():
        (folder / name).write_bytes(os.urandom(size))
    return {name: (folder / name).stat().st_ino for name in sizes}


@pytest.mark.parametrize(
    ("size", "taken"),
    [(3 * MEBIBYTE, "medium"), (4 * MEBIBYTE, "medium"), (MEBIBYTE, "small"), (20 * MEBIBYTE, "large")],
)
def test_the_best_fitting_file_is_recycled(size: int, taken: str, tmp_path: Path) -> None:
    inodes = _make(tmp_path, large=9 * MEBIBYTE, small=MEBIBYTE, medium=4 * MEBIBYTE)
    content = os.urandom(size)
    write_file([content], str(tmp_path / "x"), recycle=["large", "small", "medium", "gone"])
    assert (tmp_path / "x").stat().st_ino == inodes[taken]
    assert (tmp_path / "x").read_bytes() == content
    assert names(tmp_path) == sorted({"large", "small", "medium", "x"} - {taken})


def test_small_files_recycle_nothing(tmp_path: Path) -> None:
    _make(tmp_path, old=2 * MEBIBYTE)
    write_file([b"abc"], str(tmp_path / "x"), recycle=["old"])
    assert names(tmp_path) == ["old", "x"]


def test_only_plain_files_of_the_folder_are_recycled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    _make(tmp_path, outside=2 * MEBIBYTE)
    _make(tmp_path / "out", shared=2 * MEBIBYTE)
    (tmp_path / "out" / "link").symlink_to(tmp_path / "outside")
    os.link(tmp_path / "out" / "shared", tmp_path / "other-name")
    content = os.urandom(MEBIBYTE)
    write_file([content], str(tmp_path / "out" / "x"), recycle=["link", "shared", "../outside"])
    assert (tmp_path / "out" / "x").read_bytes() == content
    assert (tmp_path / "outside").stat().st_size == 2 * MEBIBYTE
    assert (tmp_path / "out" / "shared").stat().st_size == 2 * MEBIBYTE


def test_one_file_is_recycled_by_one_writer_only(tmp_path: Path) -> None:
    _make(tmp_path, old=2 * MEBIBYTE)
    contents = [bytes([n]) * (2 * MEBIBYTE) for n in range(8)]
    barrier = threading.Barrier(len(contents))

    def write(number: int) -> None:
        barrier.wait()
        write_file([contents[number]], str(tmp_path / f"x{number}"), recycle=["old"])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(contents))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(tmp_path / f"x{number}").read_bytes() for number in range(len(contents))] == contents


def test_readers_never_see_half_of_a_replacement(tmp_path: Path) -> None:
    path = tmp_path / "x.seg"
    write_segment(np.zeros(300_000), path)
    torn: list[Any] = []
    ready, done = threading.Event(), threading.Event()

    def read() -> None:
        while not done.is_set():
            array: Any = read_segment(path)
            if array.min() != array.max():
                torn.append(array)
            ready.set()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        write_segment(np.full(300_000, float(number)), path)
    assert ready.wait(60)
    done.set()
    reader.join()
    assert not torn
    assert read_segment(path)[0] == 59  # type: ignore[index]
