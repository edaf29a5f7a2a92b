"""The processes that a worker consists of: recognised for good, ended whole, seen off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from dataclasses import dataclass

from orchest_tui.execution.local.process import ProcessId, children, descendants, kill_tree

_LOOK_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class WorkerIds:
    """Who the processes of a warm worker are.

    Attributes:
        outer: The one that was started: the sandbox's, or the supervisor itself.
        supervisor: The runner's supervisor.
        step: What the supervisor had started by then. A sandbox's end ends them too; without one they could outlive a
            supervisor that is killed.
    """

    outer: ProcessId
    supervisor: ProcessId
    step: tuple[ProcessId, ...]

    @classmethod
    def of(cls, pid: int, *, isolated: bool) -> WorkerIds | None:
        """Return the processes of the worker that was started as ``pid``; None where it has ended."""
        # A sandbox's process has one child, process 1 of its namespace: the supervisor.
        inner = children(pid)[:1] if isolated else [pid]
        outer, supervisor = ProcessId.of(pid), ProcessId.of(inner[0]) if inner else None
        if outer is None or supervisor is None:
            return None
        step = (ProcessId.of(child) for child in descendants(supervisor.pid))
        return cls(outer, supervisor, tuple(process for process in step if process is not None))


class WorkerProcess:
    """The processes of one worker.

    Args:
        ids: Who they are.
        own: Whether the outer one is a child of this process and has to be waited for.
    """

    def __init__(self, ids: WorkerIds, *, own: bool) -> None:
        self.ids = ids
        self._own = own

    def alive(self) -> bool:
        """Whether the supervisor still runs."""
        return self.ids.supervisor.alive()

    def terminate(self) -> None:
        """Ask the supervisor to end its step."""
        self.ids.supervisor.send(signal.SIGTERM)

    def kill(self) -> None:
        """End everything at once."""
        for process in self._all():
            kill_tree(process)

    async def gone(self, within: float | None = None) -> bool:
        """Wait until no process of the worker is left, or ``within`` seconds are over; tell which."""
        deadline = None if within is None else time.monotonic() + within
        while any(process.alive() for process in self._all()):
            if deadline is not None and time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        self._reap()
        return True

    async def end(self, within: float) -> None:
        """Give it ``within`` seconds to go by itself, then end it; returns when nothing of it is left."""
        if not await self.gone(within):
            self.kill()
            await self.gone()

    def _reap(self) -> None:
        """Take the exit status of a child that has ended, so that its entry goes."""
        if self._own:
            self._own = False
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.ids.outer.pid, os.WNOHANG)

    def _all(self) -> tuple[ProcessId, ...]:
        return (self.ids.outer, self.ids.supervisor, *self.ids.step)
