"""One container made for one step: its control channel, its end, its removal."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker.channel import Channel, ControlLines
from orchest_tui.execution.docker.client import EngineGoneError, RefusedError
from orchest_tui.execution.docker.container import Container
from orchest_tui.execution.docker.endings import killed, lost_reason, stopped_from_outside
from orchest_tui.execution.docker.run_folder import RunFolder
from orchest_tui.execution.docker.session import Session
from orchest_tui.execution.executor import (
    MessageHandler,
    PathMap,
    RunOrder,
    WorkerLostError,
    WorkerSpec,
)
from orchest_tui.execution.orders import run_message
from orchest_tui.execution.protocol import Abort, Finished, ProtocolError, Ready, RunnerMessage, decode, encode

_EXIT_WAIT = 5.0  # seconds that a runner gets to exit by itself after its last word
_KILL_MARGIN = 3.0  # seconds beyond the grace that the supervisor gets to end its step and say so
_RESUME_PAUSE = 0.2  # seconds between looks at a container whose streams ended before it did


class DockerWorker:
    """A worker in a container (``executor.Worker``).

    Args:
        session: What all containers share.
        spec: What it is made from.
        paths: How host paths look inside.
        folder: Its own folder on the host.
        container: The container of a worker that an earlier engine made; None for one that is yet to be made.

    Attributes:
        id: Container id, empty while there is none.
        ready: What the runner said when it was warm.
    """

    def __init__(
        self,
        session: Session,
        spec: WorkerSpec,
        paths: PathMap,
        folder: RunFolder,
        container: Container | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.spec = spec
        self.paths = paths
        self.ready: Ready | None = None
        self._session = session
        self._folder = folder
        self.id = "" if container is None else container.id
        self._container = container
        self._adopted = container is not None
        self._channel: Channel | None = None
        self._output = ControlLines(self._on_line)
        self._attached = False
        self._warm: asyncio.Future[Ready] = loop.create_future()
        self._finished: asyncio.Future[Finished] = loop.create_future()
        self._on_message: MessageHandler | None = None
        self._lines = 0
        self._skip = 0
        self._aborting: str | None = None
        self._released = False
        self._over = False
        self._removal: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether it can still run something, or still runs."""
        if self._removal is not None or self._finished.done():
            return False
        return self._adopted if self._channel is None else not self._channel.ended.done()

    @property
    def present(self) -> bool:
        """Whether it has a container that nobody removes yet."""
        return self._container is not None and self._removal is None

    @property
    def busy(self) -> bool:
        """Whether it was told to run and has not come to its end."""
        return (self._adopted or self._on_message is not None) and not self._over

    async def start(self, config: Mapping[str, Any], name: str) -> None:
        """Make the container, attach to it and start it.

        Raises:
            ExecutorError: The engine refuses or is gone.
        """
        self._container = await Container.create(self._session.engine, config, name)
        self.id = self._container.id
        self._output = ControlLines(self._on_line)
        self._channel = await self._container.attach(self._output.take)
        self._attached = True
        await self._container.start()

    def send(self, line: bytes) -> None:
        """Send a control line."""
        if self._channel is not None:
            self._channel.send(line)

    def _on_line(self, line: bytes) -> None:
        """Take a control line from the runner; what is no message of the protocol is passed over."""
        self._lines += 1
        if self._lines <= self._skip:
            return
        try:
            message = decode(line)
        except ProtocolError:
            return
        self._handle(message)

    async def wait_ready(self) -> None:
        """Wait until the runner says ready.

        Raises:
            ExecutorError: It ended before that.
        """
        await self._wait_for(self._warm)
        if not self._warm.done():
            state = await self._state()
            raise ExecutorError(
                f"Step {self.spec.title} could not be made ready: {lost_reason(state, self.spec.memory)}.",
                self._output.diagnostics,
            )
        self.ready = self._warm.result()

    async def run(self, order: RunOrder, on_message: MessageHandler) -> Finished:
        """Run the step and return how it ended (``executor.Worker.run``).

        Raises:
            WorkerLostError: It ended without the supervisor's word.
        """
        if not self.alive:
            raise WorkerLostError(f"The container of step {self.spec.title} ended before it was used.", "Run it again.")
        self._on_message = on_message
        order.log.parent.mkdir(parents=True, exist_ok=True)
        self._folder.write_order(self.spec, order, self.paths.pairs)
        self.send(encode(run_message(self.spec, self.paths, order)))
        return await self._until_end()

    async def follow(self, on_message: MessageHandler) -> Finished:
        """Replay what an adopted worker said from its start, go on live, and return how it ended.

        Raises:
            WorkerLostError: It ended without the supervisor's word.
        """
        self._on_message = on_message
        await self._resume()
        return await self._until_end()

    async def abort(self, grace: float, reason: str) -> None:
        """End the running step: SIGTERM, SIGKILL after ``grace`` seconds (``executor.Worker.abort``)."""
        self._aborting = reason
        if self._attached and self.alive:
            self.send(encode(Abort(grace=grace, reason=reason)))
        else:
            await self._made().signal("SIGTERM" if grace > 0 else "SIGKILL")
        done, _ = await asyncio.wait({self._finished}, timeout=grace + _KILL_MARGIN)
        if not done:
            await self._made().signal("SIGKILL")

    async def discard(self) -> None:
        """Throw it away, whatever it does; returns when nothing of it is left."""
        if self._channel is not None:
            self._channel.close()
        await asyncio.shield(self._remove_once(wait=0.0))

    async def remove_container(self) -> None:
        """Remove the container after a start that the daemon refused, so that another may be made in its place."""
        if self._channel is not None:
            self._channel.close()
        if self._container is not None:
            await self._container.remove()
            self._container = None

    def let_go(self) -> None:
        """Close the connection and leave the running container alone, for another engine to adopt."""
        self._released = True
        if self._channel is not None:
            self._channel.close()

    async def _wait_for(self, event: asyncio.Future[Any]) -> None:
        """Return when ``event`` is there, or when no more output will come."""
        streams = {self._channel.ended} if self._channel is not None else set()
        await asyncio.wait({event, *streams}, return_when=asyncio.FIRST_COMPLETED)

    def _handle(self, message: RunnerMessage) -> None:
        if isinstance(message, Finished):
            if not self._finished.done():
                self._finished.set_result(message)
            return
        if isinstance(message, Ready) and not self._warm.done():
            self._warm.set_result(message)
        if self._on_message is not None and not self._finished.done():
            self._on_message(message)

    async def _until_end(self) -> Finished:
        """Wait for the supervisor's last word; the container is cleaned up behind it."""
        try:
            finished = await self._last_word()
        except WorkerLostError:
            self._end()
            raise
        self._end()
        if finished.status == "ABORTED" and self._aborting is None and not self._adopted:
            return msgspec.structs.replace(finished, reason=stopped_from_outside(finished.reason))
        return finished

    def _end(self) -> None:
        """Clean up behind the caller's back, unless the container goes on."""
        if not self._released:
            self._over = True
            self._session.background(self._clean_up())

    async def _last_word(self) -> Finished:
        while True:
            await self._wait_for(self._finished)
            if self._finished.done():
                return self._finished.result()
            if self._released:
                raise WorkerLostError(f"Step {self.spec.title} goes on without this engine.")
            state = await self._state()
            if not state.get("Running"):
                if self._aborting is not None:
                    return killed(state, self._aborting)
                raise _ended_silently(self.spec, state, self._output.diagnostics)
            # The connection broke and the container lives: the engine was restarted under it.
            await asyncio.sleep(_RESUME_PAUSE)
            await self._resume()

    async def _resume(self) -> None:
        """Read the container's output from its start, passing over the lines that were handled already.

        Raises:
            WorkerLostError: The engine or the container is gone.
        """
        self._skip = max(self._skip, self._lines)
        self._lines = 0
        self._attached = False
        self._output = ControlLines(self._on_line)
        try:
            self._channel = await self._made().replay(self._output.take)
        except ExecutorError as error:
            raise WorkerLostError(f"Step {self.spec.title} can't be followed: {error.message}", error.mend) from error

    async def _state(self) -> Mapping[str, Any]:
        """Return the container's state.

        Raises:
            WorkerLostError: The engine or the container is gone.
        """
        try:
            return await self._made().state()
        except RefusedError as error:
            raise WorkerLostError(
                f"The container of step {self.spec.title} was removed from outside.", "Run it again."
            ) from error
        except EngineGoneError as error:
            raise WorkerLostError(f"{error.message} Step {self.spec.title} ended with it.", error.mend) from error

    async def _clean_up(self) -> None:
        try:
            await self._remove_once(wait=_EXIT_WAIT)
        except EngineGoneError:
            return  # nothing can be removed from an engine that is gone; `clean` and adoption find it by its labels

    def _remove_once(self, wait: float) -> asyncio.Task[None]:
        if self._removal is None:
            self._removal = self._session.background(self._remove(wait))
        return self._removal

    async def _remove(self, wait: float) -> None:
        if wait and self._channel is not None:
            await asyncio.wait({self._channel.ended}, timeout=wait)
        if self._channel is not None:
            self._channel.close()
        if self._container is not None:
            await self._container.remove()
        self._folder.remove()

    def _made(self) -> Container:
        if self._container is None:
            raise WorkerLostError(f"Step {self.spec.title} has no container.")
        return self._container


def _ended_silently(spec: WorkerSpec, state: Mapping[str, Any], words: str) -> WorkerLostError:
    """Return the error for a container that ended and never said how; ``words`` is what it complained about last."""
    return WorkerLostError(
        f"The container of step {spec.title} ended without a word: {lost_reason(state, spec.memory)}."
        + (f" Its last words: {words}" if words else ""),
        "Run it again.",
    )
