"""What an executor is: the contract between the engine and whatever turns a step into an isolated process.

Host paths go in; an executor knows how each looks from within (``PathMap``). The engine asks for *workers*: a worker
is one process (container, sandboxed process) made for one step, waiting with its user code's process already forked;
it runs exactly one attempt of that step and is thrown away.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.protocol import Finished, Ready, RunnerMessage, StepKind
from orchest_tui.project.environments import Environment

PROJECT_DIR = "/project-dir"
DATA_DIR = "/data"
PIPELINE_FILE = "/pipeline.json"
RUNTIME_DIR = "/opt/orchest-tui"
OUTPUT_DIR = "/orchest-tui/out"
INPUT_DIR = "/orchest-tui/in"


@dataclass(frozen=True, slots=True)
class PathMap:
    """How host folders look inside a worker: pairs of host folder and inner folder, most specific first."""

    pairs: tuple[tuple[Path, str], ...]

    def inside(self, host: Path) -> str:
        """Return ``host`` as the worker sees it.

        Raises:
            ExecutorError: No folder of the map holds it.
        """
        for outer, inner in self.pairs:
            if host == outer:
                return inner
            if host.is_relative_to(outer):
                return str(PurePosixPath(inner, *host.relative_to(outer).parts))
        raise ExecutorError(f"{host} is not visible to the step.")

    def outside(self, inner_path: str) -> Path | None:
        """Return the host path of ``inner_path``, None where the host has none."""
        path = PurePosixPath(inner_path)
        for outer, inner in self.pairs:
            if path.is_relative_to(inner):
                return outer.joinpath(*path.relative_to(inner).parts)
        return None


@dataclass(frozen=True, slots=True)
class PreparedEnvironment:
    """An environment that is built and ready to start workers from.

    Attributes:
        environment: The environment's uuid.
        name: Its display name.
        key: Content address of what it was built from (see ``environment_key``).
        image: What the executor starts from: an image id, or the folder of a virtual environment.
        python: Absolute path of the interpreter inside, None where there is none (only command steps run then).
        tools: Folder inside with nbclient and ipykernel, None where notebooks can't run.
        gpu: Whether workers get the machine's GPUs.
        user: What the image calls its user (``jovyan`` in Orchest's), None where it does not say.
    """

    environment: str
    name: str
    key: str
    image: str
    python: str | None
    tools: str | None
    gpu: bool = False
    user: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """Everything that a worker is made from; a spare with an equal spec can stand in, any difference needs a new one.

    Attributes:
        pipeline: The pipeline's uuid.
        step: The step's uuid.
        title: The step's title, for names and labels.
        kind: How its file is run.
        language: Kernel language of a notebook.
        environment: What it starts from.
        environ: Environment variables for the step, sorted pairs; secrets among them.
        imports: Modules to import early.
        project_dir: The project's folder on the host.
        data_dir: The folder that is ``/data``.
        cwd: The step file's folder on the host.
        output_dir: Host folder that receives the step's segments.
        spill_dir: Host folder on disk for what does not fit there.
        input_dirs: Host folders of the parents' segments, each with the parent's uuid.
        memory: Limit in bytes, None for none.
        cpus: Limit in cores, None for none.
    """

    pipeline: str
    step: str
    title: str
    kind: StepKind
    language: str
    environment: PreparedEnvironment
    environ: tuple[tuple[str, str], ...] = field(repr=False)
    imports: tuple[str, ...]
    project_dir: Path
    data_dir: Path
    cwd: Path
    output_dir: Path
    spill_dir: Path
    input_dirs: tuple[tuple[str, Path], ...]
    memory: int | None = None
    cpus: float | None = None


@dataclass(frozen=True, slots=True)
class OrderOutput:
    """One output of a parent on the host; fields as in ``protocol.InputOutput``."""

    name: str | None
    path: Path
    kind: Literal["segment", "legacy"] = "segment"
    serialization: str | None = None


@dataclass(frozen=True, slots=True)
class OrderInput:
    """A parent of the step, in connection order, with what it has handed over."""

    step: str
    title: str
    outputs: tuple[OrderOutput, ...]


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What a worker is told when its step is to run; host paths throughout.

    Attributes:
        run: Identity of the run.
        attempt: 1 for the first try, then 2, …
        file: The step's file.
        log: The log file, appended to.
        definition: Content for ``/pipeline.json``: the definition with this run's parameters in it.
        inputs: The step's parents.
        recycle: Retired segment files (names in the output folder) whose pages may be overwritten.
        touch: Whether to record what the step touches.
        timeout: Seconds, None for no limit.
        grace: Seconds between SIGTERM and SIGKILL.
    """

    run: str
    attempt: int
    file: Path
    log: Path
    definition: bytes
    inputs: tuple[OrderInput, ...]
    recycle: tuple[str, ...] = ()
    touch: bool = True
    timeout: float | None = None
    grace: float = 10.0


class WorkerLostError(ExecutorError):
    """A worker ended without the supervisor's word: engine gone, container removed from outside, machine trouble."""


MessageHandler = Callable[[RunnerMessage], None]
Report = Callable[[str], None]
"""Called with short lines on how far a build is; those of tools in it begin with the tool: ``pip: …``."""

_TOOLS = ("pip: ", "apt: ", "conda: ")


def is_detail(line: str) -> bool:
    """Return whether a line of a ``Report`` is one tool's progress within a stage of the build, not a stage itself."""
    return line.startswith(_TOOLS)


class Worker(Protocol):
    """One process made for one step; used once."""

    @property
    def id(self) -> str:
        """The executor's own name of it: container id, process id."""
        ...

    @property
    def spec(self) -> WorkerSpec:
        """What it was made from."""
        ...

    @property
    def paths(self) -> PathMap:
        """How host paths look inside."""
        ...

    @property
    def ready(self) -> Ready | None:
        """What the runner said when it was warm; None for a command step's plain process or an adopted worker."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it can still run something (a spare) or still runs."""
        ...

    async def run(self, order: RunOrder, on_message: MessageHandler) -> Finished:
        """Run the step and return how it ended.

        ``on_message`` is called on the engine's loop for every message but ``finished``, in order. Returns as soon as
        ``finished`` arrives; exit and removal of the container are cleaned up behind it.

        Raises:
            WorkerLostError: It ended without a ``finished``.
        """
        ...

    async def abort(self, grace: float, reason: str) -> None:
        """End the running step: SIGTERM, SIGKILL after ``grace`` seconds (0: at once). ``run`` returns ABORTED."""
        ...

    async def discard(self) -> None:
        """Throw it away, whatever it does; returns when nothing of it is left."""
        ...


@dataclass(frozen=True, slots=True)
class AdoptedWorker:
    """A worker of an earlier engine process.

    Attributes:
        step: The step's uuid.
        run: Identity of the run that it worked for.
        attempt: Which try.
        running: Whether it still runs.
        follow: Replays every message from the start, then goes on live; returns the end like ``Worker.run``.
        worker: For ``abort`` and ``discard``.
    """

    step: str
    run: str
    attempt: int
    running: bool
    follow: Callable[[MessageHandler], Awaitable[Finished]]
    worker: Worker


class Executor(Protocol):
    """Turns steps into processes."""

    @property
    def name(self) -> str:
        """``docker`` or ``local``."""
        ...

    @property
    def description(self) -> str:
        """One line for people: ``Docker Engine 20.10.24``, ``local (bubblewrap)``."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """What is missing here, in words, one sentence each (no isolation, no ``/data``)."""
        ...

    async def open(self) -> None:
        """Connect and look at the machine.

        Raises:
            ExecutorUnavailableError: It can't be used here; the message says why.
        """
        ...

    async def prepare(
        self, environment: Environment, project_dir: Path, log: Path, report: Report, *, anew: bool = False
    ) -> PreparedEnvironment:
        """Build ``environment`` unless what it is built from is unchanged; return it ready to start from.

        Args:
            environment: The environment.
            project_dir: The project that its setup script sees.
            log: File that receives the build's output.
            report: Called with short progress lines.
            anew: Build it though nothing changed (to get newer packages).

        Raises:
            BuildError: It can't be built.
        """
        ...

    async def start(self, spec: WorkerSpec) -> Worker:
        """Start a worker and return it when it is warm.

        Raises:
            ExecutorError: It can't be started.
        """
        ...

    async def adopt(self, pipeline: str) -> Sequence[AdoptedWorker]:
        """Find workers of an earlier engine of this pipeline that had been told to run; throw its spares away."""
        ...

    async def start_services(self, services: Iterable[object], environ: Mapping[str, str]) -> None:
        """Start the pipeline's services and return when they are up."""
        ...

    async def close(self) -> None:
        """Throw away spares, services, networks; running workers are left alone."""
        ...
