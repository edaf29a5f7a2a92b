"""The history database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.engine.history import History, Success
from orchest_tui.errors import OrchestTuiError


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.db")


def begin(history: History, *steps: str) -> int:
    return history.begin_run("all", {"kind": "all"}, [(step, step.upper()) for step in steps], 10.0)


def test_runs_count_from_one(history: History) -> None:
    assert [begin(history, "a"), begin(history, "a")] == [1, 2]
    assert [run.number for run in history.runs()] == [2, 1]


def test_a_run_from_start_to_end(history: History) -> None:
    run = begin(history, "a", "b")
    assert [(s.step, s.status) for s in history.steps_of(run)] == [("a", "PENDING"), ("b", "PENDING")]
    history.start_step(run, "a", 1, {"digest": "x"})
    history.set_started(run, "a", 11.0)
    history.end_step(run, "a", "SUCCESS", 13.5, exit_code=0)
    history.end_run(run, "SUCCESS", 14.0)
    (first, _) = history.steps_of(run)
    assert (first.status, first.seconds, first.attempt, first.exit_code) == ("SUCCESS", 2.5, 1, 0)
    found = history.run(run)
    assert found is not None
    assert found.seconds == 4.0
    assert history.unfinished() == []
    assert history.context(run, "a") == {"digest": "x"}
    assert history.context(run, "b") == {}


def test_latest_row_of_each_step(history: History) -> None:
    first = begin(history, "a", "b")
    second = begin(history, "b")
    assert {step: row.run for step, row in history.latest().items()} == {"a": first, "b": second}
    assert {step: row.run for step, row in history.latest(before=second).items()} == {"a": first, "b": first}


def test_success_records_are_replaced(history: History) -> None:
    for run, seconds in ((1, 2.0), (2, 3.0)):
        history.record_success(Success("a", run, 50.0, seconds, {"outputs": [[None, "d"]]}))
    assert history.successes() == {"a": Success("a", 2, 50.0, 3.0, {"outputs": [[None, "d"]]})}


def test_pruning_keeps_the_newest_and_what_goes_on(history: History) -> None:
    runs = [begin(history, "a") for _ in range(4)]
    for run in runs[:3]:
        history.end_run(run, "SUCCESS", 20.0)
    assert history.prune(keep=1) == [2, 1]
    assert [run.number for run in history.runs()] == [4, 3]
    assert history.steps_of(1) == []


def test_reading_without_a_database(tmp_path: Path) -> None:
    history = History(tmp_path / "none.db", read_only=True)
    assert history.runs() == []
    assert history.latest() == {}
    assert not (tmp_path / "none.db").exists()


def test_reading_what_its_writer_is_just_making(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    sqlite3.connect(path).execute("PRAGMA journal_mode=WAL")
    history = History(path, read_only=True)
    assert history.runs() == []
    assert history.file_digests() == {}


def test_reader_beside_a_writer(history: History) -> None:
    run = begin(history, "a")
    reader = History(history.path, read_only=True)
    history.end_run(run, "FAILURE", 30.0, "a failed")
    found = reader.run(run)
    assert found is not None
    assert (found.status, found.reason) == ("FAILURE", "a failed")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.end_run(run, "SUCCESS", 31.0)


def refuse_to_write_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make SQLite answer as in a read-only folder, also where the tests run as root."""
    connect = sqlite3.connect

    class Refusing(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            raise sqlite3.OperationalError("unable to open database file")

    def connect_or_refuse(database: str, **options: Any) -> sqlite3.Connection:
        if "immutable" in str(database):
            return connect(database, **options)
        return connect(database, factory=Refusing, **options)

    monkeypatch.setattr(sqlite3, "connect", connect_or_refuse)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_text("this is no database, but long enough to be looked at as one" * 20)
    with pytest.raises(OrchestTuiError, match=r"history\.db can't be used as a run history") as caught:
        History(path)
    assert "Move the file away" in caught.value.mend


def test_a_history_that_nobody_may_write_beside_can_be_read(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(history, "a")
    history.close()
    refuse_to_write_beside(monkeypatch)
    reader = History(history.path, read_only=True)
    assert reader.run(run) is not None


def test_a_history_that_can_not_be_opened_is_not_to_be_moved_away(tmp_path: Path) -> None:
    (tmp_path / "history.db").mkdir()
    with pytest.raises(OrchestTuiError, match=r"history\.db can't be used as a run history") as caught:
        History(tmp_path / "history.db")
    assert "free space" in caught.value.mend
    assert "Move" not in caught.value.mend


def test_salt_stays(tmp_path: Path) -> None:
    first = History(tmp_path / "h.db")
    salt = first.salt()
    first.close()
    assert History(tmp_path / "h.db").salt() == salt
    assert History(tmp_path / "other.db").salt() != salt


def test_file_digests(history: History) -> None:
    history.remember_digests({"/p/a.py": (10, 20, 30, "d1")})
    history.remember_digests({"/p/a.py": (11, 21, 30, "d2"), "/p/b.py": (1, 2, 3, "d3")})
    assert history.file_digests() == {"/p/a.py": (11, 21, 30, "d2"), "/p/b.py": (1, 2, 3, "d3")}
