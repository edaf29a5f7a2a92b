"""Where workers come from: the executor, opened when first needed, built environments and warm spares."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from orchest_tui.engine.dispatch import worker_spec
from orchest_tui.errors import ExecutorError, OrchestTuiError
from orchest_tui.execution.choose import choose_executor
from orchest_tui.execution.spares import SparePool

if TYPE_CHECKING:
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.execution.executor import AdoptedWorker, Executor, PreparedEnvironment, Worker, WorkerSpec
    from orchest_tui.project.definition import Step
    from orchest_tui.project.environments import Environment

EnvironmentReport = Callable[[str, str, str | None], None]
"""Called with an environment's uuid, its name and a short line of progress, None for the end."""


class WorkerSource:
    """Gives a warm worker for a step, whatever has to be made ready for it.

    Args:
        opened: The pipeline.
        session: Identity of this engine's life, for labels.
        report: Called with progress of environments.
        notice: Called with a level and a line that a person should see.
    """

    def __init__(
        self,
        opened: OpenPipeline,
        session: str,
        report: EnvironmentReport,
        notice: Callable[[Literal["info", "warning", "error"], str], None],
    ) -> None:
        self._opened = opened
        self._session = session
        self._report = report
        self._notice = notice
        self._executor: Executor | None = None
        self._pool: SparePool | None = None
        self._opening = asyncio.Lock()
        self._preparing: dict[str, asyncio.Lock] = {}
        self._prepared: dict[str, PreparedEnvironment] = {}
        self._services_started = False
        self._losses = 0
        self._left: Sequence[AdoptedWorker] = ()

    @property
    def executor_name(self) -> str | None:
        """Name of the executor in use, None while none is open."""
        return None if self._executor is None else self._executor.name

    @property
    def spares(self) -> int:
        """How many warm spares there are."""
        return 0 if self._pool is None else len(self._pool)

    async def executor(self) -> Executor:
        """Return the executor, opened.

        Raises:
            ExecutorUnavailableError: None can be used on this machine.
        """
        async with self._opening:
            if self._executor is None:
                opened = self._opened
                self._executor = await choose_executor(
                    opened.settings,
                    opened.layout,
                    f"{self._session}-{self._losses}" if self._losses else self._session,
                    lambda line: self._notice("info", line),
                    list(self._used_environments()),
                )
                for warning in self._executor.warnings:
                    self._notice("warning", warning)
                self._pool = SparePool(self._executor, opened.settings.warm_spares)
                self._left = await self._executor.adopt(opened.pipeline.uuid)
            return self._executor

    async def prepare(self, environment: str) -> PreparedEnvironment:
        """Return the environment, built if what it is made from has changed.

        Raises:
            OrchestTuiError: It is not there, or can't be built.
        """
        found = self._opened.environments.get(environment)
        if found is None:
            raise OrchestTuiError(f"Environment {environment or '(none assigned)'} is not there.")
        executor = await self.executor()
        await self._discard_left()
        async with self._preparing.setdefault(environment, asyncio.Lock()):
            key = self._opened.present(successes={}).environment_key(environment)
            prepared = self._prepared.get(environment)
            if prepared is None or prepared.key != key:
                log = self._opened.layout.new_build_log(environment)
                try:
                    prepared = await executor.prepare(
                        found,
                        self._opened.project_dir,
                        log,
                        lambda line: self._report(environment, found.name, line),
                    )
                finally:
                    self._report(environment, found.name, None)
                self._prepared[environment] = prepared
            return prepared

    async def take(self, step: Step, imports: Sequence[str]) -> Worker:
        """Return a warm worker for ``step``: a spare that fits, or a new one.

        Raises:
            OrchestTuiError: The environment can't be built or the worker not be started.
        """
        environment = await self.prepare(step.environment)
        await self._start_services()
        if self._pool is None:
            raise ExecutorError("The executor was closed.")
        return await self._pool.take(worker_spec(self._opened, step, environment, tuple(imports)))

    def wanted(
        self,
        steps: Iterable[tuple[Step, Sequence[str]]],
        about_to_be_taken: Iterable[tuple[Step, Sequence[str]]] = (),
    ) -> None:
        """Keep spares for ``steps``, the most likely first, each with modules to import early; drop all others.

        Those that are ``about_to_be_taken`` are kept too, where they are there. Only steps whose environment is ready
        are considered: a spare never starts a build.
        """
        if self._pool is not None:
            self._pool.wanted(self._specs(steps), self._specs(about_to_be_taken))

    async def adopt(self) -> Sequence[AdoptedWorker]:
        """Return the workers that an earlier engine of this pipeline left; the caller takes them over."""
        await self.executor()
        left, self._left = self._left, ()
        return left

    async def reset(self) -> None:
        """Forget the executor after it failed, so that the next run connects anew, as a session of its own."""
        self._losses += 1
        executor, pool = self._executor, self._pool
        self._executor = self._pool = None
        self._services_started = False
        self._prepared.clear()
        with contextlib.suppress(OrchestTuiError, OSError):
            if pool is not None:
                await pool.close()
            if executor is not None:
                await executor.close()

    async def close(self) -> None:
        """Throw away spares, services and networks; running workers are left alone."""
        if self._pool is not None:
            await self._pool.close()
        if self._executor is not None:
            await self._executor.close()
        self._executor = self._pool = None

    def _specs(self, steps: Iterable[tuple[Step, Sequence[str]]]) -> list[WorkerSpec]:
        return [
            worker_spec(self._opened, step, self._prepared[step.environment], tuple(imports))
            for step, imports in steps
            if step.environment in self._prepared
        ]

    async def _discard_left(self) -> None:
        """Remove workers that nobody takes over: of ended runs, and of this engine's own when its executor failed."""
        left, self._left = self._left, ()
        for adopted in left:
            await adopted.worker.discard()

    def _used_environments(self) -> Iterable[Environment]:
        used = {step.environment for step in self._opened.pipeline.steps.values()}
        return [environment for uuid, environment in self._opened.environments.items() if uuid in used]

    async def _start_services(self) -> None:
        if self._services_started or self._executor is None:
            return
        async with self._opening:
            if self._services_started:
                return
            services = [s for s in self._opened.pipeline.services.values() if "interactive" in s.scope]
            self._services_started = True
            try:
                if services:
                    await self._executor.start_services(services, self._opened.variables)
            except OrchestTuiError as error:
                self._notice("warning", f"Services are not there: {error}")
