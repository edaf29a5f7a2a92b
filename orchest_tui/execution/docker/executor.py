"""The Docker executor: steps in containers of a Docker Engine or of Podman's socket."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker.adoption import Adoption
from orchest_tui.execution.docker.client import EngineGoneError
from orchest_tui.execution.docker.command_worker import CommandWorker
from orchest_tui.execution.docker.ground import Ground, lay_ground
from orchest_tui.execution.docker.launch import launch
from orchest_tui.execution.docker.pull import ensure_image
from orchest_tui.execution.docker.run_folder import RunFolder
from orchest_tui.execution.docker.runtime_compile import compile_runtime
from orchest_tui.execution.docker.services import ENVIRONMENT_PREFIX, RunningService
from orchest_tui.execution.docker.threads import in_thread
from orchest_tui.execution.docker.worker import DockerWorker
from orchest_tui.execution.executor import AdoptedWorker, PreparedEnvironment, Report, Worker, WorkerSpec
from orchest_tui.execution.recipes import mapped_image
from orchest_tui.project.definition import Service
from orchest_tui.project.environments import load_environments

if TYPE_CHECKING:
    from orchest_tui.project.environments import Environment
    from orchest_tui.project.layout import Layout
    from orchest_tui.project.settings import Settings

_T = TypeVar("_T")


class DockerExecutor:
    """Runs steps in containers (``executor.Executor``).

    Args:
        settings: Where the engine listens, proxies, certificates, images.
        layout: Paths of the project and the pipeline.
        session: Identity of this engine's life, for labels.

    Attributes:
        name: ``docker``.
        description: The engine and its version.
        warnings: What this engine can't do.
    """

    name = "docker"

    def __init__(self, settings: Settings, layout: Layout, session: str) -> None:
        self.description = "container engine (not connected)"
        self.warnings: Sequence[str] = ()
        self._settings = settings
        self._layout = layout
        self._name = session
        self._ground: Ground | None = None
        self._adoption: Adoption | None = None
        self._workers: set[DockerWorker | CommandWorker] = set()
        self._prepared: dict[str, PreparedEnvironment] = {}

    async def open(self) -> None:
        """Connect and look at the machine.

        Raises:
            ExecutorUnavailableError: No engine can be used here.
        """
        self._ground = await in_thread(
            lambda: lay_ground(self._settings, self._layout, self._name, self._service_image), "connect"
        )
        facts = self._ground.engine.facts
        self.description = f"{facts.product} {facts.version}" + (" (rootless)" if facts.rootless else "")
        if not facts.limits:
            self.warnings = ("This engine can't limit memory; the `memory` of steps has no effect.",)

    async def prepare(
        self, environment: Environment, project_dir: Path, log: Path, report: Report, *, anew: bool = False
    ) -> PreparedEnvironment:
        """Build ``environment`` unless it is up to date (``executor.Executor.prepare``).

        Raises:
            BuildError: It can't be built.
        """
        ground = self._ready()
        loop = asyncio.get_running_loop()
        cancel = threading.Event()

        def tell(line: str) -> None:
            loop.call_soon_threadsafe(report, line)

        def build() -> PreparedEnvironment:
            return ground.builder.prepare(environment, project_dir, log, tell, cancel, anew=anew)

        prepared = await _cancellable(in_thread(build, "build"), cancel)
        await compile_runtime(ground.session, prepared)
        self._prepared[environment.uuid] = prepared
        return prepared

    async def missing_images(self, environments: Iterable[Environment]) -> list[str]:
        """Return the images that ``environments`` start from and that can be had neither here nor from a registry.

        Raises:
            ExecutorError: The engine is gone.
        """
        builder = self._ready().builder
        wanted = list(environments)
        return await in_thread(lambda: builder.missing_images(wanted, self._layout.project_dir), "images")

    async def start(self, spec: WorkerSpec) -> Worker:
        """Start a worker and return it when it is warm (``executor.Executor.start``).

        Raises:
            ExecutorError: It can't be started.
        """
        ground = self._ready()
        for folder in (spec.output_dir, spec.spill_dir, spec.data_dir, *(path for _, path in spec.input_dirs)):
            folder.mkdir(parents=True, exist_ok=True)
        worker: DockerWorker | CommandWorker
        if spec.environment.python is None:
            worker = CommandWorker(ground.session, spec, RunFolder.create(self._layout, ground.session.folder))
        else:
            worker = await self._launch(ground, spec)
        self._workers = {known for known in self._workers if known.present}
        self._workers.add(worker)
        return worker

    async def adopt(self, pipeline: str) -> Sequence[AdoptedWorker]:
        """Find workers of an earlier engine of this pipeline (``executor.Executor.adopt``).

        Raises:
            ExecutorError: The engine is gone.
        """
        self._adoption = Adoption(self._ready().session, pipeline)
        adopted = await self._adoption.adopt()
        for found in adopted:
            if isinstance(found.worker, DockerWorker | CommandWorker):
                self._workers.add(found.worker)
        return adopted

    async def start_services(self, services: Iterable[object], environ: Mapping[str, str]) -> None:
        """Start the pipeline's services and return when they are up (``executor.Executor.start_services``).

        Raises:
            ExecutorError: Their network can't be made, or the engine is gone.
        """
        await self._ready().services.start([service for service in services if isinstance(service, Service)], environ)

    @property
    def services(self) -> Sequence[RunningService]:
        """The services, each with its ports on this machine and, where it is not up, why."""
        return () if self._ground is None else self._ground.services.running

    async def close(self) -> None:
        """Throw away spares, services, networks; running workers are left alone."""
        ground, self._ground = self._ground, None
        if ground is None:
            return
        present = [worker for worker in self._workers if worker.present]
        running = [worker for worker in present if worker.busy]
        try:
            await asyncio.gather(*(worker.discard() for worker in present if not worker.busy))
            for worker in running:
                worker.let_go()
            await ground.session.drain()
            if self._adoption is not None:
                await self._adoption.settle()
            await ground.services.close(keep=bool(running))
            await ground.network.close([worker.id for worker in running])
        except EngineGoneError:
            pass  # nothing of ours is left alive there; `clean` removes what it shows when it comes back
        finally:
            ground.engine.close()

    def _ready(self) -> Ground:
        if self._ground is None:
            raise ExecutorError("The container engine is not connected.")
        return self._ground

    async def _launch(self, ground: Ground, spec: WorkerSpec) -> DockerWorker:
        """Start a worker; if nobody waits for it any more, it is still started to the end and then thrown away.

        A start that is cut in half would leave a container that nobody knows.
        """
        launching = ground.session.background(launch(ground.session, ground.network, spec))
        try:
            return await asyncio.shield(launching)
        except asyncio.CancelledError:
            ground.session.background(_discard_late(launching))
            raise

    async def _service_image(self, name: str) -> str:
        """Return the image of a service: that of an environment, or one that is pulled where it has to be."""
        ground = self._ready()
        uuid = name.removeprefix(ENVIRONMENT_PREFIX)
        if uuid == name:
            image = mapped_image(name, self._settings.images)
            cancel = threading.Event()
            await _cancellable(in_thread(lambda: ensure_image(ground.engine, image, _ignore, cancel), "pull"), cancel)
            return image
        if uuid not in self._prepared:
            environment = load_environments(self._layout.project_dir)[0].get(uuid)
            if environment is None:
                raise ExecutorError(f"There is no environment {uuid}.", "Correct the service's image.")
            log = self._layout.new_build_log(uuid)
            await self.prepare(environment, self._layout.project_dir, log, _ignore)
        return self._prepared[uuid].image


async def _cancellable(work: Coroutine[Any, Any, _T], cancel: threading.Event) -> _T:
    """Await ``work`` in a thread; tell the thread by ``cancel`` when nobody waits any more."""
    try:
        return await work
    except asyncio.CancelledError:
        cancel.set()
        raise


async def _discard_late(launching: asyncio.Task[DockerWorker]) -> None:
    """Throw away a worker that comes too late; one that failed has cleaned up after itself."""
    with contextlib.suppress(ExecutorError):
        await (await launching).discard()


def _ignore(_line: str) -> None:
    """Take a progress line that nobody asked for."""
