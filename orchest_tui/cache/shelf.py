"""Files and index together: which file stands for which entry, which are held, and how one goes.

Every change leaves things whole at every point: a payload is in place before the index names it, and the index stops
naming a file that is wanted before it is removed. What a crash leaves behind is at worst a file that nobody knows.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from orchest_tui.cache import files
from orchest_tui.cache.entry import Location, OutputEntry, Usage
from orchest_tui.cache.index import OutputIndex
from orchest_tui.project.layout import Layout


class Shelf:
    """The files of one pipeline's outputs and their index; the lock is the caller's to hold.

    Args:
        layout: Where the pipeline's files lie.
        session_dir: The session's folder in memory.
        budget: The most bytes that memory may take.
        read_only: Change nothing; entries without a file are left out.

    Attributes:
        lock: Held for every look and change, never for work on a payload.
        index: What is known.
    """

    def __init__(self, layout: Layout, session_dir: Path, budget: int, *, read_only: bool) -> None:
        self.lock = threading.RLock()
        self.budget = budget
        self.index = OutputIndex(layout.outputs_file, read_only=read_only)
        self._layout = layout
        self._session = session_dir
        self._readers: Counter[int] = Counter()  # threads that read an entry's file just now, by its id
        if read_only:
            for entry in self.index.current():
                # The first look is enough for nearly all, and readers are in a hurry.
                if files.file_size(entry.path) != entry.bytes and self._found(entry) is None:
                    self.index.hide(entry)

    def folders(self, step: str) -> dict[Location, Path]:
        """Return the folders in which the step's outputs may lie; they may not exist."""
        return {
            "memory": self._layout.output_dir(self._session, step),
            "disk": self._layout.spill_dir(step),
            "legacy": self._layout.legacy_output_dir(step),
        }

    def adopt(self) -> tuple[OutputEntry, ...]:
        """Find every entry's file, forget the entries without one, and return the current ones among these."""
        for entry in self.index.current():
            found = self._found(entry)
            if found is not None and found != entry:
                self.index.update(found)
        lost = self._lost()
        gone = [entry for entry in self.index.retired.values() if files.file_size(entry.path) is None]
        self.index.forget([*lost, *gone])
        return tuple(lost)

    def usage(self) -> Usage:
        """Return how full the cache is."""
        sizes: Counter[Location] = Counter()
        for entry in self.index.current():
            sizes[entry.location] += entry.bytes
        retired = sum(entry.bytes for entry in self.index.retired.values())
        return Usage(sizes["memory"], sizes["disk"], retired, self.budget)

    def held(self) -> set[int]:
        """Return the ids of entries whose files must stay where they are: inputs of running steps, and read."""
        return self.index.pinned() | self._readers.keys()

    def known(self, entry: OutputEntry) -> OutputEntry | None:
        """Return what stands for a segment that is reported again, None where its file is new."""
        for other in self.index.of_step(entry.step):
            if other.path.name == entry.path.name and other.kind == "segment":
                return other
        for other in self.index.retired.values():
            if other.path == entry.path:
                return self.index.get(entry.step, entry.name) or other
        return None

    def put(self, entry: OutputEntry) -> OutputEntry:
        """Make ``entry`` current; the file that it replaces is kept where that is of use."""
        replaced = self.index.get(entry.step, entry.name)
        keep = replaced is not None and self._worth_keeping(replaced)
        added = self.index.add(entry, keep_replaced=keep)
        if replaced is not None and not keep and replaced.path != added.path:
            _remove(replaced)
        self.forget_recycled(entry.step)
        self.drop_surplus()
        return added

    def forget_recycled(self, step: str) -> None:
        """Forget the step's retired files that its process has taken for new outputs."""
        retired = [entry for entry in self.index.retired.values() if entry.step == step]
        self.index.forget(entry for entry in retired if files.file_size(entry.path) is None)

    def withdraw(self, entry: OutputEntry) -> None:
        """Take a current entry away from steps; its file is kept where that is of use."""
        if self._worth_keeping(entry):
            self.index.retire(entry)
        else:
            self.index.forget([entry])
            _remove(entry)

    def remove(self, entries: Iterable[OutputEntry]) -> int:
        """Forget entries and remove their files, however wanted; return the bytes that were freed."""
        gone = list(entries)
        self.index.forget(gone)
        return sum(_remove(entry) for entry in gone)

    def drop_surplus(self) -> None:
        """Remove retired files that nobody holds, but for one for each output as long as they fit the budget."""
        held = self.held()
        usage = self.usage()
        over = usage.memory_bytes + usage.retired_bytes - self.budget
        kept: dict[tuple[str, str | None], OutputEntry] = {}
        surplus = []
        for entry in sorted(self.index.retired.values(), key=lambda entry: entry.id, reverse=True):
            if entry.id in held:
                continue
            if entry.key in kept or entry.location != "memory" or self._is_evicted(entry):
                surplus.append(entry)
                over -= entry.bytes
            else:
                kept[entry.key] = entry
        for entry in reversed(kept.values()):  # oldest first
            if over <= 0:
                break
            surplus.append(entry)
            over -= entry.bytes
        if surplus:
            self.remove(surplus)

    @contextmanager
    def reading(self, entry: OutputEntry) -> Iterator[OutputEntry]:
        """Keep the entry's file in place while the block reads it without the lock; give the entry as it is now.

        Raises:
            OutputError: It has gone.
        """
        with self.lock:
            current = self.index.is_current(entry)
            now = self.index.get(*entry.key) if current else self.index.retired.get(entry.id)
            if now is None or not now.readable:
                raise files.gone(entry.path)
            self._readers[entry.id] += 1
        try:
            yield now
        finally:
            with self.lock:
                self._readers -= Counter({entry.id: 1})
                self.drop_surplus()

    def steps_on_disk(self) -> set[str]:
        """Return the steps that have a folder for outputs, those that left the pipeline among them."""
        bases = (folder.parent for location, folder in self.folders("any").items() if location != "legacy")
        return {folder.name for base in bases if base.is_dir() for folder in base.iterdir()}

    def unknown_files(self, steps: Iterable[str], before: float = math.inf) -> list[Path]:
        """Return files in the folders of ``steps`` that no entry names and that changed ``before`` (Unix seconds)."""
        known = {entry.path for entry in (*self.index.current(), *self.index.retired.values()) if entry.readable}
        folders = [folder for step in steps for place, folder in self.folders(step).items() if place != "legacy"]
        return [path for folder in folders for path in files.changed_before(folder, before) if path not in known]

    def _worth_keeping(self, entry: OutputEntry) -> bool:
        """Return whether an entry's file is of use after the entry: held, or pages that can be reused."""
        return entry.location == "memory" or (entry.location == "disk" and entry.id in self.held())

    def _is_evicted(self, retired: OutputEntry) -> bool:
        """Return whether a retired file is what an eviction wanted to get rid of."""
        now = self.index.get(*retired.key)
        return now is not None and not now.readable

    def _lost(self) -> list[OutputEntry]:
        return [entry for entry in self.index.current() if self._found(entry) is None]

    def _found(self, entry: OutputEntry) -> OutputEntry | None:
        """Return the entry with the place where its file is, None where it is nowhere or not what it was."""
        if not entry.readable:
            return entry
        if entry.kind == "legacy":
            return entry if files.file_size(entry.path) == entry.bytes else None
        folders = self.folders(entry.step)
        locations: tuple[Location, ...] = ("disk", "memory") if entry.location == "disk" else ("memory", "disk")
        for location in locations:
            path = folders[location] / entry.path.name
            if files.file_size(path) == entry.bytes:
                return replace(entry, path=path, location=location)
        return None


def _remove(entry: OutputEntry) -> int:
    """Remove an entry's file where it is ours, and return its bytes."""
    return files.remove(entry.path) if entry.location in {"memory", "disk"} else 0
