"""Several logs as one: every line once and whole, in order of time where times are known, of arrival otherwise."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchest_tui.log_times import LineTimes, times_path
from orchest_tui.ui.log.lines import LogLines
from orchest_tui.ui.log.merge import MergedLog
from orchest_tui.ui.log.reader import LogFile
from orchest_tui.ui.log.search import LineScan, Query

from .waiting import wait_until


def merged(*paths: Path) -> tuple[MergedLog, LogLines]:
    log = MergedLog([LogFile(path) for path in paths], [LineTimes(path) for path in paths])
    lines = LogLines(log)
    lines.refresh()
    return log, lines


def tagged(log: MergedLog, lines: LogLines) -> list[tuple[int, str]]:
    """Return each line with the number of the log that it comes from."""
    found = []
    offset = lines.first()
    while offset is not None:
        found.append((log.origin(offset)[0], lines.content(offset).data.decode()))
        offset = lines.after(offset)
    return found


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(data)


def write_times(path: Path, records: list[tuple[int, float]]) -> None:
    times_path(path).write_bytes(b"".join(struct.pack("<Qd", *record) for record in records))


@pytest.fixture
def logs(tmp_path: Path) -> tuple[Path, Path]:
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    one.write_bytes(b"a1\na2\na3\n")
    two.write_bytes(b"b1\nb2\n")
    os.utime(one, (2000, 2000))
    os.utime(two, (1000, 1000))
    return one, two


def test_without_times_the_log_that_ended_first_comes_first(logs: tuple[Path, Path]) -> None:
    assert tagged(*merged(*logs)) == [(1, "b1"), (1, "b2"), (0, "a1"), (0, "a2"), (0, "a3")]


def test_with_times_lines_come_in_their_order(logs: tuple[Path, Path]) -> None:
    write_times(logs[0], [(0, 10.0), (3, 12.0), (6, 20.0)])
    write_times(logs[1], [(0, 11.0), (3, 15.0)])
    assert tagged(*merged(*logs)) == [(0, "a1"), (1, "b1"), (0, "a2"), (1, "b2"), (0, "a3")]


def test_times_that_stand_within_a_line_cut_none(logs: tuple[Path, Path]) -> None:
    write_times(logs[0], [(0, 10.0), (4, 99.0)])
    write_times(logs[1], [(0, 11.0)])
    assert tagged(*merged(*logs)) == [(0, "a1"), (0, "a2"), (0, "a3"), (1, "b1"), (1, "b2")]


def test_what_comes_later_is_taken_in_as_it_comes(logs: tuple[Path, Path]) -> None:
    log, lines = merged(*logs)
    append(logs[1], b"b3\nb4 is not")
    assert lines.refresh()
    append(logs[0], b"a4\n")
    lines.refresh()
    append(logs[1], b" finished\n")
    lines.refresh()
    assert tagged(log, lines)[5:] == [(1, "b3"), (0, "a4"), (1, "b4 is not finished")]


def test_a_line_that_never_ends_is_shown_after_some_patience(logs: tuple[Path, Path]) -> None:
    log, lines = merged(*logs)
    append(logs[0], b"Killed")
    for _ in range(30):
        lines.refresh()
    append(logs[1], b"b3\n")
    lines.refresh()
    assert tagged(log, lines)[5:] == [(0, "Killed"), (1, "b3")]
    scan = LineScan(log, Query(("Killed", "b3")))
    wait_until(lambda: scan.done)
    assert [lines.content(scan.hits[rank]).data for rank in range(len(scan.hits))] == [b"Killed", b"b3"]
    scan.close()


def test_a_log_that_starts_anew_makes_the_merge_anew(logs: tuple[Path, Path]) -> None:
    log, lines = merged(*logs)
    generation = log.generation
    logs[0].write_bytes(b"new\n")
    assert lines.refresh()
    assert log.generation > generation
    assert sorted(tagged(log, lines)) == [(0, "new"), (1, "b1"), (1, "b2")]


def test_nothing_to_merge_is_told(tmp_path: Path) -> None:
    log, lines = merged(tmp_path / "a", tmp_path / "b")
    assert log.problem == "No log yet."
    assert lines.last() is None


moves = st.lists(st.tuples(st.integers(0, 1), st.sampled_from([b"x\n", b"y\nz\n", b"part", b"\n"])), max_size=8)


@settings(max_examples=25, deadline=None)
@given(moves)
def test_every_line_is_there_once_and_in_its_logs_order(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    paths = [folder / "one.log", folder / "two.log"]
    for path in paths:
        path.touch()
    log, lines = merged(*paths)
    for number, data in moves:
        append(paths[number], data)
        lines.refresh()
    for path in paths:
        append(path, b"\n")
    lines.refresh()
    shown = tagged(log, lines)
    for number, path in enumerate(paths):
        assert [text for tag, text in shown if tag == number] == path.read_text().split("\n")[:-1]
        assert all(log.read(offset, 10_000) for offset in range(log.size))
    assert log.read(0, log.size + 1) == b"".join(text.encode() + b"\n" for _, text in shown)
    lines.close()


def test_a_line_has_the_time_of_the_last_record_before_it(tmp_path: Path) -> None:
    path = tmp_path / "step.log"
    times = LineTimes(path)
    assert not times.available
    assert times.at(0) is None
    write_times(path, [(5, 1.5), (10, 2.5)])
    append(times_path(path), b"half")
    assert times.available
    assert [times.at(offset) for offset in (0, 5, 9, 10, 1000)] == [None, 1.5, 1.5, 2.5, 2.5]
    times.close()
