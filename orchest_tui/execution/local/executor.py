"""The local executor: the machine itself runs the steps, as shut in as it allows."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.executor import AdoptedWorker, PathMap, PreparedEnvironment, Report, WorkerSpec
from orchest_tui.execution.local.channel import ControlChannel
from orchest_tui.execution.local.interpreter import find_interpreter
from orchest_tui.execution.local.journal import finished_in
from orchest_tui.execution.local.process import ProcessId, confined_to, kill_tree, spawn
from orchest_tui.execution.local.run_folder import RunFolder
from orchest_tui.execution.local.sandbox import Mount, Sandbox, Unconfined, find_sandbox, system_mounts
from orchest_tui.execution.local.venvs import VenvBuilder
from orchest_tui.execution.local.view import View, isolated_view, open_view
from orchest_tui.execution.local.worker import FoundWorker, LocalWorker
from orchest_tui.execution.local.worker_process import WorkerIds, WorkerProcess
from orchest_tui.execution.owned_folder import take_over
from orchest_tui.execution.protocol import PROTOCOL_VERSION, Prepare, Ready
from orchest_tui.execution.runtime import COMPILE_COMMAND, is_compiled, set_compiled, stage
from orchest_tui.project.environments import Environment
from orchest_tui.project.layout import Layout
from orchest_tui.project.network import CA_VARIABLES, ca_bundle_path, network_environment
from orchest_tui.project.settings import Settings

READY_SECONDS = 300.0
"""How long a worker may take to become warm; early imports on a slow disk, a notebook's kernel."""

_JOURNAL_DESCRIPTOR = 3
_PLAIN_WARNING = (
    "Steps run without isolation, and /data and /project-dir are not there: install bubblewrap for both "
    "(Debian, Ubuntu: `apt install bubblewrap`)."
)


class LocalExecutor:
    """Turns steps into sandboxed processes of this machine; see ``Executor``.

    Args:
        settings: The settings.
        layout: Paths of the pipeline.
        session: Identity of the engine's life.
        sandbox: What to shut steps in; None for the best that works here.
    """

    name = "local"

    def __init__(self, settings: Settings, layout: Layout, session: str, *, sandbox: Sandbox | None = None) -> None:
        self.description = "local"
        self.warnings: Sequence[str] = ()
        self._settings = settings
        self._layout = layout
        self._session = session
        self._sandbox = sandbox
        self._workers: dict[str, LocalWorker] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Look at the machine and put the runtime in place; see ``Executor.open``."""
        self._session_dir = self._layout.session_dir(self._settings.memory_dir)
        self._sandbox = self._sandbox or await find_sandbox()
        self._software: Sequence[Mount] = system_mounts() if self._sandbox.isolated else ()
        self._interpreter = await find_interpreter()
        self._ca_bundle = ca_bundle_path(self._settings)
        certificates = {} if self._ca_bundle is None else dict.fromkeys(CA_VARIABLES, str(self._ca_bundle))
        self._network_environ = {**network_environment(self._settings), **certificates}
        self._venvs = VenvBuilder(
            self._settings, self._sandbox, self._interpreter, self._network_environ, self._ca_bundle
        )
        self.description = f"local ({self._sandbox.name})"
        if isinstance(self._sandbox, Unconfined):
            self.warnings = (_PLAIN_WARNING,)
        try:
            self._runtime = await asyncio.to_thread(stage)
        except OSError as error:
            raise ExecutorError(
                f"The runner can't be put into the cache folder: {error}.", "Make room or mend its rights."
            ) from error
        await self._compile_runtime()

    async def prepare(
        self, environment: Environment, project_dir: Path, log: Path, report: Report, *, anew: bool = False
    ) -> PreparedEnvironment:
        """Build ``environment`` as a virtual environment; see ``Executor.prepare``."""
        return await self._venvs.prepare(environment, project_dir, log, report, anew=anew)

    async def start(self, spec: WorkerSpec) -> LocalWorker:
        """Start a worker and return it when it is warm; see ``Executor.start``."""
        if spec.kind == "notebook" and spec.environment.tools is None:
            # The project had no notebook yet when its environment was prepared.
            tools = await self._venvs.tools(self._session_dir / "notebook-tools.log", lambda _: None)
            spec = replace(spec, environment=replace(spec.environment, tools=str(tools)))
        self._workers = {name: worker for name, worker in self._workers.items() if worker.alive}
        folder = RunFolder.create(self._session_dir)
        # A mount needs its source.
        for needed in (spec.spill_dir, spec.data_dir, spec.output_dir, *(parent for _, parent in spec.input_dirs)):
            needed.mkdir(parents=True, exist_ok=True)
        view = self._view(spec, folder)
        try:
            pid, channel = await self._spawn(spec, view, folder)
        except OSError as error:
            folder.remove()
            raise ExecutorError(f"The step {spec.title!r} can't be started: {error}.") from error
        outer = ProcessId.of(pid)
        try:
            channel.send(_prepare_message(spec, view, self._network_environ))
            ready = await self._wait_until_warm(channel, spec, folder)
            worker = self._worker(spec, view.paths, pid, channel, folder, ready)
        except BaseException:  # whatever stopped it, nothing may be left behind
            channel.close()
            if outer is not None:
                kill_tree(outer)
            await asyncio.to_thread(os.waitpid, pid, 0)
            folder.remove()
            raise
        self._workers[worker.id] = worker
        return worker

    async def adopt(self, pipeline: str) -> Sequence[AdoptedWorker]:
        """Find workers of an earlier engine; see ``Executor.adopt``."""
        adopted = []
        for folder in RunFolder.all(self._session_dir):
            if folder.path.name in self._workers:
                continue
            record, order = folder.read_process(), folder.read_order()
            if record is None:
                folder.remove()
                continue
            process = WorkerProcess(record.ids, own=False)
            worker = FoundWorker(record.spec, PathMap(record.paths), process, folder, self._background)
            if record.spec.pipeline != pipeline:  # the folder's name has a part of the pipeline's uuid only
                continue
            if order is None:
                await worker.discard()
                continue
            take_over(folder.path)
            running = process.alive() and finished_in(folder.journal) is None
            adopted.append(AdoptedWorker(record.spec.step, order.run, order.attempt, running, worker.follow, worker))
        return adopted

    async def start_services(self, services: Iterable[object], environ: Mapping[str, str]) -> None:  # noqa: ARG002
        """Refuse services, which are containers.

        Raises:
            ExecutorError: There is a service.
        """
        names = ", ".join(str(getattr(service, "name", service)) for service in services)
        if names:
            raise ExecutorError(
                f"The pipeline's services ({names}) are containers, and the local executor has none.",
                "Install Docker or Podman, or take `interactive` out of their scope.",
            )

    async def close(self) -> None:
        """Throw away spares; running workers are left alone."""
        workers, self._workers = list(self._workers.values()), {}
        for worker in workers:
            if worker.running:
                worker.let_go()
        await asyncio.gather(*(worker.discard() for worker in workers if not worker.running))
        await asyncio.gather(*self._tasks)

    def _view(self, spec: WorkerSpec, folder: RunFolder) -> View:
        if self._software:
            return isolated_view(spec, folder.definition, self._runtime, self._ca_bundle, self._software)
        return open_view(spec, folder.definition, self._runtime)

    async def _spawn(self, spec: WorkerSpec, view: View, folder: RunFolder) -> tuple[int, ControlChannel]:
        python = spec.environment.python or self._interpreter.program
        argv = [python, f"{view.runtime}/runner", "--journal-fd", str(_JOURNAL_DESCRIPTOR)]
        assert self._sandbox is not None
        command = self._sandbox.command(view.mounts, argv)
        to_runner, its_input = socket.socketpair()
        from_runner, its_output = socket.socketpair()
        with its_input, its_output, folder.stderr.open("ab") as stderr, folder.journal.open("ab") as journal:
            descriptors = [file.fileno() for file in (its_input, its_output, stderr, journal)]
            with confined_to(spec.cpus):
                pid = spawn(command, view.environ, descriptors)
        return pid, await ControlChannel.open(to_runner, from_runner)

    async def _wait_until_warm(self, channel: ControlChannel, spec: WorkerSpec, folder: RunFolder) -> Ready:
        try:
            message = await asyncio.wait_for(channel.messages.get(), READY_SECONDS)
        except TimeoutError:
            raise ExecutorError(f"The process of step {spec.title!r} was not ready in {READY_SECONDS:.0f} s.") from None
        if isinstance(message, Ready):
            return message
        raise ExecutorError(
            f"The process of step {spec.title!r} could not be started ({self.description}): "
            f"{folder.diagnostics() or 'it ended without a word'}"
        )

    def _worker(  # noqa: PLR0913, PLR0917 - the parts of a worker
        self, spec: WorkerSpec, paths: PathMap, pid: int, channel: ControlChannel, folder: RunFolder, ready: Ready
    ) -> LocalWorker:
        """Return the warm worker, found again by its record if this engine goes."""
        assert self._sandbox is not None
        ids = WorkerIds.of(pid, isolated=self._sandbox.isolated)
        if ids is None:
            raise ExecutorError(f"The process of step {spec.title!r} ended at once: {folder.diagnostics()}")
        folder.write_process(self._session, spec, paths, ids)
        return LocalWorker(spec, paths, WorkerProcess(ids, own=True), channel, folder, ready, self._background)

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _compile_runtime(self) -> None:
        """Make byte code of the runtime for the Python of virtual environments; a worker can't write it there."""
        mark = f"local {self._interpreter.tag}"
        if not is_compiled(self._runtime, mark):
            command = [self._interpreter.program, *COMPILE_COMMAND, str(self._runtime)]
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
            if await process.wait() == 0:
                set_compiled(self._runtime, mark)


def _prepare_message(spec: WorkerSpec, view: View, network_environ: Mapping[str, str]) -> Prepare:
    environ = {**network_environ, **dict(spec.environ), **view.own_variables}
    if "PYTHONPATH" in environ:
        environ["PYTHONPATH"] = f"{view.environ['PYTHONPATH']}:{environ['PYTHONPATH']}"
    return Prepare(
        version=PROTOCOL_VERSION,
        kind=spec.kind,
        environ=environ,
        cwd=view.paths.inside(spec.cwd),
        imports=list(spec.imports),
        tools=spec.environment.tools,
        language=spec.language,
        home=view.home,
    )
