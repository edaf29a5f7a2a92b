"""One step of one run: its attempts, what its worker says, and the commit of what it handed over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from orchest_tui.engine import events
from orchest_tui.engine.cores import CoreMeter
from orchest_tui.engine.dispatch import Dispatch, make_dispatch
from orchest_tui.engine.freshness import recorded_path
from orchest_tui.engine.history import Status
from orchest_tui.engine.opened import now
from orchest_tui.errors import ExecutorError, ExecutorUnavailableError, OrchestTuiError
from orchest_tui.execution import protocol
from orchest_tui.execution.executor import WorkerLostError

if TYPE_CHECKING:
    from orchest_tui.engine.run_context import RunContext
    from orchest_tui.execution.executor import AdoptedWorker, MessageHandler, Worker
    from orchest_tui.project.definition import Step


def pin_key(run: int, step: str) -> str:
    """Return the key under which a running step holds its inputs in the cache."""
    return f"{run}/{step}"


@dataclass(frozen=True, slots=True)
class StepEnd:
    """How a step of a run ended.

    Attributes:
        status: An end status.
        reason: In words, for anything but SUCCESS.
        seconds: Duration of the last attempt's own code, None where that did not begin.
        ran: Whether a worker ran it to an end of its own, so that trying again makes sense.
        lost: Whether the executor itself failed under it.
    """

    status: Status
    reason: str | None = None
    seconds: float | None = None
    ran: bool = True
    lost: bool = False


class StepExecution:
    """Runs one step: takes a worker, dispatches, follows what it says, tries again where the step asks for it.

    Args:
        context: The run.
        step: The step.
        imports: Modules that a worker may import early.
    """

    def __init__(self, context: RunContext, step: Step, imports: Sequence[str]) -> None:
        self.step = step
        self.outputs: dict[str | None, protocol.Output] = {}
        self.touched: protocol.Touched | None = None
        self.dispatch: Dispatch | None = None
        self._context = context
        self._opened = context.opened
        self._run = context.run
        self._imports = imports
        self._worker: Worker | None = None
        self._taking: asyncio.Task[Worker] | None = None
        self._aborting = False
        self._started: float | None = None
        self._cores: CoreMeter | None = None

    @property
    def has_worker(self) -> bool:
        """Whether it was given a worker for its present attempt."""
        return self._worker is not None

    async def execute(self) -> StepEnd:
        """Run the step to its end, retries included."""
        attempt = 0
        while True:
            attempt += 1
            end = await self._attempt(attempt)
            if end.status != "FAILURE" or not end.ran or self._aborting or attempt > self.step.retries:
                return end
            self._log_line(f"attempt {attempt} of {self.step.retries + 1} failed: {end.reason}; trying again")
            self._context.emit(
                self._changed("PENDING", f"attempt {attempt} failed: {end.reason}", attempt, end.seconds)
            )

    async def follow(self, adopted: AdoptedWorker) -> StepEnd:
        """Go on with a step that an earlier engine dispatched, to its end; it is not tried again."""
        self._worker = adopted.worker
        try:
            end = await self._watched(adopted.follow)
        except ExecutorError as error:
            end = self._failed(error, adopted.attempt)
        # Where this is cancelled the step is left to the next engine, with its inputs pinned.
        self._opened.store.unpin(pin_key(self._run, self.step.uuid))
        return end

    async def abort(self, grace: float) -> None:
        """End the step: at once if ``grace`` is 0."""
        self._aborting = True
        if self._worker is not None:
            await self._worker.abort(grace, "aborted")
        elif self._taking is not None:
            self._taking.cancel()

    async def _attempt(self, attempt: int) -> StepEnd:
        self.outputs, self.touched, self._started, self._cores = {}, None, None, None
        try:
            self._taking = asyncio.ensure_future(self._context.workers.take(self.step, self._imports))
            worker = await self._taking
        except asyncio.CancelledError:
            if not self._aborting:
                raise
            return self._aborted(attempt)
        except OrchestTuiError as error:
            return self._failed(error, attempt)
        if self._aborting:
            await worker.discard()
            return self._aborted(attempt)
        pins = pin_key(self._run, self.step.uuid)
        self._opened.store.pin(pins, self.step.incoming)
        try:
            end = await self._dispatched(worker, attempt)
        except ExecutorError as error:
            end = self._failed(error, attempt)
        self._opened.store.unpin(pins)
        self._worker = None
        return end

    async def _dispatched(self, worker: Worker, attempt: int) -> StepEnd:
        self.dispatch = dispatch = make_dispatch(self._opened, self._context.request, self._run, self.step, attempt)
        dispatch.order.log.parent.mkdir(parents=True, exist_ok=True)
        self._worker = worker
        following = asyncio.ensure_future(self._watched(lambda handler: worker.run(dispatch.order, handler)))
        try:
            # The order is on its way before the history is written, so that the disk is off the dispatch path.
            await asyncio.sleep(0)
            history = self._opened.history
            history.start_step(self._run, self.step.uuid, attempt, dispatch.context)
            history.set_executor(self._run, self._context.workers.executor_name or "")
            self._context.emit(self._changed("STARTED", None, attempt, None))
            return await following
        finally:
            following.cancel()

    async def _watched(self, follow: Callable[[MessageHandler], Awaitable[protocol.Finished]]) -> StepEnd:
        finished = await follow(self._on_message)
        seconds = None if self._started is None else max(0.0, finished.time - self._started)
        details = {
            "exit_code": finished.exit_code,
            "cpu_seconds": finished.cpu_seconds,
            "max_rss": finished.max_rss,
            "started": self._started,
        }
        self._opened.history.end_step(
            self._run, self.step.uuid, finished.status, finished.time, reason=finished.reason, **details
        )
        if self.touched is not None:
            self._opened.note_written(self.touched.written)
        if finished.status != "SUCCESS":
            # What it handed over before it failed does not count: the outputs of its last success stay.
            self._opened.store.discard_unreported(self.step.uuid)
        return StepEnd(finished.status, finished.reason, seconds)

    def _on_message(self, message: protocol.RunnerMessage) -> None:
        """Take in what the worker says, on the engine's loop."""
        run, step = self._run, self.step.uuid
        match message:
            case protocol.Started():
                self._started = message.time
                self._cores = CoreMeter(message.time)
                self._opened.history.set_started(run, step, message.time)
            case protocol.Output():
                self.outputs[message.name] = self._as_here(message)
            case protocol.Touched():
                self.touched = self._as_recorded(message)
            case protocol.Progress():
                self._context.emit(events.StepProgress(now(), run, step, message.fraction, message.text))
            case protocol.Usage() if self._cores is not None:
                cores = self._cores.cores(message, now())
                if cores is not None:
                    self._context.emit(events.StepUsage(now(), run, step, cores, message.memory))
            case protocol.Cell():
                cell = (message.index, message.count, message.status, message.seconds)
                self._context.emit(events.CellChanged(now(), run, step, *cell))
            case _:
                pass

    def _as_here(self, output: protocol.Output) -> protocol.Output:
        """Return a report with the host's path where it names one (a spilled segment, a legacy payload)."""
        here = self._worker.paths.outside(output.file) if self._worker and output.file.startswith("/") else None
        return output if here is None else msgspec.structs.replace(output, file=str(here))

    def _as_recorded(self, touched: protocol.Touched) -> protocol.Touched:
        """Return a report with paths as records have them."""

        def recorded(path: str) -> str:
            return recorded_path(path, self._opened.project_dir, self._opened.data_dir)

        return msgspec.structs.replace(
            touched,
            read=[msgspec.structs.replace(file, path=recorded(file.path)) for file in touched.read],
            written=[recorded(path) for path in touched.written],
        )

    def _failed(self, error: OrchestTuiError, attempt: int) -> StepEnd:
        """Return the end of an attempt under which the executor failed."""
        reason = str(error)
        self._log_line(reason)
        started = self._started
        self._opened.history.end_step(self._run, self.step.uuid, "FAILURE", now(), reason=reason, attempt=attempt)
        lost = isinstance(error, WorkerLostError | ExecutorUnavailableError)
        return StepEnd("FAILURE", reason, None if started is None else now() - started, ran=False, lost=lost)

    def _aborted(self, attempt: int) -> StepEnd:
        self._opened.history.end_step(self._run, self.step.uuid, "ABORTED", now(), reason="aborted", attempt=attempt)
        return StepEnd("ABORTED", "aborted")

    def _changed(self, status: Status, reason: str | None, attempt: int, seconds: float | None) -> events.StepChanged:
        return events.StepChanged(now(), self._run, self.step.uuid, self.step.title, status, reason, attempt, seconds)

    def _log_line(self, text: str) -> None:
        """Append a line of the engine's own to the step's log."""
        path = self._opened.layout.log_file(self._run, self.step.uuid)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.write(f"orchest-tui: {text}\n")
