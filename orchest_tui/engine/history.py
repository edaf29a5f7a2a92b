"""What has been run: runs, their steps, success records and file digests of one pipeline, in SQLite.

One writer (the engine that holds the pipeline's lock), any number of readers. A run's number counts from 1 for each
pipeline. Times are Unix seconds. ``context`` and ``record`` are JSON documents: what a step was told when it was
dispatched, and what its last success depended on (see ``freshness``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from orchest_tui.errors import OrchestTuiError

Status = Literal["PENDING", "STARTED", "SUCCESS", "FAILURE", "ABORTED"]
END_STATUSES: frozenset[str] = frozenset({"SUCCESS", "FAILURE", "ABORTED"})

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, executor TEXT,
    started REAL NOT NULL, finished REAL, request TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS run_steps (
    run INTEGER NOT NULL REFERENCES runs(number) ON DELETE CASCADE, step TEXT NOT NULL, position INTEGER NOT NULL,
    title TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, attempt INTEGER NOT NULL DEFAULT 0,
    started REAL, finished REAL, exit_code INTEGER, cpu_seconds REAL, max_rss INTEGER, context TEXT,
    PRIMARY KEY (run, step));
CREATE INDEX IF NOT EXISTS run_steps_by_step ON run_steps (step, run);
CREATE TABLE IF NOT EXISTS successes (step TEXT PRIMARY KEY, run INTEGER NOT NULL, finished REAL NOT NULL,
    seconds REAL NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT OR IGNORE INTO meta VALUES ('salt', lower(hex(randomblob(16))));
CREATE TABLE IF NOT EXISTS file_digests (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL, digest TEXT NOT NULL);
"""


class RunRow(NamedTuple):
    """One run; ``request`` is the request's JSON form (see ``requests.RunRequest``)."""

    number: int
    kind: str
    status: Status
    reason: str | None
    executor: str | None
    started: float
    finished: float | None
    request: Mapping[str, Any]

    @property
    def seconds(self) -> float | None:
        """Duration, None while it goes on."""
        return None if self.finished is None else self.finished - self.started


class StepRow(NamedTuple):
    """One step of one run; times are of its last attempt."""

    run: int
    step: str
    title: str
    status: Status
    reason: str | None
    attempt: int
    started: float | None
    finished: float | None
    exit_code: int | None
    cpu_seconds: float | None
    max_rss: int | None

    @property
    def seconds(self) -> float | None:
        """Duration of the last attempt, None where it did not start or has not ended."""
        if self.started is None or self.finished is None:
            return None
        return self.finished - self.started


class Success(NamedTuple):
    """A step's last success and all that it depended on."""

    step: str
    run: int
    finished: float
    seconds: float
    record: Mapping[str, Any]


_STEP_COLUMNS = "run, step, title, status, reason, attempt, started, finished, exit_code, cpu_seconds, max_rss"
_RUN_COLUMNS = "number, kind, status, reason, executor, started, finished, request"


def _empty() -> sqlite3.Connection:
    """Return a history without runs, in memory."""
    db = sqlite3.connect(":memory:", check_same_thread=False)
    db.executescript(_SCHEMA)
    return db


def _run_row(row: Sequence[Any]) -> RunRow:
    return RunRow(*(*row[:7], json.loads(row[7])))


class History:
    """The history database of one pipeline.

    Args:
        path: The database file.
        read_only: Open for reading; a missing file then reads as an empty history.

    Raises:
        OrchestTuiError: The file is not a history that this version can read.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        try:
            self._db = self._connect(read_only)
        except sqlite3.Error as error:
            # Broken or foreign content can be moved out of the way; nothing else is mended by losing the history.
            broken = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
            mend = (
                "Move the file away to start a new history."
                if broken
                else "Look at the free space and the permissions."
            )
            raise OrchestTuiError(f"{path} can't be used as a run history: {error}.", mend) from error

    def _connect_for_reading(self) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            db.execute("PRAGMA user_version").fetchone()
        except sqlite3.OperationalError:
            db.close()
            if self.path.with_name(f"{self.path.name}-wal").exists():
                raise
            # Even for reading SQLite makes a write-ahead log, which a read-only folder or a full disk refuses. Where
            # there is none nobody writes, and the file can be read as it is.
            return sqlite3.connect(f"{uri}&immutable=1", uri=True, check_same_thread=False)
        return db

    def _connect(self, read_only: bool) -> sqlite3.Connection:
        if read_only and not self.path.exists():
            return _empty()
        if read_only:
            db = self._connect_for_reading()
        else:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("PRAGMA foreign_keys=ON")
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        if version > _SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"it was written by a newer version of the program (schema {version})")
        if read_only and version == 0:
            # Its writer makes it at this moment: nothing is in it yet.
            db.close()
            return _empty()
        if version == 0:
            db.executescript(_SCHEMA)
            db.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
        return db

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    # -- reading ------------------------------------------------------------------------------------------------

    def runs(self, limit: int = 50) -> list[RunRow]:
        """Return the newest ``limit`` runs, newest first."""
        query = f"SELECT {_RUN_COLUMNS} FROM runs ORDER BY number DESC LIMIT ?"  # noqa: S608 (constant columns)
        return [_run_row(row) for row in self._db.execute(query, (limit,))]

    def run(self, number: int) -> RunRow | None:
        """Return one run, None where there is none of that number."""
        query = f"SELECT {_RUN_COLUMNS} FROM runs WHERE number = ?"  # noqa: S608
        row = self._db.execute(query, (number,)).fetchone()
        return None if row is None else _run_row(row)

    def unfinished(self) -> list[RunRow]:
        """Return the runs without an end, oldest first."""
        query = f"SELECT {_RUN_COLUMNS} FROM runs WHERE status IN ('PENDING', 'STARTED') ORDER BY number"  # noqa: S608
        return [_run_row(row) for row in self._db.execute(query)]

    def steps_of(self, run: int) -> list[StepRow]:
        """Return the steps of a run in the order in which they were planned."""
        query = f"SELECT {_STEP_COLUMNS} FROM run_steps WHERE run = ? ORDER BY position"  # noqa: S608
        return [StepRow(*row) for row in self._db.execute(query, (run,))]

    def latest(self, before: int | None = None) -> dict[str, StepRow]:
        """Return each step's newest row, of a run before the run ``before`` if that is given."""
        query = (
            f"SELECT {_STEP_COLUMNS} FROM run_steps WHERE (step, run) IN "  # noqa: S608
            "(SELECT step, MAX(run) FROM run_steps WHERE run < ? GROUP BY step)"
        )
        return {row[1]: StepRow(*row) for row in self._db.execute(query, (before or 2**62,))}

    def of_step(self, step: str, limit: int = 50) -> list[StepRow]:
        """Return the newest rows of one step, newest first."""
        query = f"SELECT {_STEP_COLUMNS} FROM run_steps WHERE step = ? ORDER BY run DESC LIMIT ?"  # noqa: S608
        return [StepRow(*row) for row in self._db.execute(query, (step, limit))]

    def successes(self) -> dict[str, Success]:
        """Return each step's last success."""
        rows = self._db.execute("SELECT step, run, finished, seconds, record FROM successes")
        return {row[0]: Success(*(*row[:4], json.loads(row[4]))) for row in rows}

    def context(self, run: int, step: str) -> dict[str, Any]:
        """Return what the step was told when it was dispatched; empty where it was not."""
        row = self._db.execute("SELECT context FROM run_steps WHERE run = ? AND step = ?", (run, step)).fetchone()
        return json.loads(row[0]) if row and row[0] else {}

    def file_digests(self) -> dict[str, tuple[int, int, int, str]]:
        """Return path → size, mtime in ns, inode, digest of the files that were read before."""
        rows = self._db.execute("SELECT path, size, mtime_ns, inode, digest FROM file_digests")
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}

    def salt(self) -> str:
        """Return this history's own random text, with which hashes of secret values are keyed."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'salt'").fetchone()
        return str(row[0])

    # -- writing ------------------------------------------------------------------------------------------------

    def begin_run(self, kind: str, request: Mapping[str, Any], steps: Iterable[tuple[str, str]], started: float) -> int:
        """Record a new run of ``steps`` (uuid and title, in planned order) and return its number."""
        with self._transaction():
            number: int = self._db.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM runs").fetchone()[0]
            self._db.execute(
                "INSERT INTO runs (number, kind, status, started, request) VALUES (?, ?, 'STARTED', ?, ?)",
                (number, kind, started, json.dumps(request)),
            )
            self._db.executemany(
                "INSERT INTO run_steps (run, step, position, title, status) VALUES (?, ?, ?, ?, 'PENDING')",
                [(number, step, position, title) for position, (step, title) in enumerate(steps)],
            )
        return number

    def set_executor(self, run: int, executor: str) -> None:
        """Record which executor the run uses."""
        self._db.execute("UPDATE runs SET executor = ? WHERE number = ?", (executor, run))

    def end_run(self, run: int, status: Status, finished: float, reason: str | None = None) -> None:
        """Record a run's end."""
        self._db.execute(
            "UPDATE runs SET status = ?, finished = ?, reason = ? WHERE number = ?", (status, finished, reason, run)
        )

    def start_step(self, run: int, step: str, attempt: int, context: Mapping[str, Any]) -> None:
        """Record that an attempt of a step was dispatched, and what it was told."""
        self._db.execute(
            "UPDATE run_steps SET status = 'STARTED', attempt = ?, context = ?, started = NULL, finished = NULL, "
            "reason = NULL WHERE run = ? AND step = ?",
            (attempt, json.dumps(context), run, step),
        )

    def set_started(self, run: int, step: str, started: float) -> None:
        """Record when the step's own code began."""
        self._db.execute("UPDATE run_steps SET started = ? WHERE run = ? AND step = ?", (started, run, step))

    def end_step(self, run: int, step: str, status: Status, finished: float | None, **details: Any) -> None:
        """Record a step's end; ``details`` are columns: reason, exit_code, cpu_seconds, max_rss, started."""
        columns = ["status = ?", "finished = ?", *(f"{name} = ?" for name in details)]
        self._db.execute(
            f"UPDATE run_steps SET {', '.join(columns)} WHERE run = ? AND step = ?",  # noqa: S608 (our own names)
            (status, finished, *details.values(), run, step),
        )

    def drop_step(self, run: int, step: str) -> None:
        """Forget a planned step that turned out to be fresh and did not run."""
        self._db.execute("DELETE FROM run_steps WHERE run = ? AND step = ?", (run, step))

    def record_success(self, success: Success) -> None:
        """Replace the step's success record."""
        self._db.execute(
            "INSERT OR REPLACE INTO successes (step, run, finished, seconds, record) VALUES (?, ?, ?, ?, ?)",
            (success.step, success.run, success.finished, success.seconds, json.dumps(success.record)),
        )

    def remember_digests(self, digests: Mapping[str, tuple[int, int, int, str]]) -> None:
        """Keep file digests, in the form that ``file_digests`` returns."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO file_digests (path, size, mtime_ns, inode, digest) VALUES (?, ?, ?, ?, ?)",
                [(path, *values) for path, values in digests.items()],
            )

    def prune(self, keep: int) -> list[int]:
        """Forget all but the newest ``keep`` ended runs; return the numbers that went."""
        rows = self._db.execute(
            "SELECT number FROM runs WHERE finished IS NOT NULL ORDER BY number DESC LIMIT -1 OFFSET ?", (keep,)
        )
        gone = [row[0] for row in rows]
        self._db.executemany("DELETE FROM runs WHERE number = ?", [(number,) for number in gone])
        return gone

    def _transaction(self) -> sqlite3.Connection:
        """Return a context that commits all of its statements or none."""
        self._db.execute("BEGIN IMMEDIATE")
        return self._db
