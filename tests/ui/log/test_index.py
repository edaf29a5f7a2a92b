"""The index knows what splitting all the bytes at line feeds would tell."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.ui.log.index import NONE, LineIndex

contents = st.lists(
    st.sampled_from([b"\n", b"a", b"bc\n", b"\r\n", b"x" * 50, b"\n\n\n", "é模".encode()]), max_size=60
).map(b"".join)
blocks = st.integers(1, 40)


def indexed(data: bytes, block: int, cuts: list[int]) -> LineIndex:
    """Return an index of ``data`` that was handed over in pieces."""
    index = LineIndex(block)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        index.extend(data[start:end])
    return index


def reader_of(data: bytes):
    def read(offset: int, size: int) -> bytes:
        assert offset >= 0
        assert size >= 0
        return data[offset : offset + size]

    return read


@given(contents, blocks, st.lists(st.integers(0, 500), max_size=5))
def test_lines_are_those_of_splitting_at_line_feeds(data: bytes, block: int, cuts: list[int]) -> None:
    index = indexed(data, block, cuts)
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    assert index.covered == len(data)
    assert index.lines == len(lines)
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))[: len(lines)]
    assert [index.start_of(number, reader_of(data)) for number in range(len(lines))] == starts


@given(contents, blocks, st.lists(st.integers(0, 500), max_size=5))
def test_every_offset_leads_to_its_line_and_to_the_newlines_about_it(data: bytes, block: int, cuts: list[int]) -> None:
    index, read = indexed(data, block, cuts), reader_of(data)
    for offset in range(len(data) + 1):
        assert index.line_at(offset, read) == data.count(b"\n", 0, offset)
        assert index.newline_before(offset, read) == data.rfind(b"\n", 0, offset)
        assert index.newline_from(offset, read) == data.find(b"\n", offset)


@given(contents, contents, blocks)
def test_what_was_known_stays_right_while_the_log_grows(first: bytes, second: bytes, block: int) -> None:
    index = LineIndex(block)
    index.extend(first)
    read = reader_of(first + second)
    before = [index.line_at(offset, read) for offset in range(len(first) + 1)]
    index.extend(second)
    assert before == [index.line_at(offset, read) for offset in range(len(first) + 1)]
    assert index.newlines == (first + second).count(b"\n")


def test_a_line_that_is_not_there_is_refused() -> None:
    index = LineIndex()
    index.extend(b"a\nb")
    with pytest.raises(IndexError):
        index.start_of(2, reader_of(b"a\nb"))


def test_a_huge_line_costs_two_reads() -> None:
    data = b"a\n" + b"x" * 3_000_000 + b"\nend\n"
    index = LineIndex()
    index.extend(data)
    reads: list[int] = []

    def read(offset: int, size: int) -> bytes:
        reads.append(size)
        return data[offset : offset + size]

    assert index.newline_from(2, read) == 3_000_002
    assert index.newline_before(3_000_002, read) == 1
    assert len(reads) == 4
    assert max(reads) <= 64 * 1024
    assert LineIndex().newline_before(0, read) == NONE
