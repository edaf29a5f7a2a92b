"""Local workers: a runner in its sandbox, made by this engine or found again."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any

from orchest_tui.execution.executor import (
    MessageHandler,
    PathMap,
    RunOrder,
    WorkerLostError,
    WorkerSpec,
)
from orchest_tui.execution.local.channel import ControlChannel
from orchest_tui.execution.local.journal import follow
from orchest_tui.execution.local.process import descendants, limit_memory
from orchest_tui.execution.local.run_folder import RunFolder
from orchest_tui.execution.local.worker_process import WorkerProcess
from orchest_tui.execution.orders import run_message
from orchest_tui.execution.protocol import Abort, Finished, Ready

ABORT_MARGIN_SECONDS = 5.0
"""How long after the grace a runner may take to say that its step has ended, before it is ended itself."""

SPARE_EXIT_SECONDS = 2.0
"""How long a spare may take to end by itself when its channel is closed."""

Background = Callable[[Coroutine[Any, Any, None]], object]


class LocalWorker:
    """A worker that this engine started.

    Args:
        spec: What it was made from.
        paths: How host paths look inside.
        process: Its processes.
        channel: Its control channel.
        folder: Its folder.
        ready: What its runner said when it was warm.
        background: Runs a coroutine behind the caller's back.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - its parts, put together at one place
        self,
        spec: WorkerSpec,
        paths: PathMap,
        process: WorkerProcess,
        channel: ControlChannel,
        folder: RunFolder,
        ready: Ready,
        background: Background,
    ) -> None:
        self.id = folder.path.name
        self.spec = spec
        self.paths = paths
        self.ready: Ready | None = ready
        self.process = process
        self.running = False
        self._channel = channel
        self._folder = folder
        self._background = background
        self._aborted: str | None = None
        self._left = False

    @property
    def alive(self) -> bool:
        """Whether it can still run something, or still runs."""
        return not self._channel.ended and self.process.alive()

    async def run(self, order: RunOrder, on_message: MessageHandler) -> Finished:
        """Run the step; see ``Worker.run``."""
        message = run_message(self.spec, self.paths, order)
        self.running = True
        order.log.parent.mkdir(parents=True, exist_ok=True)
        self._folder.write_order(order)
        if self.spec.memory is not None:
            size = sum(output.path.stat().st_size for parent in order.inputs for output in parent.outputs)
            # A consumer maps its inputs writable, so each counts as if it were the step's own memory.
            limit_memory(descendants(self.process.ids.supervisor.pid), self.spec.memory + size)
        self._channel.send(message)
        while (said := await self._channel.messages.get()) is not None:
            if isinstance(said, Finished):
                self._background(self._clean_up(ABORT_MARGIN_SECONDS))
                return said
            on_message(said)
        return self._lost()

    async def abort(self, grace: float, reason: str) -> None:
        """End the running step; see ``Worker.abort``."""
        self._aborted = reason
        self._channel.send(Abort(grace=grace, reason=reason))
        self._background(self.process.end(grace + ABORT_MARGIN_SECONDS))

    async def discard(self) -> None:
        """Throw it away; see ``Worker.discard``."""
        self._channel.close()
        await self.process.end(0.0 if self.running else SPARE_EXIT_SECONDS)
        self._folder.remove()

    def let_go(self) -> None:
        """Close the channel: a running step goes on and can be adopted."""
        self._left = True
        self._channel.close()

    async def _clean_up(self, within: float) -> None:
        """See it off after its last word."""
        self._channel.close()
        await self.process.end(within)
        self._folder.remove()

    def _lost(self) -> Finished:
        if self._left:
            raise WorkerLostError(f"Step {self.spec.title!r} was left running.", "The next start takes it up again.")
        diagnostics = self._folder.diagnostics() or (self.ready.problem if self.ready else None)
        self._background(self._clean_up(0.0))
        if self._aborted is not None:
            return Finished(status="ABORTED", time=time.time(), signal=signal.SIGKILL, reason=self._aborted)
        words = f" Its last words: {diagnostics}" if diagnostics else ""
        raise WorkerLostError(f"The process of step {self.spec.title!r} ended without a word.{words}", "Run it again.")


class FoundWorker:
    """A worker of an earlier engine: it can be followed through its journal, ended, and nothing else.

    Args:
        spec: What it was made from, without its environment variables.
        paths: How host paths look inside.
        process: Its processes.
        folder: Its folder.
        background: Runs a coroutine behind the caller's back.
    """

    ready: Ready | None = None

    def __init__(
        self, spec: WorkerSpec, paths: PathMap, process: WorkerProcess, folder: RunFolder, background: Background
    ) -> None:
        self.id = folder.path.name
        self.spec = spec
        self.paths = paths
        self.process = process
        self._folder = folder
        self._background = background
        self._aborted: str | None = None

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.alive()

    async def run(self, order: RunOrder, on_message: MessageHandler) -> Finished:  # noqa: ARG002
        """Refuse: a worker runs once, and this one was told what to run.

        Raises:
            WorkerLostError: Always.
        """
        raise WorkerLostError(f"The worker {self.id} has been used already; run {order.run} needs a new one.")

    async def follow(self, on_message: MessageHandler) -> Finished:
        """Replay what it said and go on live; see ``AdoptedWorker.follow``."""
        try:
            finished = await follow(self._folder.journal, self.process.alive, on_message)
        except WorkerLostError:
            await self.discard()
            if self._aborted is None:
                raise
            return Finished(status="ABORTED", time=time.time(), signal=signal.SIGKILL, reason=self._aborted)
        self._background(self._clean_up())
        return finished

    async def abort(self, grace: float, reason: str) -> None:
        """End the step: its channel is gone, so the supervisor gets SIGTERM, and SIGKILL after ``grace`` seconds."""
        self._aborted = reason
        if grace > 0:
            self.process.terminate()
            self._background(self.process.end(grace + ABORT_MARGIN_SECONDS))
        else:
            self.process.kill()

    async def discard(self) -> None:
        """Throw it away; see ``Worker.discard``."""
        await self.process.end(0.0)
        self._folder.remove()

    async def _clean_up(self) -> None:
        await self.process.end(ABORT_MARGIN_SECONDS)
        self._folder.remove()
