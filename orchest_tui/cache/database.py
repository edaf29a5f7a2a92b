"""The file behind the cache's index: its tables, how it is opened, how rows become entries.

SQLite with a write-ahead log: one writer and any number of readers at the same time. Previews stand in a table of
their own, so that a list of outputs does not read them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchest_tui.cache.entry import OutputEntry, OutputError

SCHEMA_VERSION = 1

_SCHEMA = f"""
BEGIN;
CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, step TEXT NOT NULL, name TEXT, path TEXT NOT NULL, location TEXT NOT NULL,
    kind TEXT NOT NULL, serialization TEXT, bytes INTEGER NOT NULL, digest TEXT, run TEXT NOT NULL,
    created REAL NOT NULL, used REAL NOT NULL, provenance TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0);
CREATE TABLE previews (entry INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE, preview TEXT NOT NULL);
CREATE TABLE consumers (entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE, child TEXT NOT NULL,
    PRIMARY KEY (entry, child)) WITHOUT ROWID;
CREATE TABLE pins (run_key TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
    PRIMARY KEY (run_key, entry)) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""

_FIELDS = "step, name, path, location, kind, serialization, bytes, digest, run, created, used, provenance"
_SELECT = f"SELECT id, {_FIELDS} FROM entries"  # noqa: S608 - constant columns
INSERT = f"INSERT INTO entries ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608


def connect(database: Path) -> sqlite3.Connection:
    """Open an index for writing, made where it is missing; every statement is a transaction unless one is begun.

    Raises:
        sqlite3.Error: The file is no index that this version can read.
    """
    connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        if _version(connection) == 0:
            connection.executescript(_SCHEMA)
        _check_version(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_read_only(database: Path) -> sqlite3.Connection:
    """Open an index for reading; makes no file, takes no lock, and a missing index reads as an empty one.

    Raises:
        sqlite3.Error: The file is no index that this version can read.
    """
    if not database.exists():
        return _empty()
    uri = database.absolute().as_uri() + "?mode=ro"
    # Without a write-ahead log nobody has the file open, and SQLite would make one even for reading.
    if not database.with_name(database.name + "-wal").exists():
        uri += "&immutable=1"
    connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
    try:
        if _version(connection) == 0:
            # Its writer makes it at this moment: nothing is in it yet.
            connection.close()
            return _empty()
        _check_version(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _empty() -> sqlite3.Connection:
    """Return an index without entries, in memory."""
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    connection.executescript(_SCHEMA)
    return connection


@contextmanager
def told(database: Path) -> Iterator[None]:
    """Turn an error of SQLite into one that names the file and the mend."""
    try:
        yield
    except sqlite3.Error as error:
        mend = "Look at the free space and the permissions there, or move the file away to start with an empty cache."
        raise OutputError(f"The output index {database} can't be used: {error}.", mend) from error


def _version(connection: sqlite3.Connection) -> int:
    """Return the format's number, 0 before the tables are made."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_version(connection: sqlite3.Connection) -> None:
    version = _version(connection)
    if version != SCHEMA_VERSION:
        raise sqlite3.DatabaseError(f"it has the format {version}, this version reads {SCHEMA_VERSION}")


def row_of(entry: OutputEntry) -> Sequence[Any]:
    """Return the values of ``_FIELDS``."""
    return (
        *(entry.step, entry.name, str(entry.path), entry.location, entry.kind, entry.serialization, entry.bytes),
        *(entry.digest, entry.run, entry.created, entry.used, json.dumps(dict(entry.provenance))),
    )


def load_entries(connection: sqlite3.Connection, *, retired: bool) -> list[OutputEntry]:
    """Return all current or all retired entries."""
    rows = connection.execute(f"{_SELECT} WHERE retired = ?", (retired,)).fetchall()
    texts = dict(connection.execute("SELECT entry, preview FROM previews")) if not retired else {}
    return [_entry(row, texts.get(row[0], "{}")) for row in rows]


def _entry(row: Sequence[Any], preview: str) -> OutputEntry:
    number, step, name, path, location, kind, serialization, size, digest, run, created, used, provenance = row
    return OutputEntry(
        id=number,
        step=step,
        name=name,
        path=Path(path),
        location=location,
        kind=kind,
        serialization=serialization,
        bytes=size,
        digest=digest,
        preview=json.loads(preview),
        run=run,
        created=created,
        used=used,
        provenance=json.loads(provenance),
    )
