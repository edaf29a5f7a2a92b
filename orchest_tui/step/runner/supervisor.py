"""The supervisor: process 1 of a step, which holds the control channel and has the last word on how the step ended.

It forks the child before it does anything else, hands it ``prepare`` and ``run``, checks and passes on what the step's
processes report, carries out timeouts and aborts, and cleans up behind the child. It never runs foreign code.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import time

from .cgroup import MemoryGroup
from .channel import EngineChannel
from .ending import Intent, finished, log_line
from .intake import Intake
from .messages import (
    PROTOCOL_VERSION,
    Abort,
    Cell,
    MessageError,
    Prepare,
    Ready,
    Run,
    Started,
    build,
    decode_object,
    python_version,
)
from .private import PrivateFolder
from .processes import Child, catch_signals, end_all, protect, reap
from .startup import environment_for_restart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from resource import struct_rusage
    from typing import Any

    from .step_watch import StepWatch

CHUNK = 1 << 16


def main(journal: int | None) -> int:
    """Supervise one step; return the exit code, in the supervisor and, at the step's end, in the forked child.

    Args:
        journal: Descriptor that receives every message before standard output does, None for none.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        if journal is not None:
            os.close(journal)
        from .child import main as child_main

        return child_main(theirs)
    theirs.close()
    return Supervisor(Child(pid, ours), journal).supervise()


class Supervisor:
    """The state of one step from the supervisor's side.

    Args:
        child: The child, already forked.
        journal: Descriptor that receives every message, None for none.
    """

    def __init__(self, child: Child, journal: int | None) -> None:
        self._selector = selectors.PollSelector()
        self._child = child
        self._wake = catch_signals()
        self._selector.register(self._wake, selectors.EVENT_READ, self._on_signals)
        self._engine = EngineChannel(self._selector, journal)
        self._intake = Intake(self._selector, self._engine.send)
        self._watch: StepWatch | None = None
        self._private = PrivateFolder()
        self._prepare: dict[str, Any] | None = None
        self._run: Run | None = None
        self._run_message: dict[str, Any] | None = None
        self._memory: MemoryGroup | None = None
        self._adopts_orphans = False
        self._ready = False
        self._restarted = False
        self._intent: Intent | None = None
        self._told: str | None = None
        self._deadline: float | None = None
        self._kill_at: float | None = None
        self._exit_code: int | None = None

    def supervise(self) -> int:
        """Work until the step is over, or until the engine of a spare is gone; return the exit code."""
        self._child.listen(self._selector, self._on_child_message)
        self._engine.listen(self._on_engine_line, self._on_engine_gone)
        self._reap()
        while self._exit_code is None:
            for key, _ in self._selector.select(self._patience()):
                if key in self._selector.get_map().values():
                    key.data()
            self._on_time()
        self._private.remove()
        self._engine.close()
        return self._exit_code

    # Signals and time

    def _on_signals(self) -> None:
        numbers = os.read(self._wake, CHUNK)
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            self._abort(self._run.grace if self._run else 0.0, "aborted")
        if signal.SIGCHLD in numbers:
            self._reap()

    def _patience(self) -> float | None:
        """Return the seconds until something is due, None for never."""
        moments = (self._deadline, self._kill_at, self._intake.due, self._watch.due if self._watch else None)
        due = [moment for moment in moments if moment is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _on_time(self) -> None:
        now = time.monotonic()
        if self._deadline is not None and now >= self._deadline and self._run is not None:
            self._end(Intent("FAILURE", f"timed out after {self._run.timeout:g} s"), self._run.grace)
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at = None
            self._child.signal(signal.SIGKILL)
        self._intake.on_time(now)
        if self._watch is not None:
            self._watch.on_time(now)

    # The engine

    def _on_engine_line(self, line: bytes) -> None:
        try:
            message = decode_object(line)
            if message["type"] == Prepare.type:
                self._on_prepare(message)
            elif message["type"] == Run.type:
                self._on_run(message)
            elif message["type"] == Abort.type:
                abort = build(Abort, message)
                self._abort(abort.grace, abort.reason)
            else:
                raise MessageError(f"unknown type {message['type']!r}")
        except MessageError as error:
            sys.stderr.write(f"orchest-tui: a line from the engine is not understood: {error}\n")

    def _on_engine_gone(self) -> None:
        if self._run is None:
            self._give_up(0)

    def _on_prepare(self, message: dict[str, Any]) -> None:
        prepare = build(Prepare, message)
        if prepare.version != PROTOCOL_VERSION:
            problem = f"the runner speaks protocol {PROTOCOL_VERSION}, the engine {prepare.version}"
            self._engine.send(Ready(python=python_version(), problem=problem))
            self._give_up(1)
            return
        self._private.make([prepare.home])
        self._prepare = {**message, "private": self._private.path}
        environ = environment_for_restart(prepare.environ)
        if environ is None:
            self._child.tell(self._prepare)
        else:
            self._restart_child(environ)
        self._listen_to_reports()
        self._adopts_orphans = protect()  # while the child gets ready

    def _on_run(self, message: dict[str, Any]) -> None:
        if self._run is not None or self._prepare is None:
            raise MessageError("run comes once, after prepare")
        run = build(Run, message)
        self._private.make([run.output_dir])
        self._run = run
        try:
            self._private.write_inputs(run)
        except OSError as error:
            self._told = f"the list of the step's inputs can't be written: {error.strerror}"
            self._child.signal(signal.SIGKILL)
            return
        self._run_message = {**message, "private": self._private.path}
        if self._watch is not None:
            self._watch.begin(run)
        self._child.tell(self._run_message)
        self._intake.begin(run)
        self._listen_to_reports()
        self._memory = MemoryGroup()
        if run.timeout is not None:
            self._deadline = time.monotonic() + run.timeout

    def _listen_to_reports(self) -> None:
        if self._private.path is not None:
            self._intake.listen(self._private.socket)

    # The child

    def _on_child_message(self, message: dict[str, Any]) -> None:
        """Take a message of the runner's own code in the child, sent from where the step's code can't reach."""
        kind = message["type"]
        if kind == Ready.type and not self._ready:
            self._ready = True
            self._engine.send(build(Ready, message))
            self._get_watch_ready()
        elif kind == Started.type:
            self._engine.send(build(Started, message))
        elif kind == Cell.type:
            self._engine.send(build(Cell, message))
        elif kind == "ending":
            self._told = str(message["reason"])

    def _get_watch_ready(self) -> None:
        # Here, while the engine takes in that the step is ready: at the start it would delay that, later the dispatch.
        from .step_watch import StepWatch

        notebook = self._prepare is not None and self._prepare["kind"] == "notebook"  # its progress is its cells'
        self._watch = StepWatch(self._engine.send, None if notebook else self._intake.on_bar)
        if self._run is not None:
            self._watch.begin(self._run)

    def _reap(self) -> None:
        try:
            for pid, status, usage in reap():
                if pid == self._child.pid:
                    self._on_child_end(status, usage)
        except ChildProcessError:
            return

    def _on_child_end(self, status: int, usage: struct_rusage) -> None:
        self._child.read()
        crashed = os.WIFSIGNALED(status) and not self._ready and self._intent is None
        if crashed and not self._restarted and self._prepare is not None:
            self._restarted = True
            self._prepare["imports"] = []
            self._restart_child(dict(os.environ))
        elif self._run is not None:
            self._finish(self._run, status, usage)
        else:
            if not self._ready:
                problem = "the step's process ended while it got ready"
                self._engine.send(Ready(python=python_version(), problem=problem))
            self._give_up(1)

    def _restart_child(self, environ: dict[str, str]) -> None:
        """Go on with a child in an interpreter of its own, and tell it what the former one had been told."""
        former = self._child
        self._child = Child.start_afresh(environ)
        former.signal(signal.SIGKILL)
        former.close()
        self._child.listen(self._selector, self._on_child_message)
        for message in (self._prepare, self._run_message):
            if message is not None:
                self._child.tell(message)

    # The end

    def _abort(self, grace: float, reason: str) -> None:
        if self._run is None:
            self._give_up(0)
        else:
            self._end(Intent("ABORTED", reason), grace)

    def _give_up(self, exit_code: int) -> None:
        """End without having run anything."""
        self._child.signal(signal.SIGKILL)
        end_all(self._child.pid, self._adopts_orphans, self._wake)
        self._exit_code = exit_code

    def _end(self, intent: Intent, grace: float) -> None:
        """Ask the step to end, and see to it that it does after ``grace`` seconds; a second call can only hurry."""
        self._deadline = None
        kill_at = time.monotonic() + grace
        if self._intent is None:
            self._intent = intent
            self._child.signal(signal.SIGTERM)
            self._child.signal(signal.SIGCONT)
        self._kill_at = kill_at if self._kill_at is None else min(kill_at, self._kill_at)

    def _finish(self, run: Run, status: int, usage: struct_rusage) -> None:
        """Clean up behind the child and say the last word."""
        end_all(self._child.pid, self._adopts_orphans, self._wake)
        touched = self._intake.end()
        if touched is not None and run.touch:
            self._engine.send(touched)
        end = finished(status, usage, self._intent, self._told, self._memory or MemoryGroup())
        if end.reason is not None:
            log_line(run.log, end.reason)
        if self._watch is not None:
            self._watch.look_at_log()
        self._engine.send(end)
        self._exit_code = 0
