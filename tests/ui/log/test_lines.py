"""Lines of real files: growing, cut short, replaced, removed, without an end, and before they are counted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchest_tui.ui.log import lines as lines_module
from orchest_tui.ui.log.lines import LINE_LIMIT, LogLines
from orchest_tui.ui.log.reader import LogFile

from .waiting import wait_until


def opened(path: Path) -> LogLines:
    lines = LogLines(LogFile(path))
    lines.refresh()
    return lines


def walked(lines: LogLines) -> list[bytes]:
    """Return all lines from the first to the last."""
    found = []
    offset = lines.first()
    while offset is not None:
        found.append(lines.content(offset).data)
        offset = lines.after(offset)
    return found


def walked_back(lines: LogLines) -> list[bytes]:
    """Return all lines from the last to the first."""
    found = []
    offset = lines.last()
    while offset is not None:
        found.append(lines.content(offset).data)
        offset = lines.before(offset)
    return found


def split(data: bytes) -> list[bytes]:
    """Return what the lines of ``data`` are."""
    parts = data.split(b"\n")
    return parts if parts[-1] else parts[:-1]


chunks = st.lists(st.sampled_from([b"\n", b"line\n", b"no end", b"\r\n", b"w" * 70_000, b"\n\n"]), max_size=8).map(
    b"".join
)


@settings(max_examples=40, deadline=None)
@given(st.lists(chunks, min_size=1, max_size=4))
def test_a_growing_file_is_walked_both_ways(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("log") / "step.log"
    path.touch()
    lines = opened(path)
    data = b""
    for piece in pieces:
        with path.open("ab") as stream:
            stream.write(piece)
        data += piece
        lines.refresh()
        expected = split(data)
        assert [line[:100] for line in walked(lines)] == [line[:100] for line in expected]
        assert [line[:100] for line in walked_back(lines)] == [line[:100] for line in reversed(expected)]
        assert lines.count == len(expected)
    lines.close()


@settings(max_examples=30, deadline=None)
@given(chunks)
def test_what_is_not_counted_yet_is_found_as_well(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("log") / "step.log"
    path.write_bytes(data)
    lines = LogLines(LogFile(path))
    lines.source.refresh()  # the file is known, nothing of it is counted
    assert lines.index.covered == 0
    assert len(walked(lines)) == len(walked_back(lines)) == len(split(data))
    assert lines.number(len(data) + 1) is None
    lines.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "step.log"
    path.write_bytes(b"one\ntwo\nthree")
    return path


def test_an_unfinished_line_goes_on(log: Path) -> None:
    lines = opened(log)
    assert walked(lines)[-1] == b"three"
    with log.open("ab") as stream:
        stream.write(b" and a half\n")
    assert lines.refresh()
    assert walked(lines) == [b"one", b"two", b"three and a half"]
    assert not lines.refresh()


@pytest.mark.parametrize("again", [b"new\n", b"other\nlines\nthan\nbefore\nand\nmore\nof\nthem\n", b"ONE\nTWO\nTHREE"])
def test_a_file_that_is_cut_and_written_anew_is_another_log(log: Path, again: bytes) -> None:
    lines = opened(log)
    generation = lines.source.generation
    os.truncate(log, 0)
    if len(again) <= 13:
        lines.refresh()
    with log.open("r+b") as stream:
        stream.write(again)
    assert lines.refresh()
    assert lines.source.generation > generation
    assert walked(lines) == split(again)


def test_a_file_that_is_replaced_is_another_log(log: Path) -> None:
    lines = opened(log)
    other = log.with_name("other")
    other.write_bytes(b"quite other")
    other.replace(log)
    assert lines.refresh()
    assert walked(lines) == [b"quite other"]


def test_a_file_that_is_removed_can_still_be_read(log: Path) -> None:
    lines = opened(log)
    log.unlink()
    assert not lines.refresh()
    assert walked(lines) == [b"one", b"two", b"three"]


def test_a_file_that_comes_later_is_opened_then(tmp_path: Path) -> None:
    lines = opened(tmp_path / "later.log")
    assert lines.first() is None
    assert lines.last() is None
    assert lines.source.problem == "No log yet."
    (tmp_path / "later.log").write_bytes(b"here\n")
    assert lines.refresh()
    assert not lines.source.problem
    assert walked(lines) == [b"here"]


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in opened(tmp_path / "pipe").source.problem
    assert "is not a file" in opened(tmp_path).source.problem


def test_much_is_counted_in_a_thread(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    path.write_bytes(b"a line of thirty-two characters.\n" * 200_000)
    lines = opened(path)
    wait_until(lambda: lines.refresh() or lines.count is not None)
    assert lines.count == 200_000
    last = lines.last()
    assert last is not None
    assert lines.number(last) == 199_999
    lines.close()


def test_of_a_huge_line_the_start_is_shown_or_the_last_states_of_its_progress(tmp_path: Path) -> None:
    path = tmp_path / "step.log"
    path.write_bytes(
        b"start" + b"x" * 200_000 + b"\n" + b"\r".join(b"%d of 50000" % n for n in range(50_000)) + b"\nend\n"
    )
    lines = opened(path)
    huge, bar, end = (lines.content(offset) for offset in (0, 200_006, lines.last() or 0))
    assert huge.data.startswith(b"start")
    assert huge.length == 200_005
    assert len(huge.data) == LINE_LIMIT
    assert bar.data.endswith(b"\r49999 of 50000")
    assert bar.length > len(bar.data)
    assert end.data == b"end"


def test_a_line_without_end_is_taken_in_pieces_until_it_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "_SCAN", 100_000)
    path = tmp_path / "step.log"
    path.write_bytes(b"x" * 1_000_000)
    lines = LogLines(LogFile(path))
    lines.source.refresh()
    assert len(walked(lines)) == 10
    assert lines.last() == 899_999
    lines.refresh()
    assert lines.last() == 0
    assert len(walked(lines)) == 1
