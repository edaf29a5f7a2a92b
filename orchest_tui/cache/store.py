"""The output cache of one pipeline: what steps handed over, kept in memory between runs and between programs.

The payloads are files that the steps' own processes wrote (see ``step/sdk/orchest/segment.py``); this room keeps the
index over them, decides what moves to disk or goes, and never reads a value. ``shelf`` holds files and index together,
``spill`` keeps the budget; what is here is what others call.

The engine calls everything on its loop, except ``hash`` and ``enforce_budget``, which take time and may run in a
thread beside it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchest_tui.cache import files
from orchest_tui.cache.entry import Kind, Opened, OutputEntry, OutputError, Usage
from orchest_tui.cache.shelf import Shelf
from orchest_tui.cache.spill import Spiller
from orchest_tui.project.layout import Layout


class OutputStore:
    """The outputs of one pipeline.

    An output that is replaced leaves a *retired* file: kept while a running step has it as an input, and after that
    one for each output, for the next run to overwrite (writing into pages that exist is much faster than getting new
    ones), as long as the budget allows.

    Args:
        layout: Where the pipeline's files lie.
        session_dir: The session's folder in memory.
        budget: The most bytes that memory may take; more spills to disk.
        auto_eviction: Whether an output goes once every child has read it.
        read_only: Look only: makes and changes nothing, needs neither the pipeline's lock nor ``open``.

    Raises:
        OutputError: The index can't be read.
    """

    def __init__(
        self, layout: Layout, session_dir: Path, budget: int, auto_eviction: bool = False, *, read_only: bool = False
    ) -> None:
        self.auto_eviction = auto_eviction
        self._made = time.time()
        self._shelf = Shelf(layout, session_dir, budget, read_only=read_only)
        self._lock = self._shelf.lock
        self._index = self._shelf.index
        self._spiller = Spiller(self._shelf)

    def open(self) -> Opened:
        """Adopt the files that are there and forget entries without one; the engine calls it once, at its start.

        An entry's file may have gone with a reboot or been removed. A copy under the same name in the other place
        (spilled just before the machine went down, or the project was moved) takes over, else the entry is lost.
        """
        with self._lock:
            return Opened(self._shelf.adopt())

    def close(self) -> None:
        """Close the index; outputs stay where they are."""
        with self._spiller.busy, self._lock:
            self._index.close()

    def output_dir(self, step: str) -> Path:
        """Return the folder in memory that receives the step's segments, made if missing."""
        return files.private_folder(self._shelf.folders(step)["memory"])

    def spill_dir(self, step: str) -> Path:
        """Return the folder on disk for the step's segments that do not fit memory, made if missing."""
        return files.private_folder(self._shelf.folders(step)["disk"])

    # -- what steps hand over -----------------------------------------------------------------------------------

    def add(  # noqa: PLR0913 - the fields of a step's report
        self,
        step: str,
        name: str | None,
        file: str,
        bytes: int,  # noqa: A002 - its name in the report
        *,
        kind: Kind = "segment",
        serialization: str | None = None,
        preview: Mapping[str, Any],
        provenance: Mapping[str, Any],
    ) -> OutputEntry:
        """Take in what a step handed over; it replaces the step's output of the same name.

        A report may come again (a new engine replays those of a step that it adopts): a segment that the index knows
        changes nothing, and the entry that stands for it now is returned.

        Args:
            step: The step's uuid.
            name: The output's name, None when unnamed.
            file: File name in ``output_dir``, or the absolute path on the host of a spilled or legacy payload.
            bytes: Size of the payload; the file may be larger by its header.
            kind: ``segment`` or ``legacy``.
            serialization: Of a legacy payload.
            preview: As the step's process said it; made harmless here.
            provenance: What it was made from; ``run`` in it becomes the entry's ``run``.

        Raises:
            OutputError: There is no such file, it is not whole, or it lies where the step has no business.
        """
        from orchest_tui.cache.sanitise import sanitise_preview

        if not (name is None or (isinstance(name, str) and files.is_storable(name))):
            raise OutputError(f"The step {step} named an output {name!r}, which is no text.", "Give it another name.")
        path, location = files.locate(file, kind, self._shelf.folders(step))
        now = time.time()
        entry = OutputEntry(
            id=0,
            step=step,
            name=name,
            path=path,
            location=location,
            kind=kind,
            serialization=serialization,
            bytes=bytes,
            digest=None,
            preview=sanitise_preview(preview),
            run=str(provenance.get("run", "")),
            created=now,
            used=now,
            provenance=dict(provenance),
        )
        with self._lock:
            known = self._shelf.known(entry) if kind == "segment" else None
            return known or self._shelf.put(replace(entry, bytes=files.whole_size(path, bytes)))

    def adopt_file(self, step: str, file: str, provenance: Mapping[str, Any] | None = None) -> OutputEntry:
        """Take in a finished segment whose report never arrived; its header tells the name.

        Raises:
            OutputError: It is no whole segment of this step.
        """
        path, _ = files.locate(file, "segment", self._shelf.folders(step))
        header = files.segment_header(path)
        if header.get("step") != step:
            raise OutputError(f"The segment {path} is not one of the step {step}.")
        preview = {"type": header.get("type")}
        return self.add(step, header.get("name"), str(path), 0, preview=preview, provenance=provenance or {})

    def replace_all(self, step: str, kept: Collection[str | None]) -> None:
        """After a success: outputs of the step whose names the run did not make (``kept``) go."""
        with self._lock:
            for entry in self._index.of_step(step):
                if entry.name not in kept:
                    self._shelf.withdraw(entry)
            self._shelf.drop_surplus()

    def consumed(self, parent: str, child: str, children: Collection[str]) -> tuple[OutputEntry, ...]:
        """Note that ``child`` succeeded with the parent's outputs; with ``auto_eviction`` return those that go now.

        An output goes once all ``children`` (the parent's, in the definition as it is now) have read this very value;
        a leaf has none and keeps its output. Orchest's own files on disk are never evicted.
        """
        evicted: list[OutputEntry] = []
        with self._lock:
            for entry in self._index.of_step(parent):
                if entry.location not in {"memory", "disk"}:
                    continue
                read_by = self._index.read_by(entry, child)
                if self.auto_eviction and children and read_by.issuperset(children):
                    evicted.append(self._index.evict(entry))
            self._shelf.drop_surplus()
        return tuple(evicted)

    # -- what is there ------------------------------------------------------------------------------------------

    def outputs(self, step: str, *, evicted: bool = False) -> tuple[OutputEntry, ...]:
        """Return the step's outputs, unnamed first, then by name; evicted ones, which have no file, on demand."""
        with self._lock:
            entries = [entry for entry in self._index.of_step(step) if evicted or entry.readable]
        return tuple(sorted(entries, key=lambda entry: (entry.name is not None, entry.name or "")))

    def all(self, *, evicted: bool = False) -> tuple[OutputEntry, ...]:
        """Return the outputs of all steps, in no particular order."""
        with self._lock:
            return tuple(entry for entry in self._index.current() if evicted or entry.readable)

    def usage(self) -> Usage:
        """Return how full the cache is."""
        with self._lock:
            return self._shelf.usage()

    def hash(self, entry: OutputEntry) -> str:
        """Return the xxh3-128 of the entry's payload in hex; for a thread. Its file stays in place meanwhile.

        Raises:
            OutputError: The file is gone or not whole.
        """
        from orchest_tui.cache.digest import payload_digest

        with self._shelf.reading(entry) as latest:
            try:
                return payload_digest(latest.path, latest.kind)
            except FileNotFoundError as error:
                raise files.gone(latest.path) from error

    def set_digest(self, entry: OutputEntry, digest: str) -> OutputEntry:
        """Store the digest that ``hash`` gave and return the entry with it; a replaced entry stays replaced."""
        with self._lock:
            now = self._index.get(*entry.key)
            if now is None or now.id != entry.id:
                return replace(entry, digest=digest)
            changed = replace(now, digest=digest)
            self._index.update(changed)
            return changed

    # -- inputs of running steps --------------------------------------------------------------------------------

    def pin(self, run_key: str, steps: Collection[str]) -> None:
        """Hold the outputs of ``steps`` as inputs of the running step ``run_key``: not moved, not removed."""
        with self._lock:
            entries = [entry for step in steps for entry in self._index.of_step(step) if entry.readable]
            self._index.pin(run_key, entries, time.time())

    def unpin(self, run_key: str) -> None:
        """Let go of the inputs of a step that has ended."""
        with self._lock:
            self._index.unpin(run_key)
            self._shelf.drop_surplus()

    def pinned_runs(self) -> frozenset[str]:
        """Return the keys that hold pins, those of an earlier engine's steps included."""
        with self._lock:
            return frozenset(self._index.pins)

    def pinned(self, steps: Collection[str] | None = None) -> tuple[OutputEntry, ...]:
        """Return the outputs (of ``steps``, or all) that running steps have as inputs, which ``clear`` keeps."""
        with self._lock:
            held = self._index.pinned()
            entries = self._index.current()
        return tuple(entry for entry in entries if entry.id in held and (steps is None or entry.step in steps))

    def recyclable(self, step: str) -> tuple[str, ...]:
        """Return names of files in the step's ``output_dir`` whose pages its next run may overwrite, newest first.

        No running step has them as an input, and none gets them any more. They may still be removed to make room
        until the step's process claims one by renaming it.
        """
        with self._lock:
            held = self._shelf.held()
            spare = [entry for entry in self._index.retired.values() if entry.step == step and entry.id not in held]
        spare.sort(key=lambda entry: entry.id, reverse=True)
        return tuple(entry.path.name for entry in spare if entry.location == "memory")

    def resize(self, budget: int) -> None:
        """Change the budget, bytes; ``enforce_budget`` makes it true."""
        with self._lock:
            self._shelf.budget = budget

    # -- making room --------------------------------------------------------------------------------------------

    def enforce_budget(self, reserve: int = 0) -> list[OutputEntry]:
        """Move outputs to disk until memory fits the budget with ``reserve`` bytes more; for a thread.

        Retired files go first, then outputs move, least recently used first; inputs of running steps stay. The folder
        in memory also keeps room for ``reserve`` and a little more, since others may fill it too.

        Returns:
            The entries that moved, as they are now.

        Raises:
            SpillError: The disk is full or fails; what did not move is whole and in memory.
        """
        return self._spiller.make_room(reserve)

    def clear(self, steps: Collection[str] | None = None) -> int:
        """Remove the outputs of ``steps``, or all, and return the bytes that were freed.

        Those in ``pinned(steps)`` stay. Of Orchest's own files on disk only the record goes.
        """
        with self._lock:
            held = self._shelf.held()
            entries = (*self._index.current(), *self._index.retired.values())
            return self._shelf.remove(
                entry for entry in entries if entry.id not in held and (steps is None or entry.step in steps)
            )

    def discard_unreported(self, step: str) -> int:
        """Remove what an attempt of ``step`` left behind and nobody took in, and return its bytes.

        Called when the attempt's process has ended and none of the step runs.
        """
        with self._spiller.busy, self._lock:
            self._shelf.forget_recycled(step)
            return sum(files.remove(path) for path in self._shelf.unknown_files([step]))

    def sweep(self, running: Collection[str]) -> int:
        """Remove what a dead session's steps left behind and nobody took in, and return its bytes.

        Called once the workers that still run have been adopted: the folders of ``running`` steps, and files that
        changed since this store was made, are left alone.
        """
        with self._spiller.busy, self._lock:
            idle = self._shelf.steps_on_disk() - set(running)
            return sum(files.remove(path) for path in self._shelf.unknown_files(idle, before=self._made))
