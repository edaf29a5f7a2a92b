"""The segment format: what is written comes back, and nothing that is not whole does."""

from __future__ import annotations

import json
import multiprocessing
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchest_tui.step.sdk.orchest.segment import SegmentError, file_name, read_header, read_segment, write_segment

arrays = st.builds(lambda size, fill: np.full(size, fill, dtype=np.uint8), st.integers(0, 20_000), st.integers(0, 255))
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary(max_size=10_000), arrays)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.text(), inner, max_size=5)),
    max_leaves=20,
)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, list):
        return type(other) is list and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return type(other) is dict and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


@given(value=values)
@settings(deadline=None, max_examples=150)
def test_any_nesting_comes_back(value: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("s") / "x.seg"
    write_segment(value, path)
    assert same(value, read_segment(path))


@given(sizes=st.lists(st.integers(0, 3 << 20), max_size=6))
@settings(deadline=None, max_examples=25)
def test_parts_are_aligned_and_padded_with_zeros(sizes: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("s")
    old = folder / "old.seg"
    old.write_bytes(b"\xff" * (2 << 20))
    path = folder / "x.seg"
    written = write_segment([np.full(size, 7, dtype=np.uint8) for size in sizes], path, recycle=["old.seg"])
    content = path.read_bytes()
    assert written.bytes == len(content)
    covered = np.zeros(len(content), dtype=bool)
    parts = read_header(path)["parts"]
    for part in parts:
        assert part["offset"] % 64 == 0
        covered[part["offset"] : part["offset"] + part["length"]] = True
    gaps = np.frombuffer(content, np.uint8)[parts[0]["offset"] :][~covered[parts[0]["offset"] :]]
    assert not gaps.any()
    assert parts[-1]["offset"] + parts[-1]["length"] == len(content)


def test_equal_values_have_equal_payloads(tmp_path: Path) -> None:
    payloads = []
    for name in ("one", "a-much-longer-name-" * 9):
        value = {"a": np.arange(10_000), "b": ["x", 1.5, None]}
        write_segment(value, tmp_path / "x.seg", name=name, step=name)
        content = (tmp_path / "x.seg").read_bytes()
        payloads.append([content[p["offset"] :][: p["length"]] for p in read_header(tmp_path / "x.seg")["parts"]])
    assert payloads[0] == payloads[1]


def test_header_tells_what_is_inside(tmp_path: Path) -> None:
    write_segment({"x": np.zeros(1000)}, tmp_path / "x.seg", name="größe", step="s1")
    header = read_header(tmp_path / "x.seg")
    assert (header["version"], header["name"], header["step"], header["type"]) == (1, "größe", "s1", "builtins.dict")
    assert [part["kind"] for part in header["parts"]] == ["pickle", "buffer"]
    assert header["parts"][1]["length"] == 8000


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_segment(tmp_path / "none.seg")


@given(cut=st.floats(0, 1, exclude_max=True))
@settings(deadline=None, max_examples=60)
def test_a_file_cut_short_is_refused(cut: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("s") / "x.seg"
    write_segment({"a": np.arange(2000), "b": "text"}, path)
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * cut))
    with pytest.raises(SegmentError):
        read_segment(path)


HEADER_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)


@given(parts=HEADER_VALUES | st.lists(st.fixed_dictionaries({"kind": HEADER_VALUES, "offset": HEADER_VALUES})))
@settings(deadline=None, max_examples=100)
def test_a_header_of_nonsense_is_refused(parts: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("s") / "x.seg"
    text = json.dumps({"version": 1, "parts": parts}).encode()
    path.write_bytes(struct.pack("<8sII", b"ORCSEG01", len(text), 0) + text + bytes(200))
    with pytest.raises(SegmentError):
        read_segment(path)


@pytest.mark.parametrize("length", [5, 1 << 30, 0xFFFFFFFF])
def test_a_header_of_impossible_length_is_refused(length: int, tmp_path: Path) -> None:
    path = tmp_path / "x.seg"
    path.write_bytes(struct.pack("<8sII", b"ORCSEG01", length, 0) + b"[" * 200)
    with pytest.raises(SegmentError):
        read_header(path)


@pytest.mark.parametrize(("offset", "length"), [(-64, 10), (0, -1), (0, 1 << 62), (1 << 62, 1 << 62)])
def test_parts_outside_of_the_file_are_refused(offset: int, length: int, tmp_path: Path) -> None:
    path = tmp_path / "x.seg"
    header = {"version": 1, "parts": [{"kind": "pickle", "offset": offset, "length": length}]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<8sII", b"ORCSEG01", len(text), 0) + text + bytes(200))
    with pytest.raises(SegmentError, match="cut short"):
        read_header(path)


def test_a_newer_format_is_named(tmp_path: Path) -> None:
    text = json.dumps({"version": 2, "parts": []}).encode()
    (tmp_path / "x.seg").write_bytes(struct.pack("<8sII", b"ORCSEG01", len(text), 0) + text + bytes(64))
    with pytest.raises(SegmentError, match="version 2"):
        read_header(tmp_path / "x.seg")


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    write_segment(1, tmp_path / "x.seg")
    (tmp_path / "link.seg").symlink_to(tmp_path / "x.seg")
    os.mkfifo(tmp_path / "pipe.seg")
    with pytest.raises(OSError, match="symbolic links"):
        read_header(tmp_path / "link.seg")
    with pytest.raises(SegmentError, match="not a regular file"):
        read_header(tmp_path / "pipe.seg")


def test_an_array_outlives_its_file(tmp_path: Path) -> None:
    write_segment({"a": np.arange(100_000)}, tmp_path / "x.seg")
    array = read_segment(tmp_path / "x.seg")["a"]  # type: ignore[index]
    (tmp_path / "x.seg").unlink()
    assert array.sum() == sum(range(100_000))


def test_changes_stay_with_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "x.seg"
    write_segment(np.zeros(100_000), path)
    before = path.read_bytes()
    one, other = read_segment(path), read_segment(path)
    one[:] = 1  # type: ignore[index]
    assert path.read_bytes() == before
    assert not other.any()  # type: ignore[attr-defined]


def _fill(path: str) -> None:
    array: Any = read_segment(path)
    array += 1
    os._exit(0 if array.sum() == array.size else 1)


def test_changes_stay_with_the_reading_process(tmp_path: Path) -> None:
    path = tmp_path / "x.seg"
    write_segment(np.zeros(100_000), path)
    mine: Any = read_segment(path)
    child = multiprocessing.get_context("spawn").Process(target=_fill, args=(str(path),))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert not mine.any()
    assert not read_segment(path).any()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [None, "", "_", "a/b", "..", "ünï; x\n", "x" * 500])
def test_file_names_are_safe_and_never_the_same(name: str | None) -> None:
    one, other = file_name(name), file_name(name)
    assert one != other
    assert one == Path(one).name
    assert one.endswith(".seg")
    assert not one.startswith(".")
    assert len(one) < 100
