"""After a step's success: its outputs enter the cache, their digests are made, the success is recorded.

The outputs are in the cache before any child is dispatched; hashing and recording go on behind the children, in
threads, and are awaited at the run's end (in a stale run before the children, whose verdict depends on them).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchest_tui.cache.entry import OutputError
from orchest_tui.engine import events
from orchest_tui.engine.freshness import shown_path
from orchest_tui.engine.history import Success
from orchest_tui.engine.opened import now
from orchest_tui.engine.records import parameters_read, success_record
from orchest_tui.graph.order import children

if TYPE_CHECKING:
    from orchest_tui.cache.entry import OutputEntry
    from orchest_tui.engine.attempt import StepEnd, StepExecution
    from orchest_tui.engine.run_context import RunContext

Inputs = tuple[tuple[str, tuple["OutputEntry", ...]], ...]


class Commits:
    """The commits of one run.

    Args:
        context: The run.
    """

    def __init__(self, context: RunContext) -> None:
        self._opened = context.opened
        self._run = context.run
        self._emit = context.emit
        self._children = children(context.opened.pipeline.parents)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._digests: dict[int, str] = {}

    def begin(self, execution: StepExecution, end: StepEnd, context: Mapping[str, object]) -> None:
        """Put the step's outputs into the cache, now, and start the rest.

        Args:
            execution: The step, run to its end.
            end: How it ended.
            context: What it was told when it was dispatched.

        Raises:
            OutputError: An output's file is gone or not whole.
        """
        store, step = self._opened.store, execution.step
        provenance = self._provenance(execution, context)
        entries = [
            store.add(
                step.uuid,
                output.name,
                output.file,
                output.bytes,
                kind=output.kind,
                serialization=output.serialization,
                preview=output.preview,
                provenance=provenance,
            )
            for output in execution.outputs.values()
        ]
        store.replace_all(step.uuid, [entry.name for entry in entries])
        self._tasks[step.uuid] = asyncio.ensure_future(self._finish_or_tell(execution, end, context, entries))

    def _provenance(self, execution: StepExecution, context: Mapping[str, Any]) -> dict[str, object]:
        """Return what the step's outputs were made from, in words where there are any."""
        pipeline, step = self._opened.pipeline, execution.step
        environment = self._opened.environments.get(step.environment)
        inputs = [
            [pipeline.steps[parent].title if parent in pipeline.steps else parent, entry.name, entry.run]
            for parent, entries in self._inputs(execution, context)
            for entry in entries
        ]
        return {
            "run": self._run,
            "file": shown_path(str(context["file"])),
            "digest": context["digest"],
            "inputs": inputs,
            "parameters": parameters_read(context, execution.touched),
            "environment": context["environment"],
            "environment_name": environment.name if environment is not None else "",
        }

    async def of(self, step: str) -> None:
        """Wait until the step's commit is whole."""
        if step in self._tasks:
            await _ends_of([self._tasks[step]])

    async def all(self) -> None:
        """Wait for every commit."""
        await _ends_of(list(self._tasks.values()))

    async def _finish_or_tell(
        self, execution: StepExecution, end: StepEnd, context: Mapping[str, object], entries: list[OutputEntry]
    ) -> None:
        """Finish the commit; where the cache fails the step's success goes unrecorded, and a notice tells why."""
        try:
            await self._finish(execution, end, context, entries)
            await asyncio.to_thread(self._opened.store.enforce_budget)
        except OutputError as error:
            self._emit(events.Notice(now(), "error", f"{execution.step.title}: {error}"))

    async def _finish(
        self, execution: StepExecution, end: StepEnd, context: Mapping[str, object], entries: list[OutputEntry]
    ) -> None:
        store, step = self._opened.store, execution.step
        hashed = []
        for entry in entries:
            digest = await asyncio.to_thread(store.hash, entry)
            hashed.append(store.set_digest(entry, digest))
            self._digests[entry.id] = digest
            self._emit(events.OutputStored(now(), self._run, step.uuid, entry.name, entry.bytes, digest, entry.preview))
        parents = [self._tasks[parent] for parent in step.incoming if parent in self._tasks]
        if parents:
            await asyncio.wait(parents)
        inputs = [(parent, await self._named_digests(entries)) for parent, entries in self._inputs(execution, context)]
        present = self._opened.present(successes={})
        record = success_record(context, execution.touched, inputs, hashed, present)
        self._opened.history.record_success(Success(step.uuid, self._run, now(), end.seconds or 0.0, record))
        self._opened.remember_digests()
        for parent in step.incoming:
            store.consumed(parent, step.uuid, self._children.get(parent, []))

    def _inputs(self, execution: StepExecution, context: Mapping[str, object]) -> Inputs:
        """Return what each parent had handed over when the step was dispatched."""
        if execution.dispatch is not None:
            return tuple(execution.dispatch.inputs.items())
        store = self._opened.store
        named: list[list[object]] = context["inputs"]  # type: ignore[assignment]
        return tuple(
            (str(parent), tuple(entry for entry in store.outputs(str(parent)) if entry.id in ids))  # type: ignore[operator]
            for parent, ids in named
        )

    async def _named_digests(self, entries: tuple[OutputEntry, ...]) -> list[tuple[str | None, str]]:
        """Return name and digest of each entry; hashes those of an earlier run that have none yet."""
        named = []
        for entry in entries:
            digest = entry.digest or self._digests.get(entry.id)
            if digest is None:
                digest = await asyncio.to_thread(self._opened.store.hash, entry)
                self._opened.store.set_digest(entry, digest)
                self._digests[entry.id] = digest
            named.append((entry.name, digest))
        return named


async def _ends_of(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait for tasks, which go on where the waiting is cancelled, and raise what one of them raised."""
    if tasks:
        await asyncio.wait(tasks)
    for task in tasks:
        task.result()
