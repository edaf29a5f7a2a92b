"""The engine's own loop side: runs, adoption, freshness of one open pipeline. Everything here is on one loop."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from orchest_tui.engine import events
from orchest_tui.engine.attempt import pin_key
from orchest_tui.engine.opened import OpenPipeline, now
from orchest_tui.engine.requests import Plan, RunRequest, make_plan, remade
from orchest_tui.engine.run_context import RunContext
from orchest_tui.engine.running import RunExecution, is_end
from orchest_tui.engine.workers import WorkerSource
from orchest_tui.errors import ExecutorError, InvalidProjectError, OrchestTuiError
from orchest_tui.graph.order import induced

if TYPE_CHECKING:
    from orchest_tui.engine.freshness import Freshness
    from orchest_tui.engine.history import RunRow
    from orchest_tui.errors import Problem
    from orchest_tui.execution.executor import AdoptedWorker


class EngineCore:
    """Runs steps of one open pipeline and tells what happens.

    Args:
        opened: The pipeline; the caller holds its lock.
        session: Identity of this engine's life.
        publish: Receives every event, on the loop.
        keep_warm: Whether to keep spares between runs.
    """

    def __init__(
        self, opened: OpenPipeline, session: str, publish: Callable[[events.Event], None], *, keep_warm: bool
    ) -> None:
        self.opened = opened
        self._publish = publish
        self._keep_warm = keep_warm
        self._run: RunExecution | None = None
        self._run_task: asyncio.Task[None] | None = None
        self._verdicts: dict[str, Freshness] = {}
        self._broken: tuple[Problem, ...] = ()
        self._closing = False
        self.workers = WorkerSource(opened, session, self._report_environment, self.notice)

    # -- runs ---------------------------------------------------------------------------------------------------

    @property
    def running(self) -> int | None:
        """Number of the run that goes on, None where none does."""
        return None if self._run is None else self._run.run

    async def start_run(self, request: RunRequest) -> int | None:
        """Begin a run and return its number; None where nothing has to run.

        Raises:
            OrchestTuiError: A run goes on already, the request or the definition can't be used, or the container engine
                that the settings ask for does not answer.
        """
        self._refuse_a_second_run()
        if self.opened.reload_definition():
            self._take_definition()
        opened = self.opened
        verdicts = opened.verdicts(request.parameters, request.step_parameters) if request.kind == "stale" else {}
        plan = make_plan(request, opened.pipeline, verdicts, opened.evicted_steps())
        if not plan.parents:
            return None
        problems = opened.problems_of(plan.parents)
        if problems:
            raise InvalidProjectError(problems)
        if opened.settings.executor == "docker":
            # An engine that is asked for by name and does not answer is no failure of a step: nothing is begun. `auto`
            # has somewhere else to go, and may take long to find out.
            await self.workers.executor()
            self._refuse_a_second_run()
        started = now()
        titles = [(step, opened.pipeline.steps[step].title) for step in plan.parents]
        number = opened.history.begin_run(request.kind, request.to_json(), titles, started)
        self._publish(events.RunStarted(started, number, request.kind, tuple(plan.parents)))
        for step, title in titles:
            self._publish(events.StepChanged(started, number, step, title, "PENDING"))
        self._launch(RunExecution(RunContext(opened, self.workers, request, number, self._publish), plan), {})
        return number

    def _refuse_a_second_run(self) -> None:
        if self._run is not None:
            raise OrchestTuiError(f"Run {self._run.run} still goes on.", "Wait for its end, or stop it first.")

    async def abort(self, steps: Sequence[str] = (), *, grace: float | None = None) -> None:
        """End the run that goes on, or ``steps`` of it; ``grace`` in seconds, 0 kills at once."""
        if self._run is not None:
            await self._run.abort(steps, grace=grace)

    async def wait(self) -> None:
        """Wait until no run goes on."""
        if self._run_task is not None:
            await asyncio.wait([self._run_task])

    def _launch(self, run: RunExecution, adopted: dict[str, AdoptedWorker]) -> None:
        self._run = run
        self.opened.saves.run_began(time.time_ns())
        self._run_task = asyncio.ensure_future(self._execute(run, adopted))

    async def _execute(self, run: RunExecution, adopted: dict[str, AdoptedWorker]) -> None:
        try:
            await run.execute(adopted)
        except Exception as error:
            # Whatever it is: without an end every front end would wait for one for ever.
            await run.give_up(f"{type(error).__name__}: {error}")
            if not isinstance(error, OSError | sqlite3.Error | OrchestTuiError):
                raise
            self.notice("error", f"Run {run.run} was given up: {error}")
        finally:
            self._run = None
            self.opened.saves.run_ended(time.time_ns())
            self.opened.remember_digests()
            self._prune()
            self.check_freshness()
            if self._keep_warm and not self._closing:
                self._warm_idle(list(run.plan.parents))

    def _prune(self) -> None:
        """Forget old runs and their logs."""
        import shutil

        keep = self.opened.settings.keep_runs
        for number in self.opened.history.prune(keep) if keep else []:
            shutil.rmtree(self.opened.layout.logs_dir(number), ignore_errors=True)

    def _warm_idle(self, just_run: list[str]) -> None:
        """Keep spares for what is most likely to run next: what just ran, then what is not fresh."""
        steps = self.opened.pipeline.steps
        stale = [step for step in self.opened.order if not self._verdicts[step].fresh]
        imports = {
            step: success.record.get("early_imports", ()) for step, success in self.opened.history.successes().items()
        }
        likely = dict.fromkeys(step for step in (*stale, *just_run) if step in steps)
        self.workers.wanted([(steps[step], imports.get(step, ())) for step in likely])

    # -- adoption -----------------------------------------------------------------------------------------------

    async def adopt(self, *, resume: bool) -> int | None:
        """Take over what an earlier engine left unfinished; return the number of the run that goes on now.

        Args:
            resume: Whether to go on with it: follow what still runs and start what waits. Otherwise only ends that
                have come meanwhile are taken in.
        """
        unfinished = self.opened.history.unfinished()
        for row in unfinished[:-1]:
            self._close_run(row, "a later run took its place")
        if not unfinished:
            self._sweep({})
            return None
        row = unfinished[-1]
        try:
            workers = await self._adopted_workers(row, resume=resume)
        except ExecutorError as error:
            self.notice("warning", f"Run {row.number} can't be looked after: {error}")
            return None
        self._sweep(workers)
        run = self._left_run(row, workers)
        if resume:
            steps = tuple(run.plan.parents)
            self._publish(events.RunStarted(row.started, row.number, row.kind, steps))
            self.notice("info", f"Run {row.number} was left unfinished; going on with it.")
            self._launch(run, workers)
            return row.number
        await run.settle({step: worker for step, worker in workers.items() if not worker.running})
        return None

    def _sweep(self, workers: Mapping[str, AdoptedWorker]) -> None:
        """Let go of what steps held and wrote whose process is gone."""
        store = self.opened.store
        still = {pin_key(int(worker.run), step) for step, worker in workers.items()}
        for key in store.pinned_runs() - still:
            store.unpin(key)
        store.sweep(list(workers))

    async def _adopted_workers(self, row: RunRow, *, resume: bool) -> dict[str, AdoptedWorker]:
        """Return the workers of a run by step; what belongs to no step of it is thrown away.

        A worker whose step has no context in the history was told to run just before the engine ended: what it works
        from is not known, so its step waits anew.
        """
        if not row.executor:
            return {}
        settings = self.opened.settings
        self.opened.settings = dataclasses.replace(settings, executor="docker" if row.executor == "docker" else "local")
        try:
            found = await self.workers.adopt()
        finally:
            self.opened.settings = settings
        mine = {}
        for worker in found:
            known = worker.step in self.opened.pipeline.steps and self.opened.history.context(row.number, worker.step)
            if worker.run == str(row.number) and known:
                mine[worker.step] = worker
            elif resume or not worker.running:
                await worker.worker.discard()
        return mine

    def _left_run(self, row: RunRow, workers: dict[str, AdoptedWorker]) -> RunExecution:
        """Return the execution of a run as an earlier engine left it; steps whose worker is gone are ended."""
        opened, history = self.opened, self.opened.history
        rows = [step for step in history.steps_of(row.number) if step.step in opened.pipeline.steps]
        parents = induced(opened.pipeline.parents, [step.step for step in rows])
        request = RunRequest.from_json(dict(row.request))
        ordered = {step: parents[step] for step in opened.order if step in parents}
        forced = remade(opened.pipeline.parents, list(ordered), opened.evicted_steps())
        plan = Plan(request, ordered, lazy=row.kind == "stale", forced=forced)
        run = RunExecution(RunContext(opened, self.workers, request, row.number, self._publish), plan)
        for step in rows:
            if is_end(step.status):
                run.set_status(step.step, step.status)
            elif step.status == "STARTED" and step.step not in workers:
                reason = "the engine ended while it ran, and its process is gone"
                history.end_step(row.number, step.step, "ABORTED", now(), reason=reason)
                run.set_status(step.step, "ABORTED")
        run.abort_orphans()
        return run

    def _close_run(self, row: RunRow, reason: str) -> None:
        for step in self.opened.history.steps_of(row.number):
            if not is_end(step.status):
                self.opened.history.end_step(row.number, step.step, "ABORTED", now(), reason=reason)
        self.opened.history.end_run(row.number, "ABORTED", now(), reason)

    # -- freshness ----------------------------------------------------------------------------------------------

    @property
    def all_fresh(self) -> bool:
        """Whether every step was fresh when that was looked at last."""
        return all(verdict.fresh for verdict in self._verdicts.values())

    def check_freshness(self) -> dict[str, Freshness]:
        """Evaluate every step anew, tell what changed, and return the verdicts."""
        verdicts = self.opened.verdicts()
        for step, verdict in verdicts.items():
            if self._verdicts.get(step) != verdict:
                title = self.opened.pipeline.steps[step].title
                self._publish(
                    events.FreshnessChanged(now(), step, title, verdict.fresh, verdict.reasons, verdict.upstream_stale)
                )
        self._verdicts = verdicts
        self.opened.remember_digests()
        return verdicts

    def reload_definition(self) -> None:
        """Read the definition again; where it is broken the last good one stays, and a notice names the error."""
        try:
            changed = self.opened.reload_definition()
        except InvalidProjectError as error:
            # An editor that saves every few seconds repeats the error; it is told once.
            if error.problems != self._broken:
                self._broken = error.problems
                self.notice("error", f"The last good definition stays: {error.problems[0]}")
                self._publish(events.DefinitionBroken(now(), error.problems))
        else:
            if changed or self._broken:
                self._take_definition()

    def _take_definition(self) -> None:
        """Use the definition that was just read."""
        self._broken = ()
        self.opened.store.resize(self.opened.pipeline.settings.data_passing_memory_size)
        self.opened.store.auto_eviction = self.opened.pipeline.settings.auto_eviction
        self._publish(events.DefinitionReloaded(now()))

    # -- the rest -----------------------------------------------------------------------------------------------

    async def close(self, *, stop: bool) -> None:
        """End: with ``stop`` a run that goes on is aborted first, otherwise its workers are left to an adopter."""
        if self._run_task is not None:
            run = self._run
            self._closing = True
            if stop:
                await self.abort()
            else:
                self._run_task.cancel()
            await asyncio.wait([self._run_task])
            if run is not None and not stop:
                await run.leave()
        await self.workers.close()

    def _report_environment(self, environment: str, name: str, text: str | None) -> None:
        if text is None:
            self._publish(events.EnvironmentReady(now(), environment, name))
        else:
            self._publish(events.EnvironmentProgress(now(), environment, name, text))

    def notice(self, level: Literal["info", "warning", "error"], text: str) -> None:
        """Tell a person something."""
        self._publish(events.Notice(now(), level, text))
