"""When lines were written: the file of times beside a log, and bars in it that become progress."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui import log_times
from orchest_tui.execution import protocol
from orchest_tui.log_times import LineTimes, times_path
from orchest_tui.step.runner.log_watch import RECORD, SNIFF_BYTES, SUFFIX, TAIL_BYTES, LogWatch
from tests.step.runner.harness import PATIENCE, Step, notebook


class Writer:
    """A log that a test writes, and the looks at it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.watch = LogWatch(str(path))

    def write(self, data: bytes, moment: float | None = None) -> bytes | None:
        """Append, as if at ``moment``, and look."""
        with self.path.open("ab") as log:
            log.write(data)
        if moment is not None:
            os.utime(self.path, (moment, moment))
        return self.watch.look()

    @property
    def records(self) -> list[tuple[int, float]]:
        return records_of(self.path)

    @property
    def offsets(self) -> list[int]:
        return [offset for offset, _ in self.records]


def records_of(log: Path) -> list[tuple[int, float]]:
    path = times_path(log)
    return list(struct.iter_unpack("<Qd", path.read_bytes())) if path.exists() else []


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path / "x.log")


def test_writer_and_reader_mean_the_same_file(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert str(times_path(log)) == str(log) + SUFFIX
    assert log_times.RECORD.format == RECORD.format


def test_what_came_between_two_looks_has_one_time(writer: Writer) -> None:
    assert writer.watch.look() is None
    before = time.time()
    assert writer.write(b"one\ntwo\n") == b"one\ntwo\n"
    assert writer.write(b"") is None
    writer.write(b"three\n")
    assert writer.offsets == [0, 8]
    assert all(before - 1 <= moment <= time.time() for _, moment in writer.records)
    times = LineTimes(writer.path)
    assert times.at(0) == times.at(4) == writer.records[0][1]
    assert times.at(8) == writer.records[1][1]
    times.close()


def test_the_files_own_time_is_taken_where_it_lies_between_the_looks(writer: Writer) -> None:
    writer.write(b"one\n")
    between = time.time()
    time.sleep(0.02)
    writer.write(b"two\n", between)
    writer.write(b"three\n", between + 3600)
    writer.write(b"four\n", between - 3600)
    moments = [moment for _, moment in writer.records]
    assert moments[1] == pytest.approx(between, abs=1e-6)
    assert between < moments[2] < between + 3600
    assert between < moments[3] < between + 3600


def test_a_record_is_the_start_of_a_line(writer: Writer) -> None:
    writer.write(b"half")
    writer.write(b" of it")
    writer.write(b", all of it\nnext")
    writer.write(b"\n")
    writer.write(b"last\n")
    assert writer.offsets == [0, 22, 27]


def test_a_bar_that_is_rewritten_for_hours_takes_no_room(writer: Writer) -> None:
    for number in range(50):
        writer.write(b"\r%d%%" % number)
    assert writer.offsets == [0]


def test_a_very_long_line_has_times_within_it(writer: Writer) -> None:
    writer.write(b"x")
    writer.write(b"x" * SNIFF_BYTES)
    assert writer.offsets == [0, 1]


def test_the_tail_is_short(writer: Writer) -> None:
    assert writer.write(b"a" * 5000 + b"b" * TAIL_BYTES) == b"b" * TAIL_BYTES


def test_a_second_attempt_goes_on_with_the_times_of_the_first(writer: Writer) -> None:
    writer.write(b"one\n")
    again = Writer(writer.path)
    assert again.watch.look() is None
    again.write(b"two\n")
    assert writer.offsets == [0, 4]


def test_half_a_record_of_a_writer_that_was_killed_does_no_harm(writer: Writer) -> None:
    writer.write(b"one\n")
    with times_path(writer.path).open("ab") as times:
        times.write(b"12345")
    again = Writer(writer.path)
    again.write(b"two\n")
    assert writer.offsets == [0, 4]


def test_a_log_that_is_cut_begins_anew(writer: Writer) -> None:
    writer.write(b"one\ntwo\n")
    writer.write(b"three\n")
    writer.path.write_bytes(b"")
    assert writer.watch.look() == b""
    assert writer.offsets == []
    writer.write(b"new\n")
    writer.write(b"newer\n")
    assert writer.offsets == [0, 4]


@pytest.mark.parametrize("obstacle", ["link", "folder", "pipe"])
def test_what_the_step_put_in_the_way_is_not_written_to(writer: Writer, tmp_path: Path, obstacle: str) -> None:
    prey = tmp_path / "prey"
    prey.write_bytes(b"precious")
    place = times_path(writer.path)
    if obstacle == "link":
        place.symlink_to(prey)
    elif obstacle == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    assert writer.write(b"one\n") == b"one\n"
    assert writer.write(b"two\n") == b"one\ntwo\n"
    assert prey.read_bytes() == b"precious"


def test_a_log_that_is_no_file_is_let_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.log")
    assert LogWatch(str(tmp_path / "x.log")).look() is None
    assert LogWatch(str(tmp_path)).look() is None


@given(st.lists(st.binary(max_size=30).map(lambda data: data.replace(b"\x00", b"\n")), max_size=12))
def test_every_line_has_the_time_of_a_look_at_or_after_its_beginning(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    writer = Writer(tmp_path_factory.mktemp("log") / "x.log")
    looks, whole = [], b""
    for number, piece in enumerate(pieces):
        writer.watch._looked = 0.0  # so that the times of the test count
        writer.write(piece, float(number + 1))
        whole += piece
        looks.append(len(whole))
    assert writer.offsets == sorted(writer.offsets)
    times = LineTimes(writer.path)
    starts = [0] * bool(whole) + [
        place + 1 for place, byte in enumerate(whole) if byte == 10 and place + 1 < len(whole)
    ]
    for start in starts:
        written = next(number for number, size in enumerate(looks) if size > start) + 1
        assert times.at(start) == written
    times.close()


# -- the runner ---------------------------------------------------------------------------------------------------


def wait(step: Step, condition: Callable[[], bool]) -> None:
    """Read what the runner says until ``condition`` holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, (step.messages, step.log)
        assert step._read(deadline), step.log


def test_a_running_steps_log_has_times(step: Step) -> None:
    began = time.time()
    finished = step.run("""
        import time
        print("first")
        time.sleep(1.5)
        print("second")
        """)
    assert finished.status == "SUCCESS"
    first, second = records_of(step.log_file)
    assert (first[0], second[0]) == (0, 6)
    assert began <= first[1] < second[1] - 1.0 < finished.time


def test_the_shortest_step_has_times_too(step: Step) -> None:
    step.run("print('x')\nraise SystemExit(3)")
    assert [offset for offset, _ in records_of(step.log_file)] == [0]


BAR = r"""
import sys, time
print("begin")
for number in range(30, 34):
    sys.stderr.write(f"\r{{number}}%|███       | {{number}}/100 [00:01<00:02]")
    time.sleep(0.3)
{more}
sys.stderr.write("\nover\n")
time.sleep(3600)
"""


def test_a_bar_in_the_log_is_progress_until_it_ends(step: Step) -> None:
    step.write("src/step.py", BAR.format(more=""))
    step.prepare()
    step.start("src/step.py")
    wait(step, lambda: protocol.Progress(fraction=None) in step.messages)
    told = step.of(protocol.Progress)
    assert all(progress.text == f"{round(progress.fraction * 100)}/100" for progress in told[:-1])
    assert told[-2].fraction == 0.33
    assert told[-1] == protocol.Progress(fraction=None, text="")


def test_what_the_step_tells_itself_is_worth_more_than_a_bar(step: Step) -> None:
    step.write("src/step.py", "import orchest\norchest.progress(0.9, 'mine')\n" + BAR.format(more="print('done')"))
    step.prepare(environ={"PYTHONPATH": str(Path(__file__).parents[3] / "orchest_tui" / "step" / "sdk")})
    step.start("src/step.py")
    step.wait_for_log("over")
    count = len(step.of(protocol.Usage))
    wait(step, lambda: len(step.of(protocol.Usage)) > count + 1)
    assert step.of(protocol.Progress) == [protocol.Progress(fraction=0.9, text="mine")]


def test_a_notebooks_progress_is_its_cells(step: Step) -> None:
    source = "import sys, time\nsys.stdout.write('\\r30%|███ | 30/100')\nsys.stdout.flush()\ntime.sleep(1.5)"
    step.run(notebook(source), "src/step.ipynb", "notebook")
    assert step.of(protocol.Cell)
    assert not step.of(protocol.Progress)
    assert records_of(step.log_file)
