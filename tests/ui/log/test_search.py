"""Searches find the lines that a plain look at each of them finds, while the log grows, and can always be ended."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchest_tui.ui.log.filter import FilteredLines
from orchest_tui.ui.log.hits import HitList
from orchest_tui.ui.log.jumps import Jump, Outcome, resolve
from orchest_tui.ui.log.reader import LogFile
from orchest_tui.ui.log.scan_process import PIECE_LIMIT, finder, matching_lines
from orchest_tui.ui.log.search import ERRORS, InvalidQueryError, LineScan, Query

from .waiting import wait_until

lines_of_text = st.lists(st.text("abAB .x", max_size=6), max_size=30)


def starts_of(lines: list[str]) -> list[int]:
    return list(accumulate((len(line.encode()) + 1 for line in lines), initial=0))[: len(lines)]


@given(lines_of_text, st.lists(st.text("abAB .", min_size=1, max_size=3), min_size=1, max_size=3), st.booleans())
def test_texts_are_found_where_they_are(lines: list[str], patterns: list[str], ignore_case: bool) -> None:
    data = "".join(line + "\n" for line in lines).encode()
    query = re.compile("|".join(map(re.escape, patterns)), re.IGNORECASE if ignore_case else 0)
    wanted = [start for start, line in zip(starts_of(lines), lines, strict=True) if query.search(line)]
    assert matching_lines(data, finder(patterns, regex=False, ignore_case=ignore_case)) == wanted


@given(
    lines_of_text, st.sampled_from(["a+b", "^a", "b$", "[^a]+", "a.b", r"a\s+b", "^$", "(a|b)x", "a|^b", r"\bA", "x*"])
)
def test_expressions_match_within_a_line(lines: list[str], pattern: str) -> None:
    data = "".join(line + "\n" for line in lines).encode()
    wanted = [start for start, line in zip(starts_of(lines), lines, strict=True) if re.search(pattern, line)]
    assert matching_lines(data, finder([pattern], regex=True, ignore_case=False)) == wanted


def test_what_does_not_show_is_not_searched() -> None:
    data = b"plain\n\x1b[31mER\x1b[0mROR\r\nold state\rnew state\nERROR 31m\n"
    assert matching_lines(data, finder(["ERROR"], regex=False, ignore_case=False)) == [6, 42]
    assert matching_lines(data, finder(["ERROR$"], regex=True, ignore_case=False)) == [6]
    assert matching_lines(data, finder(["31m"], regex=False, ignore_case=False)) == [42]
    assert matching_lines(data, finder(["new state"], regex=False, ignore_case=False)) == [22]
    assert matching_lines(data, finder(["old"], regex=False, ignore_case=False)) == []


@given(st.lists(st.integers(0, 400_000), unique=True).map(sorted), st.integers(0, 400_000))
def test_a_hit_list_is_a_sorted_list(offsets: list[int], place: int) -> None:
    from array import array

    hits = HitList()
    for offset in offsets:
        hits.add(offset >> 16, array("H", [offset & 0xFFFF]).tobytes())
    assert [hits[rank] for rank in range(len(hits))] == offsets
    assert hits.rank(place) == sum(offset < place for offset in offsets)
    assert (place in hits) == (place in offsets)
    with pytest.raises(IndexError):
        hits[len(offsets)]


@pytest.mark.parametrize(
    ("text", "regex", "ignore_case"),
    [("loss", False, True), ("Loss", False, False), ("0.5", False, True), ("a.*b", True, True), ("[E]", True, False)],
)
def test_a_query_is_what_was_meant(text: str, regex: bool, ignore_case: bool) -> None:
    query = Query.parse(text)
    assert (query.regex, query.ignore_case) == (regex, ignore_case)
    assert not Query.parse(text, literal=True).regex


@pytest.mark.parametrize("text", ["(", "a**", "[z-a]", "x{99999999999}", "(?P<n"])
def test_a_bad_expression_is_told_with_a_mend(text: str) -> None:
    with pytest.raises(InvalidQueryError, match=r"is no regular expression: .*ctrl\+r"):
        Query.parse(text)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[Path, LogFile]]:
    path = tmp_path / "step.log"
    path.write_bytes(b"".join(b"line %d\n" % number for number in range(30_000)))
    file = LogFile(path)
    file.refresh()
    yield path, file
    file.close()


def hits_of(scan: LineScan) -> list[int]:
    return [scan.hits[rank] for rank in range(len(scan.hits))]


def test_a_search_goes_on_while_the_log_grows(log: tuple[Path, LogFile]) -> None:
    path, file = log
    scan = LineScan(file, Query(("line 29999", "more to")))
    wait_until(lambda: scan.done)
    assert len(scan.hits) == 1
    with path.open("ab") as stream:
        stream.write(b"more to")
    file.refresh()
    scan.advance()
    wait_until(lambda: scan.done)
    assert len(scan.hits) == 2
    with path.open("ab") as stream:
        stream.write(b" come\nand more to come\n")
    file.refresh()
    scan.advance()
    wait_until(lambda: scan.done)
    data = path.read_bytes()
    assert hits_of(scan) == [data.index(b"line 29999"), data.index(b"more to come"), data.index(b"and more")]
    scan.close()
    assert not scan.alive


@settings(max_examples=5, deadline=None)
@given(st.lists(st.sampled_from([b"hit\n", b"miss\n", b"no end", b"m" * 300_000, b"hit"]), min_size=1, max_size=5))
def test_pieces_of_any_size_give_the_same_hits(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("log") / "step.log"
    path.touch()
    file = LogFile(path)
    file.refresh()
    scan = LineScan(file, Query(("hit",)))
    for piece in pieces:
        with path.open("ab") as stream:
            stream.write(piece)
        file.refresh()
        scan.advance()
        wait_until(lambda: scan.done)
    data = b"".join(pieces)
    lines = data.split(b"\n")
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    assert hits_of(scan) == [start for start, line in zip(starts, lines, strict=False) if b"hit" in line]
    scan.close()
    file.close()


def test_lines_longer_than_any_read_are_found_by_their_start(tmp_path: Path) -> None:
    path = tmp_path / "step.log"
    long, endless = b"m" * 700_000, b"m" * (PIECE_LIMIT + 5)
    lines = [b"short", long + b"hit" + long, b"hit", long, endless + b"hit" + long, b"a hit", endless + b"hit"]
    path.write_bytes(b"\n".join(lines))
    file = LogFile(path)
    file.refresh()
    scan = LineScan(file, Query(("hit",)))
    wait_until(lambda: scan.done)
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    assert hits_of(scan) == [start for start, line in zip(starts, lines, strict=False) if b"hit" in line]
    scan.close()
    file.close()


def test_an_expression_that_takes_for_ever_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "step.log"
    path.write_bytes(b"a" * 60 + b"!\n")
    file = LogFile(path)
    file.refresh()
    scan = LineScan(file, Query(("(a+)+$",), regex=True))
    assert resolve(Jump(scan, 0, forward=True)) == (Outcome.PENDING, 0)
    scan.close()
    assert not scan.alive
    file.close()


def test_a_search_ends_with_the_program_that_began_it_though_it_was_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("a" * 60 + "\n")
    program = (
        "import sys, time; from pathlib import Path; from orchest_tui.ui.log.reader import LogFile; "
        "from orchest_tui.ui.log.search import LineScan, Query; file = LogFile(Path(sys.argv[1])); file.refresh(); "
        "scan = LineScan(file, Query(('(a+)+b',), regex=True)); scan.advance(); "
        "print(scan._process.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(log)], stdout=subprocess.PIPE, text=True) as asker:
        assert asker.stdout is not None
        searcher = Path(f"/proc/{int(asker.stdout.readline())}/stat")
        wait_until(lambda: int(searcher.read_text().rpartition(")")[2].split()[11]) > 10)  # it works on the expression
        asker.kill()
    wait_until(lambda: not searcher.exists() or ") Z" in searcher.read_text())


def test_from_hit_to_hit(tmp_path: Path) -> None:
    path = tmp_path / "step.log"
    path.write_bytes(b"ok\nERROR one\nok\nTraceback two\n")
    file = LogFile(path)
    file.refresh()
    scan = LineScan(file, ERRORS)
    wait_until(lambda: scan.done)
    assert resolve(Jump(scan, 0, forward=True)) == (Outcome.FOUND, 3)
    assert resolve(Jump(scan, 3, forward=True, inclusive=True)) == (Outcome.FOUND, 3)
    assert resolve(Jump(scan, 3, forward=True)) == (Outcome.FOUND, 16)
    assert resolve(Jump(scan, 16, forward=True)) == (Outcome.WRAPPED, 3)
    assert resolve(Jump(scan, 16, forward=False)) == (Outcome.FOUND, 3)
    assert resolve(Jump(scan, 3, forward=False)) == (Outcome.WRAPPED, 16)
    lines = FilteredLines(scan)
    assert (lines.first(), lines.last(), lines.count) == (3, 16, 2)
    assert (lines.after(0), lines.after(3), lines.after(16)) == (3, 16, None)
    assert (lines.before(0), lines.before(16)) == (None, 3)
    assert (lines.nearest(0), lines.nearest(15), lines.nearest(99)) == (3, 3, 16)
    assert lines.number(16) == 1
    scan.close()
    file.close()


def test_a_search_of_nothing_finds_nothing(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "no.log")
    file.refresh()
    scan = LineScan(file, ERRORS)
    assert scan.done
    assert resolve(Jump(scan, 0, forward=True)) == (Outcome.NOTHING, 0)
    scan.close()
