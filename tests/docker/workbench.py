"""A project in a temporary folder and an executor on it, for tests of workers."""

from __future__ import annotations

import asyncio
import itertools
import textwrap
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from orchest_tui.execution.docker import DockerExecutor
from orchest_tui.execution.docker.labels import PROJECT
from orchest_tui.execution.docker.runtime_compile import compile_runtime
from orchest_tui.execution.executor import OrderInput, PreparedEnvironment, RunOrder, Worker, WorkerSpec
from orchest_tui.execution.protocol import Finished, RunnerMessage, Usage
from orchest_tui.project.layout import Layout
from orchest_tui.project.settings import Settings

STEP = "5be00000-0000-4000-8000-000000000001"
PATIENCE = 120  # seconds; only a hang is ever that slow


@dataclass
class Result:
    """How a step went."""

    finished: Finished
    messages: list[RunnerMessage]
    log: str

    @property
    def kinds(self) -> list[str]:
        """Names of the messages, without those that come by the clock."""
        return [type(message).__name__ for message in self.messages if not isinstance(message, Usage)]


@dataclass
class Workbench:
    """What a test needs to run a step in a container."""

    url: str | None
    client: Any
    environment: PreparedEnvironment
    project: Path
    memory: Path
    data: Path
    pipeline: str = field(default_factory=lambda: str(uuid.uuid4()))
    runs: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(docker_host=self.url, data_dir=self.data, memory_dir=self.memory, ca_bundle="none")

    @property
    def layout(self) -> Layout:
        return Layout(self.project, self.pipeline)

    @property
    def session_dir(self) -> Path:
        return self.layout.session_dir(self.memory)

    def executor(self) -> DockerExecutor:
        self.layout.ensure_state_dir()
        return DockerExecutor(self.settings, self.layout, uuid.uuid4().hex)

    def spec(self, environ: Mapping[str, str] | None = None, **changes: Any) -> WorkerSpec:
        session = self.session_dir
        spec = WorkerSpec(
            pipeline=self.pipeline,
            step=STEP,
            title="Try",
            kind="python",
            language="python",
            environment=self.environment,
            environ=tuple(sorted((environ or {}).items())),
            imports=(),
            project_dir=self.project,
            data_dir=self.data,
            cwd=self.project,
            output_dir=self.layout.output_dir(session, STEP),
            spill_dir=self.layout.spill_dir(STEP),
            input_dirs=(),
        )
        return replace(spec, **changes)

    def write(self, source: str, name: str = "step.py") -> Path:
        file = self.project / name
        file.write_text(textwrap.dedent(source))
        return file

    def order(self, file: Path, inputs: tuple[OrderInput, ...] = (), **changes: Any) -> RunOrder:
        self.runs += 1
        order = RunOrder(
            run=str(self.runs),
            attempt=1,
            file=file,
            log=self.layout.log_file(self.runs, STEP),
            definition=b'{"name": "definition"}',
            inputs=inputs,
            grace=PATIENCE,
        )
        return replace(order, **changes)

    def play(self, scenario: Callable[[DockerExecutor], Awaitable[Any]]) -> Any:
        """Run ``scenario`` with an open executor that is closed afterwards."""

        async def whole() -> Any:
            executor = self.executor()
            await executor.open()
            try:
                if self.environment.python is not None:
                    assert executor._ground is not None
                    await compile_runtime(executor._ground.session, self.environment)
                return await asyncio.wait_for(scenario(executor), PATIENCE)
            finally:
                await executor.close()

        return asyncio.run(whole())

    def run(
        self,
        source: str,
        name: str = "step.py",
        order: Mapping[str, Any] | None = None,
        inputs: tuple[OrderInput, ...] = (),
        **spec: Any,
    ) -> Result:
        """Run ``source`` as the step's file and return how it went."""
        told = self.order(self.write(source, name), inputs, **(order or {}))

        async def scenario(executor: DockerExecutor) -> Result:
            worker = await executor.start(self.spec(**spec))
            return await run_worker(worker, told)

        result: Result = self.play(scenario)
        return result

    def containers(self) -> list[Any]:
        return list(self.client.containers.list(all=True, filters={"label": f"{PROJECT}={self.project}"}))

    def networks(self) -> list[Any]:
        return list(self.client.networks.list(filters={"label": f"{PROJECT}={self.project}"}))


async def run_worker(worker: Worker, order: RunOrder) -> Result:
    """Run ``order`` and collect what the runner said."""
    messages: list[RunnerMessage] = []
    finished = await worker.run(order, messages.append)
    return Result(finished, messages, order.log.read_text(errors="replace"))


async def until(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - files and containers set no event
            await asyncio.sleep(0.02)


def log_has(order: RunOrder, words: str) -> Callable[[], bool]:
    """Return whether the log of ``order`` contains ``words``, as a condition."""
    return lambda: order.log.is_file() and words in order.log.read_text()


def samples(said: Iterable[RunnerMessage]) -> list[Usage]:
    """Return what was told of the use of processor and memory."""
    return [message for message in said if isinstance(message, Usage)]


def busiest(said: Iterable[RunnerMessage]) -> float:
    """Return the most cores that a step used between two samples; 0 where there are no two yet."""
    told = samples(said)
    spans = itertools.pairwise(told)
    return max(((after.cpu - before.cpu) / (after.time - before.time) for before, after in spans), default=0.0)
