"""What benchmarks of screens reckon with: an emulated terminal, the age of what it shows, the stream of lines."""

from __future__ import annotations

import pytest

from benchmarks.screens.processes import status_number
from benchmarks.screens.replay import Chunk, Frame, Newest, Replay, ages, most, newest_in, newest_on
from benchmarks.screens.stream import endings, numbered


def test_a_frame_is_what_the_terminal_shows_then() -> None:
    replay = Replay((20, 3))
    assert replay.feed(Chunk(1.0, b"\x1b[?2026h\x1b[1;1Hold\x1b[2;3Hrow")).rows[:2] == [
        "old".ljust(20),
        "  row".ljust(20),
    ]
    frame = replay.feed(Chunk(2.0, b"\x1b[>25u\x1b[1;1H\x1b[1;31mnew\x1b[0m\x1b[<u"))
    assert (frame.at, frame.rows[0].rstrip()) == (2.0, "new")


def test_a_character_may_come_in_two_chunks() -> None:
    replay = Replay((20, 1))
    replay.feed(Chunk(1.0, "▸".encode()[:1]))
    assert replay.feed(Chunk(2.0, "▸".encode()[1:])).rows == ["▸".ljust(20)]


def test_the_newest_line_on_a_screen() -> None:
    rows = ["log  FOLLOW", "│0000000041 7.000 INFO  one", "│0000000042 7.250 WARN  two │", "0000000043", ""]
    assert newest_on(Frame(8.0, rows)) == Newest(8.0, 42, 7.25)
    assert newest_on(Frame(8.0, ["nothing yet"])) is None


def test_the_newest_line_in_plain_bytes() -> None:
    data = numbered(5, 9, 3.5, endings(colour=True))
    assert newest_in(Chunk(4.0, data)) == Newest(4.0, 8, 3.5)
    assert newest_in(Chunk(4.0, b"no line")) is None


def test_lines_age_until_newer_ones_are_shown() -> None:
    shown = [None, Newest(0.0, 1, 0.0), Newest(2.0, 9, 1.5)]
    assert ages(shown, 0.0, 4.0, step=1.0) == [0.0, 1.0, 0.5, 1.5]
    assert ages(shown, 1.0, 3.0, step=1.0) == [1.0, 0.5]


def test_nothing_has_an_age_before_it_is_shown() -> None:
    assert ages([Newest(2.0, 1, 2.0)], 0.0, 4.0, step=1.0) == [0.0, 1.0]
    assert ages([], 0.0, 4.0) == []


def test_what_most_samples_do_not_exceed() -> None:
    assert most([float(number) for number in range(100)]) == 95.0
    assert most([3.0]) == 3.0
    with pytest.raises(ValueError, match="no samples"):
        most([])


@pytest.mark.parametrize("colour", [False, True])
def test_the_stream_numbers_its_lines(colour: bool) -> None:
    lines = numbered(998, 1002, 12.3456, endings(colour=colour)).decode().splitlines()
    assert [line.split()[:2] for line in lines] == [[f"{number:010d}", "12.346"] for number in range(998, 1002)]
    assert all(("\x1b[" in line) == colour for line in lines)


def test_a_number_in_the_status_of_a_process() -> None:
    assert status_number("Name:\tpython\nVmRSS:\t   41234 kB\n", "VmRSS") == 41234
    with pytest.raises(ValueError, match="VmHWM"):
        status_number("Name:\tpython\n", "VmHWM")
