"""Keeping memory within its budget: retired files go, outputs that were not used for long move to disk."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from orchest_tui.cache import files
from orchest_tui.cache.entry import OutputEntry
from orchest_tui.cache.shelf import Shelf


class Spiller:
    """Moves outputs from memory to disk, one at a time.

    The copy is made without the shelf's lock, so that a thread may spill a gigabyte while the engine goes on; what
    happened to the entry meanwhile is looked at before the copy takes its place.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.busy = threading.Lock()

    def make_room(self, reserve: int) -> list[OutputEntry]:
        """Free memory until ``reserve`` more bytes fit; see ``OutputStore.enforce_budget``."""
        moved: list[OutputEntry] = []
        tried: set[int] = set()
        with self.busy:
            while (entry := self._next(reserve, tried)) is not None:
                tried.add(entry.id)
                folder = files.private_folder(self._shelf.folders(entry.step)["disk"])
                try:
                    copy = files.copy_to_disk(entry.path, folder)
                except FileNotFoundError:
                    continue  # replaced and removed since it was chosen
                spilled = self._switch(entry, copy)
                if spilled is not None:
                    moved.append(spilled)
        return moved

    def _next(self, reserve: int, tried: set[int]) -> OutputEntry | None:
        """Drop retired files as far as that helps; return the entry that has to move next, None when all is well."""
        shelf = self._shelf
        with shelf.lock:
            held = shelf.held()
            for entry in sorted(shelf.index.retired.values(), key=lambda entry: entry.id):
                if self._excess(reserve) <= 0:
                    return None
                if entry.id not in held:
                    shelf.remove([entry])
            if self._excess(reserve) <= 0:
                return None
            movable = [
                entry
                for entry in shelf.index.current()
                if entry.location == "memory" and entry.id not in held and entry.id not in tried
            ]
        return min(movable, key=lambda entry: (entry.used, entry.id), default=None)

    def _excess(self, reserve: int) -> int:
        """Return how many bytes memory holds too many."""
        usage = self._shelf.usage()
        over_budget = usage.memory_bytes + usage.retired_bytes + reserve - usage.budget
        folders = self._shelf.folders("any")
        memory, disk = (files.private_folder(folders[place].parent) for place in ("memory", "disk"))
        if files.same_file_system(memory, disk):
            return over_budget
        return max(over_budget, files.missing_room(memory, reserve))

    def _switch(self, entry: OutputEntry, copy: Path) -> OutputEntry | None:
        """Let ``copy`` stand for ``entry``, unless that was replaced or became an input while it was copied."""
        shelf = self._shelf
        with shelf.lock:
            now = shelf.index.get(*entry.key)
            unchanged = now is not None and now.id == entry.id and now.location == "memory"
            if now is not None and unchanged and entry.id not in shelf.held():
                spilled = replace(now, path=copy, location="disk")
                shelf.index.update(spilled)
            else:
                spilled = None
        files.remove(entry.path if spilled else copy)
        return spilled
