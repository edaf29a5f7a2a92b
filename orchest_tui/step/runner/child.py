"""The child: gets ready on ``prepare``, and becomes the step's program on ``run``."""

from __future__ import annotations

import io
import os
import sys
import time

from .messages import LineBuffer, Message, Prepare, Ready, Run, build, decode_object, encode_object
from .startup import merged_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any, Protocol

    class Program(Protocol):
        """One way to run a step's file."""

        def prepare(self, prepare: Prepare) -> Ready:
            """Do everything that can be done before the run is known."""
            ...

        def run(self, run: Run, supervisor: Supervisor) -> int:
            """Run the step and return the exit code; may replace the process instead."""
            ...


CHUNK = 1 << 16
OOM_SCORE = "300"
"""Makes the kernel end the step's program rather than its supervisor when memory runs out (range: -1000 to 1000)."""


class Supervisor:
    """The child's end of the socket to the supervisor; the step's own code never gets hold of it.

    Args:
        control: The socket.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._lines = LineBuffer()
        self._waiting: list[bytes] = []

    def receive(self) -> dict[str, Any]:
        """Return the next message; wait for it.

        Raises:
            SystemExit: The supervisor is gone.
        """
        while not self._waiting:
            data = self._control.recv(CHUNK)
            if not data:
                os._exit(1)
            self._waiting += self._lines.feed(data)
        return decode_object(self._waiting.pop(0))

    def send(self, message: Message) -> None:
        """Send a message of the protocol."""
        self._control.sendall(encode_object(message.as_dict()))

    def ending(self, reason: str) -> None:
        """Say why a non-zero exit follows."""
        self._control.sendall(encode_object({"type": "ending", "reason": reason}))

    def close(self) -> None:
        """Break the connection; to be called before foreign code runs in this process."""
        self._control.close()


def main(control: socket.socket) -> int:
    """Live a child's life on the socket ``control``; return the exit code of the step's program."""
    _detach()
    supervisor = Supervisor(control)
    message = supervisor.receive()
    prepare = build(Prepare, message)
    problem = _enter(prepare, message.get("private"))
    program = _program(prepare.kind)
    ready = program.prepare(prepare)
    ready.problem = ready.problem or problem
    supervisor.send(ready)

    message = supervisor.receive()
    run = build(Run, message)
    _announce(message.get("private"))
    try:
        log = os.open(run.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o664)
    except OSError as error:
        supervisor.ending(f"the log {run.log} can't be written: {error.strerror}")
        return 1
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    return program.run(run, supervisor)


def _program(kind: str) -> Program:
    if kind == "python":
        from .script import ScriptProgram

        return ScriptProgram()
    if kind == "notebook":
        from .notebook import NotebookProgram

        return NotebookProgram()
    from .command import CommandProgram

    return CommandProgram()


def _detach() -> None:
    """Become the leader of a session, without the control channel, with Python's streams unbuffered and in order."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    os.umask(0o002)
    sys.stdout = sys.__stdout__ = _unbuffered(1, sys.stdout.errors or "strict")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _unbuffered(2, "backslashreplace")  # type: ignore[misc]
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(OOM_SCORE)
    except OSError:
        return


def _unbuffered(descriptor: int, errors: str) -> io.TextIOWrapper:
    """Return a text stream on ``descriptor`` as ``python -u`` has it, but always in UTF-8, as logs are."""
    raw = io.FileIO(descriptor, "w", closefd=False)
    raw.name = "<stdout>" if descriptor == 1 else "<stderr>"
    return io.TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=True)


def _enter(prepare: Prepare, private: str | None) -> str | None:
    """Take on the step's environment variables and working folder; return what is wrong with them, None if nothing."""
    environ = merged_environment(prepare.environ)
    environ.setdefault("PYTHONUNBUFFERED", "1")
    # Bytecode is told apart by its source's size and whole second: of two saves within one second, the second one
    # would run as the first.
    environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.dont_write_bytecode = True
    if prepare.home and not _writable(environ.get("HOME")):
        environ["HOME"] = prepare.home
    os.environ.update(environ)
    time.tzset()
    _announce(private)
    try:
        os.chdir(prepare.cwd)
    except OSError as error:
        return f"the folder {prepare.cwd} can't be entered: {error.strerror}"
    return None


def _announce(private: str | None) -> None:
    """Tell the SDK where to find its inputs and to send its reports."""
    if private:
        os.environ["ORCHEST_TUI_SOCKET"] = os.path.join(private, "reports")
        os.environ["ORCHEST_TUI_INPUTS"] = os.path.join(private, "inputs.json")


def _writable(folder: str | None) -> bool:
    return bool(folder) and os.path.isdir(str(folder)) and os.access(str(folder), os.W_OK | os.X_OK)
