"""One run: which step starts when, what a failure means for the others, and the run's end."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchest_tui.cache.entry import OutputError
from orchest_tui.engine import events
from orchest_tui.engine.attempt import StepEnd, StepExecution
from orchest_tui.engine.commit import Commits
from orchest_tui.engine.freshness import evaluate
from orchest_tui.engine.history import END_STATUSES, Status
from orchest_tui.engine.opened import now
from orchest_tui.errors import OrchestTuiError
from orchest_tui.graph.order import descendants

if TYPE_CHECKING:
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.engine.requests import Plan
    from orchest_tui.engine.run_context import RunContext
    from orchest_tui.execution.executor import AdoptedWorker
    from orchest_tui.project.definition import Step


_GIVE_UP_SECONDS = 30.0
"""How long a run that is given up waits for its killed steps."""


class RunExecution:
    """Executes a plan: a step starts when all its parents in the run succeeded; a failure aborts its descendants.

    Args:
        context: The run, begun in the history already.
        plan: What to do.
    """

    def __init__(self, context: RunContext, plan: Plan) -> None:
        opened = context.opened
        self.run = context.run
        self.plan = plan
        self._context = context
        self._opened = opened
        self._emit = context.emit
        self._status: dict[str, Status | None] = dict.fromkeys(plan.parents, "PENDING")
        self._reused: list[str] = []
        self._active: dict[str, StepExecution] = {}
        self._tasks: dict[asyncio.Task[StepEnd], str] = {}
        self._commits = Commits(context)
        self._imports = {
            step: tuple(success.record.get("early_imports", ())) for step, success in opened.history.successes().items()
        }
        self._before = opened.history.latest(before=context.run)
        self._limit = _parallel_limit(opened, plan)
        self._aborted = False
        self._lost = False

    async def execute(self, adopted: Mapping[str, AdoptedWorker] | None = None) -> Status:
        """Run to the end and return how it ended.

        Args:
            adopted: Workers of an earlier engine, by step: they are followed instead of started anew.
        """
        self._follow(adopted or {})
        while True:
            self._start_ready()
            self._warm_ahead()
            if not self._tasks:
                break
            await self._next_end()
        await self._commits.all()
        if self._lost:
            await self._context.workers.reset()
        return self._finish()

    async def give_up(self, reason: str) -> None:
        """End the run after an error of the program's own side: its steps are killed, all that waits is ABORTED."""
        for execution in self._active.values():
            with contextlib.suppress(OrchestTuiError, OSError):
                await execution.abort(0.0)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GIVE_UP_SECONDS)
        for task in self._tasks:
            task.cancel()
        self._status.update({step: "ABORTED" for step, status in self._status.items() if status == "PENDING"})
        finished = now()
        # The history may be what failed; a run that it can't end is unfinished there, and settled at the next start.
        with contextlib.suppress(sqlite3.Error):
            for row in self._opened.history.steps_of(self.run):
                if not is_end(row.status):
                    self._opened.history.end_step(
                        self.run, row.step, "ABORTED", finished, reason="the run was given up"
                    )
            self._opened.history.end_run(self.run, "FAILURE", finished, reason)
        for step in self.plan.parents:
            if self._status[step] == "ABORTED":
                title = self._opened.pipeline.steps[step].title
                self._emit(events.StepChanged(finished, self.run, step, title, "ABORTED", "the run was given up"))
        self._emit(events.RunFinished(finished, self.run, "FAILURE", reason, tuple(self._reused)))

    async def leave(self) -> None:
        """Leave what runs to the next engine, once ``execute`` was cancelled; what has ended is taken in to its end."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for task, step in self._tasks.items():
            if not task.cancelled():
                await self._settle(step, task.result())
        await self._commits.all()

    async def settle(self, adopted: Mapping[str, AdoptedWorker]) -> None:
        """Take in what an earlier engine's workers, which have ended, left; start nothing and end no run early."""
        self._follow(adopted)
        while self._tasks:
            await self._next_end()
        await self._commits.all()
        if all(is_end(status) for status in self._status.values()):
            self._finish()

    def _follow(self, adopted: Mapping[str, AdoptedWorker]) -> None:
        for step, worker in adopted.items():
            execution = self._execution(step)
            self._launch(step, execution, execution.follow(worker))

    async def _next_end(self) -> None:
        """Wait until a step ends, and take that in."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await self._settle(self._tasks.pop(task), task.result())

    def set_status(self, step: str, status: Status) -> None:
        """Say how a step of an adopted run had ended already."""
        self._status[step] = status

    def abort_orphans(self) -> None:
        """End the waiting steps of an adopted run above which something did not succeed."""
        for step, status in list(self._status.items()):
            if status in {"FAILURE", "ABORTED"}:
                self._abort_below(step)

    @property
    def running(self) -> tuple[str, ...]:
        """The steps that run at this moment."""
        return tuple(self._active)

    async def abort(self, steps: Sequence[str] = (), *, grace: float | None = None) -> None:
        """End the run, or only ``steps`` of it with what waits for them; ``grace`` 0 kills at once."""
        seconds = self._opened.settings.abort_grace if grace is None else grace
        if not steps:
            self._aborted = True
            for step in self._waiting():
                self._end_unstarted(step, "aborted")
        for step in steps:
            if self._status.get(step) == "PENDING" and step not in self._active:
                self._end_unstarted(step, "aborted")
                self._abort_below(step)
        chosen = [e for step, e in self._active.items() if not steps or step in steps]
        await asyncio.gather(*(execution.abort(seconds) for execution in chosen))

    # -- starting -----------------------------------------------------------------------------------------------

    def _waiting(self) -> list[str]:
        return [step for step, status in self._status.items() if status == "PENDING" and step not in self._active]

    def _is_ready(self, step: str) -> bool:
        return all(self._status[parent] in {"SUCCESS", None} for parent in self.plan.parents[step])

    def _start_ready(self) -> None:
        """Start every step whose turn has come; in a stale run pass over those that are fresh."""
        for step in self._waiting():
            if not self._is_ready(step):
                continue
            if self.plan.lazy and step not in self.plan.forced and self._is_fresh(step):
                self._reuse(step)
            elif len(self._active) < self._limit:
                execution = self._execution(step)
                self._launch(step, execution, execution.execute())

    def _execution(self, step: str) -> StepExecution:
        return StepExecution(self._context, self._opened.pipeline.steps[step], self._imports.get(step, ()))

    def _launch(self, step: str, execution: StepExecution, work: Any) -> None:
        self._active[step] = execution
        self._tasks[asyncio.ensure_future(work)] = step

    def _is_fresh(self, step: str) -> bool:
        opened, request = self._opened, self.plan.request
        successes = opened.history.successes()
        present = opened.present(request.parameters, request.step_parameters, successes)
        verdict = evaluate(opened.pipeline.steps[step], successes.get(step), self._before.get(step), present)
        return bool(verdict.fresh)

    def _reuse(self, step: str) -> None:
        self._status[step] = None
        self._reused.append(step)
        self._opened.history.drop_step(self.run, step)
        success = self._opened.history.successes()[step]  # there is one, or the step were not fresh
        title = self._opened.pipeline.steps[step].title
        self._emit(events.StepReused(now(), self.run, step, title, success.run, success.seconds))

    def _warm_ahead(self) -> None:
        """Keep spares for the steps whose turn comes next, so that a container's start overlaps its parents' work."""
        starting = [step for step, execution in self._active.items() if not execution.has_worker]
        self._context.workers.wanted(self._with_imports(self._waiting()), self._with_imports(starting))

    def _with_imports(self, steps: Sequence[str]) -> list[tuple[Step, Sequence[str]]]:
        return [(self._opened.pipeline.steps[step], self._imports.get(step, ())) for step in steps]

    # -- ends ---------------------------------------------------------------------------------------------------

    async def _settle(self, step: str, end: StepEnd) -> None:
        """Take in how a step ended."""
        execution = self._active.pop(step)
        self._lost = self._lost or end.lost
        if end.status == "SUCCESS":
            end = await self._commit(step, execution, end)
        self._status[step] = end.status
        title = execution.step.title
        self._emit(events.StepChanged(now(), self.run, step, title, end.status, end.reason, 0, end.seconds))
        if end.status != "SUCCESS":
            self._abort_below(step)

    async def _commit(self, step: str, execution: StepExecution, end: StepEnd) -> StepEnd:
        """Take in what a step handed over; return its end, a failure where that can't be had."""
        history = self._opened.history
        context = execution.dispatch.context if execution.dispatch else history.context(self.run, step)
        try:
            self._commits.begin(execution, end, context)
        except OutputError as error:
            history.end_step(self.run, step, "FAILURE", now(), reason=str(error))
            return StepEnd("FAILURE", str(error), end.seconds)
        if self.plan.lazy:
            await self._commits.of(step)
        return end

    def _abort_below(self, step: str) -> None:
        title = self._opened.pipeline.steps[step].title
        for below in self.plan.parents:
            if below in descendants(self.plan.parents, [step]) and self._status[below] == "PENDING":
                word = "failed" if self._status[step] == "FAILURE" else "was aborted"
                self._end_unstarted(below, f"{title} {word}")

    def _end_unstarted(self, step: str, reason: str) -> None:
        self._status[step] = "ABORTED"
        title = self._opened.pipeline.steps[step].title
        self._opened.history.end_step(self.run, step, "ABORTED", now(), reason=reason)
        self._emit(events.StepChanged(now(), self.run, step, title, "ABORTED", reason))

    def _finish(self) -> Status:
        ends = set(self._status.values())
        status: Status = "SUCCESS"
        reason = None
        if "FAILURE" in ends:
            status = "FAILURE"
            failed = [step for step, end in self._status.items() if end == "FAILURE"]
            reason = ", ".join(self._opened.pipeline.steps[step].title for step in failed) + " failed"
        elif self._aborted or "ABORTED" in ends:
            status, reason = "ABORTED", "aborted"
        finished = now()
        self._opened.history.end_run(self.run, status, finished, reason)
        self._emit(events.RunFinished(finished, self.run, status, reason, tuple(self._reused)))
        return status


def is_end(status: str | None) -> bool:
    """Return whether nothing more happens to a step or run of this status."""
    return status in END_STATUSES


def _parallel_limit(opened: OpenPipeline, plan: Plan) -> int:
    """Return how many steps may run at once: the smallest of the limits that are set."""
    limits = [plan.request.parallel, opened.pipeline.settings.max_steps_parallelism, opened.settings.parallel]
    return min((limit for limit in limits if limit > 0), default=len(plan.parents) or 1)
