"""What the local executor's tests share: a small project, an executor for each kind of sandbox, waiting."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.execution.executor import OrderInput, OrderOutput, PreparedEnvironment, RunOrder, WorkerSpec
from orchest_tui.execution.local import LocalExecutor
from orchest_tui.execution.local.sandbox import Bubblewrap, Sandbox, Unconfined, UserNamespace, works
from orchest_tui.execution.protocol import Finished, RunnerMessage
from orchest_tui.project.layout import Layout
from orchest_tui.project.settings import Settings

PIPELINE = "0d4f9a7e-2b1c-4e6d-8c3a-5b6a7c8d9e03"
STEP = "3f1c7a52-6d0e-4b8a-9a51-2f4f6f3b7c01"
PARENT = "b7e2d9c4-51aa-4c0f-8f0b-6c1d2e3f4a02"
PATIENCE = 60.0
"""Seconds after which a wait is a failure; far more than anything takes."""

SANDBOXES = ("bubblewrap", "user namespace", "no isolation")


@functools.cache
def make_sandbox(name: str) -> Sandbox:
    """Return the sandbox called ``name``; skips the test where this machine doesn't have it."""
    if name == Unconfined.name:
        return Unconfined()
    kind, program = {"bubblewrap": (Bubblewrap, "bwrap"), "user namespace": (UserNamespace, "unshare")}[name]
    path = shutil.which(program)
    if path is None or not asyncio.run(works(kind(path))):
        pytest.skip(f"{program} does not work on this machine")
    return kind(path)


def own_python() -> PreparedEnvironment:
    """Return the Python that runs the tests as an environment."""
    return PreparedEnvironment(
        environment="env", name="tests", key="0", image=sys.prefix, python=sys.executable, tools=None
    )


@dataclass
class LocalProject:
    """A project in ``root`` with one step, and everything that an engine would make for it."""

    root: Path
    memory: Path

    def __post_init__(self) -> None:
        self.folder = self.root / "project"
        self.data = self.root / "data"
        self.layout = Layout(self.folder, PIPELINE)
        self.settings = Settings(memory_dir=self.memory, data_dir=self.data)
        (self.folder / "steps").mkdir(parents=True, exist_ok=True)
        self.data.mkdir(exist_ok=True)
        self.layout.ensure_state_dir()
        self.session_dir = self.layout.session_dir(self.memory)

    def spec(self, code: str, name: str = "step.py", **changes: Any) -> WorkerSpec:
        """Write the step's file and return what a worker for it is made from."""
        file = self.folder / "steps" / name
        file.write_text(code)
        output_dirs = {step: self.layout.output_dir(self.session_dir, step) for step in (STEP, PARENT)}
        for folder in output_dirs.values():
            folder.mkdir(parents=True, exist_ok=True)
        spec = WorkerSpec(
            pipeline=PIPELINE,
            step=STEP,
            title="The step",
            kind="python" if name.endswith(".py") else "command",
            language="python",
            environment=own_python(),
            environ=(("ORCHEST_PIPELINE_PATH", "/pipeline.json"), ("ORCHEST_STEP_UUID", STEP), ("PASSWORD", "s3cret")),
            imports=(),
            project_dir=self.folder,
            data_dir=self.data,
            cwd=file.parent,
            output_dir=output_dirs[STEP],
            spill_dir=self.layout.spill_dir(STEP),
            input_dirs=((PARENT, output_dirs[PARENT]),),
        )
        return replace(spec, **changes)

    def order(self, name: str = "step.py", *, outputs: tuple[OrderOutput, ...] = (), **changes: Any) -> RunOrder:
        """Return the order to run the step's file."""
        order = RunOrder(
            run="1",
            attempt=1,
            file=self.folder / "steps" / name,
            log=self.log_file,
            definition=b'{"uuid": "the definition"}',
            inputs=(OrderInput(PARENT, "The parent", outputs),),
            touch=False,
        )
        return replace(order, **changes)

    @property
    def log_file(self) -> Path:
        return self.layout.log_file(1, STEP)

    @property
    def log(self) -> str:
        return self.log_file.read_text() if self.log_file.exists() else ""

    @property
    def run_folders(self) -> list[Path]:
        return list((self.session_dir / "run").glob("*"))

    def make_executor(self, sandbox: Sandbox) -> LocalExecutor:
        """Return an executor that is not open yet."""
        return LocalExecutor(self.settings, self.layout, "session", sandbox=sandbox)

    @asynccontextmanager
    async def executor(self, sandbox: Sandbox) -> AsyncIterator[LocalExecutor]:
        """Give an open executor and close it."""
        executor = self.make_executor(sandbox)
        await executor.open()
        try:
            yield executor
        finally:
            await executor.close()

    def run(self, sandbox: Sandbox, code: str, name: str = "step.py", **changes: Any) -> tuple[Finished, list[Any]]:
        """Run one step to its end; return how it ended and what it said before."""
        order = {key: changes.pop(key) for key in ("timeout", "outputs") if key in changes}

        async def whole() -> tuple[Finished, list[RunnerMessage]]:
            messages: list[RunnerMessage] = []
            async with self.executor(sandbox) as executor:
                worker = await executor.start(self.spec(code, name, **changes))
                finished = await worker.run(self.order(name, **order), messages.append)
            return finished, messages

        return asyncio.run(asyncio.wait_for(whole(), 2 * PATIENCE))


async def until(condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came to hold"
        await asyncio.sleep(0.01)


def running_with(text: str) -> list[int]:
    """Return the processes whose command line has ``text`` in it."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if text.encode() in command:
                found.append(int(folder.name))
    return found
