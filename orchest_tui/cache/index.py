"""The cache's index, mirrored in memory by its one writer.

The engine that holds the pipeline's lock is the only writer, so what it holds in memory is the truth and a look-up
costs no query.

An entry is *current*, or *retired*: replaced, its file kept because a running step still has it as an input or because
its pages can be reused. Pins say which entries are inputs of which running step; they are stored too, since steps
outlive the engine.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from orchest_tui.cache import database
from orchest_tui.cache.entry import OutputEntry

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class OutputIndex:
    """All entries of a pipeline. Not safe for threads by itself.

    Attributes:
        retired: Replaced entries whose files are still there, by id.
        pins: Ids of the entries that each running step has as inputs, by run key.
    """

    def __init__(self, file: Path, *, read_only: bool = False) -> None:
        """Open or make the index; read-only, nothing is made and a missing file is an empty index.

        Raises:
            OutputError: The file is no index that this version can read.
        """
        self._file = file
        with database.told(file):
            self._connection = database.connect_read_only(file) if read_only else database.connect(file)
            try:
                self._load()
            except sqlite3.Error:
                self._connection.close()
                raise

    def _load(self) -> None:
        """Read everything."""
        self._current: defaultdict[str, dict[str | None, OutputEntry]] = defaultdict(dict)
        for entry in database.load_entries(self._connection, retired=False):
            self._current[entry.step][entry.name] = entry
        self.retired = {entry.id: entry for entry in database.load_entries(self._connection, retired=True)}
        self.pins = _grouped(self._connection.execute("SELECT run_key, entry FROM pins"))
        self._readers = _grouped(self._connection.execute("SELECT entry, child FROM consumers"))

    def close(self) -> None:
        """Close the file; nothing else may be called afterwards."""
        self._connection.close()

    # -- reading ------------------------------------------------------------------------------------------------

    def current(self) -> list[OutputEntry]:
        """Return the outputs of all steps, evicted ones among them."""
        return [entry for outputs in self._current.values() for entry in outputs.values()]

    def of_step(self, step: str) -> list[OutputEntry]:
        """Return the outputs of one step, evicted ones among them."""
        return list(self._current[step].values()) if step in self._current else []

    def get(self, step: str, name: str | None) -> OutputEntry | None:
        """Return the output of that name."""
        return self._current[step].get(name) if step in self._current else None

    def is_current(self, entry: OutputEntry) -> bool:
        """Return whether ``entry`` has not been replaced or removed."""
        now = self.get(entry.step, entry.name)
        return now is not None and now.id == entry.id

    def pinned(self) -> set[int]:
        """Return the ids of all entries that are inputs of running steps."""
        return set().union(*self.pins.values())

    # -- writing ------------------------------------------------------------------------------------------------

    def add(self, entry: OutputEntry, *, keep_replaced: bool) -> OutputEntry:
        """Make ``entry`` current under a new id; what it replaces is retired, or forgotten."""
        replaced = self.get(entry.step, entry.name)
        with self._transaction():
            if replaced is not None:
                self._store_removal(replaced, keep=keep_replaced)
            added = self._insert(entry)
            preview = json.dumps(dict(entry.preview))
            self._connection.execute("INSERT INTO previews VALUES (?, ?)", (added.id, preview))
        if replaced is not None:
            self._take_out(replaced, keep=keep_replaced)
        self._current[added.step][added.name] = added
        return added

    def retire(self, entry: OutputEntry) -> None:
        """Take a current entry away from steps but go on knowing its file."""
        with self._transaction():
            self._store_removal(entry, keep=True)
        self._take_out(entry, keep=True)

    def forget(self, entries: Iterable[OutputEntry]) -> None:
        """Remove entries, current or retired, with their pins."""
        gone = list(entries)
        if not gone:
            return
        with self._transaction():
            for entry in gone:
                self._store_removal(entry, keep=False)
        for entry in gone:
            self._take_out(entry, keep=False)

    def hide(self, entry: OutputEntry) -> None:
        """Leave a current entry out of what is held in memory, as a reader does whose file has gone."""
        del self._current[entry.step][entry.name]

    def update(self, entry: OutputEntry) -> None:
        """Store the changed path, location or digest of a current entry."""
        with self._transaction():
            self._store_change(entry)
        self._current[entry.step][entry.name] = entry

    def evict(self, entry: OutputEntry) -> OutputEntry:
        """Mark a current entry as evicted and return it so; its file goes on under a retired entry, with the pins."""
        evicted = replace(entry, location="evicted")
        with self._transaction():
            retired = self._insert(entry)
            self._connection.execute("UPDATE entries SET retired = 1 WHERE id = ?", (retired.id,))
            self._connection.execute("UPDATE pins SET entry = ? WHERE entry = ?", (retired.id, entry.id))
            self._store_change(evicted)
        self._current[entry.step][entry.name] = evicted
        self.retired[retired.id] = retired
        for ids in self.pins.values():
            if entry.id in ids:
                ids.remove(entry.id)
                ids.add(retired.id)
        return evicted

    def pin(self, run_key: str, entries: Collection[OutputEntry], now: float) -> None:
        """Note that a running step has ``entries`` as inputs, and that they were used ``now`` (Unix seconds)."""
        with self._transaction():
            for entry in entries:
                self._connection.execute("INSERT OR IGNORE INTO pins VALUES (?, ?)", (run_key, entry.id))
                self._connection.execute("UPDATE entries SET used = ? WHERE id = ?", (now, entry.id))
        for entry in entries:
            self.pins[run_key].add(entry.id)
            self._current[entry.step][entry.name] = replace(entry, used=now)

    def unpin(self, run_key: str) -> None:
        """Forget the pins of a running step."""
        with self._transaction():
            self._connection.execute("DELETE FROM pins WHERE run_key = ?", (run_key,))
        self.pins.pop(run_key, None)

    def read_by(self, entry: OutputEntry, child: str) -> frozenset[str]:
        """Note that ``child`` has read ``entry``; return all children that have."""
        with self._transaction():
            self._connection.execute("INSERT OR IGNORE INTO consumers VALUES (?, ?)", (entry.id, child))
        self._readers[entry.id].add(child)
        return frozenset(self._readers[entry.id])

    # -- inner workings -----------------------------------------------------------------------------------------

    def _insert(self, entry: OutputEntry) -> OutputEntry:
        """Store a new row and return ``entry`` with its id."""
        cursor = self._connection.execute(database.INSERT, database.row_of(entry))
        return replace(entry, id=int(cursor.lastrowid or 0))

    def _store_change(self, entry: OutputEntry) -> None:
        """Store what can change of a current entry, but for its use."""
        self._connection.execute(
            "UPDATE entries SET path = ?, location = ?, digest = ? WHERE id = ?",
            (str(entry.path), entry.location, entry.digest, entry.id),
        )

    def _store_removal(self, entry: OutputEntry, *, keep: bool) -> None:
        """Change the stored row; ``_take_out`` does the same to what is held in memory, after the transaction."""
        if keep:
            self._connection.execute("UPDATE entries SET retired = 1 WHERE id = ?", (entry.id,))
        else:
            self._connection.execute("DELETE FROM entries WHERE id = ?", (entry.id,))

    def _take_out(self, entry: OutputEntry, *, keep: bool) -> None:
        """Change what is held in memory as ``_store_removal`` changed the row."""
        if self.is_current(entry):
            del self._current[entry.step][entry.name]
        self._readers.pop(entry.id, None)
        if keep:
            self.retired[entry.id] = entry
            return
        self.retired.pop(entry.id, None)
        for ids in self.pins.values():
            ids.discard(entry.id)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Store all or nothing; what is held in memory is changed afterwards only."""
        with database.told(self._file):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")


def _grouped(pairs: Iterable[tuple[_Key, _Value]]) -> defaultdict[_Key, set[_Value]]:
    """Return the second items by their first."""
    groups: defaultdict[_Key, set[_Value]] = defaultdict(set)
    for key, value in pairs:
        groups[key].add(value)
    return groups
