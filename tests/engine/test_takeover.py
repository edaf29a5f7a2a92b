"""Taking a pipeline over: two real processes, a step that goes on, and everything that keeps it from happening."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from orchest_tui.engine.history import History
from orchest_tui.engine.lock import Holder, PipelineBusyError, PipelineLock
from orchest_tui.engine.takeover import EXIT_TAKEN_OVER, TakeOverError, successor, take_over
from tests.engine.workshop import Workshop, json_events, wait_until

WAITING = """
    import os, pathlib, time
    print(os.getpid(), flush=True)
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
    print("went on")
"""

HOLDER = """
import os, signal, sys, pathlib
from orchest_tui.engine.lock import PipelineLock
lock = PipelineLock(pathlib.Path(sys.argv[1]), "main.orchest")
if sys.argv[2] == "hands over":
    signal.signal(signal.SIGUSR1, lambda *_: lock.release())
if sys.argv[2] == "keeps it":
    signal.signal(signal.SIGUSR1, lambda *_: print("asked", flush=True))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holder_of(path: Path, manner: str) -> Iterator[subprocess.Popen[str]]:
    """Give another process that has the lock; ``manner`` is what it does when it is asked."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), manner], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


def test_a_run_goes_on_in_the_newcomer(workshop: Workshop) -> None:
    workshop.step("waiter", WAITING)
    workshop.step("after", "print('scheduled by the newcomer')", "waiter")
    with workshop.started("run", "--all") as first:
        wait_until(lambda: "\n" in workshop.log(1, "waiter"), "the first step")
        with workshop.started("run", "--stale", "--take-over", "--json") as second:
            out, err = first.communicate(timeout=120)
            assert first.returncode == EXIT_TAKEN_OVER, out + err
            [line] = err.strip().splitlines()
            assert line.startswith(f"main.orchest was taken over by process {second.pid} on ")
            assert line.endswith("; run 1 goes on there.")
            workshop.write("go", "")
            told, complaints = second.communicate(timeout=120)
            assert second.returncode == 0, told + complaints
    assert workshop.log(1, "waiter").splitlines()[1:] == ["went on"], "the step was begun anew"
    assert workshop.log(1, "after") == "scheduled by the newcomer\n"
    ends = [event for event in json_events(told) if event["event"] == "run_finished"]
    assert (ends[0]["run"], ends[0]["status"]) == (1, "SUCCESS")
    history = History(workshop.layout.history_file, read_only=True)
    assert history.runs()[-1].status == "SUCCESS"
    history.close()


def test_waiting_for_saves_ends_when_somebody_takes_over(workshop: Workshop) -> None:
    workshop.step("load", "print('loading')")
    with workshop.started("run", "--watch") as first:
        wait_until(lambda: bool(workshop.log(1, "load")), "the first run")
        second = workshop.command("run", "--all", "--take-over")
        assert second.returncode == 0, second.stderr
        assert first.wait(120) == EXIT_TAKEN_OVER


def test_without_the_option_nobody_is_asked(workshop: Workshop) -> None:
    workshop.step("waiter", WAITING)
    with workshop.started("run", "--all") as first:
        wait_until(lambda: "\n" in workshop.log(1, "waiter"), "the first step")
        second = workshop.command("run", "--all")
        assert second.returncode == 2
        assert f"already open in process {first.pid} on " in second.stderr
        assert "--take-over" in second.stderr
        assert first.poll() is None
        workshop.write("go", "")
        assert first.wait(120) == 0


def test_the_successor_is_the_one_that_has_it(tmp_path: Path) -> None:
    lock = PipelineLock(tmp_path / "lock", "main.orchest")
    with holder_of(tmp_path / "lock", "hands over") as holder:
        assert successor(lock).startswith(f"process {holder.pid} on {os.uname().nodename} (")


def test_one_that_lets_go_is_succeeded(tmp_path: Path) -> None:
    lock = PipelineLock(tmp_path / "lock", "main.orchest")
    with holder_of(tmp_path / "lock", "hands over") as holder:
        take_over(lock)
        assert lock.is_held
        assert holder.poll() is None
        lock.release()


def test_one_that_does_not_let_go_is_told_of_once(tmp_path: Path) -> None:
    lock = PipelineLock(tmp_path / "lock", "main.orchest")
    with holder_of(tmp_path / "lock", "keeps it") as holder:
        with pytest.raises(TakeOverError, match=rf"process {holder.pid} on .*did not let go"):
            take_over(lock, 0.3)
        assert holder.stdout is not None
        holder.kill()
        assert holder.stdout.read() == "asked\n"


def test_one_that_would_die_of_the_signal_is_left_alone(tmp_path: Path) -> None:
    lock = PipelineLock(tmp_path / "lock", "main.orchest")
    with holder_of(tmp_path / "lock", "knows nothing") as holder:
        with pytest.raises(TakeOverError, match="did not let go"):
            take_over(lock, 0.3)
        assert holder.poll() is None


def test_only_the_process_that_has_the_lock_is_asked(tmp_path: Path) -> None:
    """The file names an innocent process; the one that has the lock is another."""
    path, other = tmp_path / "lock", tmp_path / "other"
    lock = PipelineLock(path, "main.orchest")
    with holder_of(path, "keeps it") as holder, holder_of(other, "keeps it") as innocent:
        path.write_text(json.dumps({**json.loads(path.read_text()), "pid": innocent.pid}))
        with pytest.raises(TakeOverError):
            take_over(lock, 0.3)
        for process in (holder, innocent):
            assert process.stdout is not None
            process.kill()
            assert process.stdout.read() == ""


@pytest.mark.parametrize(
    ("change", "why"), [({"host": "elsewhere"}, "on another machine"), ({"namespace": 1}, "in another container")]
)
def test_one_out_of_reach_is_told_so(tmp_path: Path, change: dict[str, object], why: str) -> None:
    path = tmp_path / "lock"
    with holder_of(path, "keeps it"):
        path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
        with pytest.raises(TakeOverError, match=why):
            take_over(PipelineLock(path, "main.orchest"))


def test_somebody_quicker_is_not_asked(tmp_path: Path) -> None:
    """The one that was asked let go, and another newcomer has the lock now, whose user wants it as much."""
    path = tmp_path / "lock"
    lock = PipelineLock(path, "main.orchest")
    with holder_of(path, "keeps it") as holder:
        stdout = holder.stdout
        assert stdout is not None

        def be_quicker() -> None:
            assert stdout.readline() == "asked\n"
            first = json.loads(path.read_text())
            path.write_text(json.dumps({**first, "since": first["since"] + 1}))

        quicker = threading.Thread(target=be_quicker)
        quicker.start()
        with pytest.raises(PipelineBusyError):
            take_over(lock, 60)
        quicker.join()
        holder.kill()
        assert stdout.read() == ""


def test_a_holder_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = PipelineLock(path, "main.orchest")
    lock.acquire()
    lock.note_unattended()
    assert json.loads(path.read_text())["attended"] is False
    for content in ("", "[]", "{", '{"pid": "12", "surplus": 1}', '{"pid": null}'):
        path.write_text(content)
        found = PipelineLock(path, "main.orchest").holder()
        assert found is not None
        assert found.host == "?"
        assert str(found.pid) in {"0", "12"}
        assert found.words
    lock.release()
    assert asdict(Holder())["attended"] is True
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL
