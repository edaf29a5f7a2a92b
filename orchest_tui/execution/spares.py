"""Warm spares: workers started ahead of time for the steps most likely to run next, each used once.

A spare stands in only for exactly the spec that it was made from. The pool starts a few at a time in the background,
throws away what is not wanted any more, and does not try again what failed until something else is wanted of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from orchest_tui.errors import OrchestTuiError
from orchest_tui.execution.executor import Executor, Worker, WorkerSpec

_STARTS_AT_ONCE = 2


@dataclass(eq=False, slots=True)
class _Spare:
    """A spare on its way or ready; ``begun`` is False while it waits for its turn to start."""

    task: asyncio.Task[Worker] = field(init=False)
    begun: bool = False


class SparePool:
    """The spares of one engine.

    Args:
        executor: Starts the workers.
        limit: How many spares to keep; 0 for none.
    """

    def __init__(self, executor: Executor, limit: int) -> None:
        self._executor = executor
        self._limit = limit
        self._spares: dict[WorkerSpec, _Spare] = {}
        self._failed: dict[WorkerSpec, OrchestTuiError] = {}
        self._turns = asyncio.Semaphore(_STARTS_AT_ONCE)
        self._background: set[asyncio.Task[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        """Return how many spares are warm."""
        return sum(1 for spare in self._spares.values() if _warm_worker(spare) is not None)

    def failure(self, spec: WorkerSpec) -> OrchestTuiError | None:
        """Return why the spare for ``spec`` could not be started, None if it could."""
        return self._failed.get(spec)

    def wanted(self, specs: Iterable[WorkerSpec], about_to_be_taken: Collection[WorkerSpec] = ()) -> None:
        """Keep spares for the first ``limit`` of ``specs``, the most likely first; throw all others away.

        Returns at once; starting and throwing away happen in the background. Specs without Python in their
        environment can't be warm and are passed over. A spare for one that is ``about_to_be_taken`` stays where there
        is one, and none is started for it.
        """
        if self._closed:
            return
        chosen = [spec for spec in dict.fromkeys(specs) if spec.environment.python is not None][: self._limit]
        self._failed = {spec: error for spec, error in self._failed.items() if spec in chosen}
        for spec in [spec for spec in self._spares if spec not in chosen and spec not in about_to_be_taken]:
            self._throw_away(self._spares.pop(spec))
        for spec in chosen:
            spare = self._spares.get(spec)
            if spare is not None and spare.task.done() and _warm_worker(spare) is None:
                self._throw_away(self._spares.pop(spec))  # it ended while it waited
                spare = None
            if spare is None and spec not in self._failed:
                self._spares[spec] = self._begin(spec)

    async def take(self, spec: WorkerSpec) -> Worker:
        """Return a worker for ``spec``: the spare, the one that is just being started, or a fresh one.

        Raises:
            ExecutorError: It can't be started.
        """
        spare = self._spares.pop(spec, None)
        if spare is not None and spare.begun:
            worker = await self._finish(spare)
            if worker is not None:
                return worker
        elif spare is not None:
            spare.task.cancel()  # it would wait behind others that nobody waits for
        worker = await self._executor.start(spec)
        self._failed.pop(spec, None)
        return worker

    async def close(self) -> None:
        """Throw all spares away; returns when nothing of them is left."""
        self._closed = True
        for spare in self._spares.values():
            self._throw_away(spare)
        self._spares.clear()
        await asyncio.gather(*self._background, return_exceptions=True)

    def _begin(self, spec: WorkerSpec) -> _Spare:
        spare = _Spare()
        spare.task = asyncio.create_task(self._start(spec, spare))
        spare.task.add_done_callback(lambda task: self._started(spec, spare, task))
        return spare

    async def _start(self, spec: WorkerSpec, spare: _Spare) -> Worker:
        async with self._turns:
            spare.begun = True
            return await self._executor.start(spec)

    def _started(self, spec: WorkerSpec, spare: _Spare, task: asyncio.Task[Worker]) -> None:
        """Remember a failure; reading the exception also keeps asyncio from complaining that nobody did."""
        if task.cancelled() or (error := task.exception()) is None:
            return
        if self._spares.get(spec) is spare:
            del self._spares[spec]
            if isinstance(error, OrchestTuiError):
                self._failed[spec] = error

    async def _finish(self, spare: _Spare) -> Worker | None:
        """Return the spare's worker once it is warm, None if it failed or has ended meanwhile."""
        try:
            worker = await asyncio.shield(spare.task)
        except asyncio.CancelledError:
            self._throw_away(spare)
            raise
        except OrchestTuiError:
            return None
        if worker.alive:
            return worker
        self._in_background(worker.discard())
        return None

    def _throw_away(self, spare: _Spare) -> None:
        if spare.begun:
            self._in_background(_discard(spare.task))
        else:
            spare.task.cancel()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def _discard(starting: asyncio.Task[Worker]) -> None:
    """Let a start come to its end, so that nothing is left half made, and throw the worker away."""
    try:
        worker = await starting
    except OrchestTuiError:
        return  # told when it is wanted again
    await worker.discard()


def _warm_worker(spare: _Spare) -> Worker | None:
    task = spare.task
    if not task.done() or task.cancelled() or task.exception() is not None:
        return None
    worker = task.result()
    return worker if worker.alive else None
