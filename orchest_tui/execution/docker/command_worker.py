"""A step in an image without Python: its interpreter runs as a plain command, its end is the container's."""

from __future__ import annotations

import asyncio
import shlex
import time
from pathlib import Path, PurePosixPath

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker.client import EngineGoneError, RefusedError
from orchest_tui.execution.docker.command_watch import CommandWatch
from orchest_tui.execution.docker.container import Container
from orchest_tui.execution.docker.endings import command_end
from orchest_tui.execution.docker.launch import container_name, explained
from orchest_tui.execution.docker.run_folder import RunFolder
from orchest_tui.execution.docker.session import Session
from orchest_tui.execution.docker.worker_config import command_config, path_map
from orchest_tui.execution.executor import MessageHandler, RunOrder, WorkerLostError, WorkerSpec
from orchest_tui.execution.login import login_variables
from orchest_tui.execution.protocol import Finished, Ready, Started

INTERPRETERS = {"sh": "bash", "r": "Rscript", "jl": "julia", "js": "node"}
"""Interpreter of a file's suffix; a name without a dot is a shell script (reference sheet 3.2)."""

# The shell stays as process 1: a process 1 gets no signal that it does not handle, and most interpreters handle none.
_SCRIPT = """\
exec >>{log} 2>&1
umask 002
cd {cwd} || exit 1
env {environ} {interpreter} {file} </dev/null &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
exit "$code"
"""


class CommandWorker:
    """A container whose shell runs the step's interpreter (``executor.Worker``); never warm, so never a spare.

    Args:
        session: What all containers share.
        spec: What it is made from.
        folder: Its own folder on the host.
        container: The container of a worker that an earlier engine made; None for one that is yet to be made.

    Attributes:
        id: Container id, empty while there is none.
        ready: Always None.
    """

    def __init__(
        self, session: Session, spec: WorkerSpec, folder: RunFolder, container: Container | None = None
    ) -> None:
        self.spec = spec
        self.paths = path_map(spec)
        self.ready: Ready | None = None
        self._session = session
        self._folder = folder
        self.id = "" if container is None else container.id
        self._container = container
        self._aborting: str | None = None
        self._ended = False

    @property
    def alive(self) -> bool:
        """Whether it has not run yet, or still runs."""
        return not self._ended

    @property
    def present(self) -> bool:
        """Whether there is something of it to throw away."""
        return not self._ended

    @property
    def busy(self) -> bool:
        """Whether it runs."""
        return self._container is not None and not self._ended

    async def run(self, order: RunOrder, on_message: MessageHandler) -> Finished:
        """Start the container and return how it ended (``executor.Worker.run``).

        Raises:
            ExecutorError: It can't be started.
            WorkerLostError: The engine or the container is gone.
        """
        interpreter = interpreter_of(order.file.name)
        order.log.parent.mkdir(parents=True, exist_ok=True)
        self._folder.write_order(self.spec, order, self.paths.pairs)
        self._folder.script.write_text(self._script(order, interpreter), encoding="utf-8")
        watch = CommandWatch(order.log, on_message)
        container = await self._start()
        on_message(Started(time=time.time()))
        return await self._until_end(container, watch, interpreter, order.timeout, order.grace)

    async def follow(self, on_message: MessageHandler) -> Finished:
        """Wait for the end of an adopted container.

        Raises:
            WorkerLostError: The engine or the container is gone.
        """
        if self._container is None:
            raise WorkerLostError(f"Step {self.spec.title} has no container.")
        order = self._folder.read_order()
        if order is None:
            raise WorkerLostError(f"What step {self.spec.title} was told to run is not known any more.")
        on_message(Started(time=time.time()))
        watch = CommandWatch(Path(order.log), on_message)
        return await self._until_end(self._container, watch, "the interpreter", None, 0.0)

    async def abort(self, grace: float, reason: str) -> None:
        """End the step: SIGTERM, SIGKILL after ``grace`` seconds (``executor.Worker.abort``)."""
        self._aborting = reason
        if self._container is not None:
            await self._container.stop(grace)

    async def discard(self) -> None:
        """Remove the container and its folder; returns when nothing of it is left."""
        self._ended = True
        if self._container is not None:
            await self._container.remove()
        self._folder.remove()

    def let_go(self) -> None:
        """Leave the running container alone, for another engine to adopt; there is no connection to close."""

    async def _start(self) -> Container:
        config = command_config(self._session, self.spec, self._folder)
        try:
            self._container = await Container.create(self._session.engine, config, container_name(self.spec))
            self.id = self._container.id
            await self._container.start()
        except RefusedError as error:
            await self.discard()
            if "/bin/sh" in error.message:
                raise ExecutorError(
                    f"The image of environment {self.spec.environment.name} has neither Python nor /bin/sh.",
                    "Choose another base image for this environment.",
                ) from error
            raise explained(error, self.spec) from error
        return self._container

    async def _until_end(
        self, container: Container, watch: CommandWatch, interpreter: str, limit: float | None, grace: float
    ) -> Finished:
        watch.begin(container)
        waiting = asyncio.ensure_future(container.wait())
        timed_out = None
        try:
            done, _ = await asyncio.wait({waiting}, timeout=limit)
            if not done:
                timed_out = f"timed out after {limit:g} s"
                await container.stop(grace)
            await waiting
            state = await container.state()
        except (RefusedError, EngineGoneError) as error:
            raise WorkerLostError(f"Step {self.spec.title} was lost: {error.message}", error.mend) from error
        finally:
            waiting.cancel()
            watch.end()
        self._ended = True
        self._session.background(self.discard())
        return command_end(
            state, memory=self.spec.memory, interpreter=interpreter, aborted=self._aborting, timed_out=timed_out
        )

    def _script(self, order: RunOrder, interpreter: str) -> str:
        """Return the script that the container's shell runs; the only place where secrets stand, mode 0600."""
        environ = {**login_variables(self.spec), **self._session.network_environ, **dict(self.spec.environ)}
        return _SCRIPT.format(
            log=shlex.quote(self.paths.inside(order.log)),
            cwd=shlex.quote(self.paths.inside(self.spec.cwd)),
            environ=" ".join(shlex.quote(f"{name}={value}") for name, value in environ.items()),
            interpreter=interpreter,
            file=shlex.quote(self.paths.inside(order.file)),
        )


def interpreter_of(file_name: str) -> str:
    """Return the program that runs a file without our runner.

    Raises:
        ExecutorError: Such a file needs Python in its environment.
    """
    suffix = PurePosixPath(file_name).suffix.lower().lstrip(".") or "sh"
    interpreter = INTERPRETERS.get(suffix)
    if interpreter is None:
        raise ExecutorError(
            f"{file_name} can't run in an environment without Python.",
            f"Choose an environment with Python; without it only {', '.join('.' + name for name in INTERPRETERS)} run.",
        )
    return interpreter
