"""The child's process and everything that it leaves behind."""

from __future__ import annotations

import os
import select
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress

from .entry import CHILD
from .messages import LineBuffer, decode_object, encode_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from resource import struct_rusage
    from typing import Any

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36

TERM_PATIENCE = 0.3
"""Seconds that a process gets which the child left behind, between SIGTERM and SIGKILL."""

CHUNK = 1 << 16
KILL_PATIENCE = 5.0
"""Seconds to wait for killed processes to go; one in an uninterruptible sleep is then left to the container's end."""


class Child:
    """A process of the step's own, with a socket between it and the supervisor.

    Attributes:
        pid: Its process id; it becomes the leader of a session and a process group of the same number.
        control: The supervisor's end of the socket.
    """

    def __init__(self, pid: int, control: socket.socket) -> None:
        self.pid = pid
        self.control = control
        self._selector: selectors.BaseSelector | None = None
        self._lines = LineBuffer()

    @classmethod
    def start_afresh(cls, environ: Mapping[str, str]) -> Child:
        """Start a child in an interpreter of its own, for what an interpreter reads from ``environ`` at its start."""
        ours, theirs = socket.socketpair()
        os.set_inheritable(theirs.fileno(), True)
        command = [sys.executable, os.path.dirname(os.path.abspath(__file__)), CHILD, str(theirs.fileno())]
        pid = os.fork()
        if pid == 0:
            try:
                _default_signals()
                os.execve(sys.executable, command, dict(environ))  # noqa: S606
            finally:
                os._exit(127)
        theirs.close()
        return cls(pid, ours)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send ``message`` to the child; one that has just died is noticed elsewhere."""
        try:
            self.control.setblocking(True)
            self.control.sendall(encode_object(message))
        except OSError:
            return
        finally:
            self.control.setblocking(False)

    def listen(self, selector: selectors.BaseSelector, on_message: Callable[[dict[str, Any]], None]) -> None:
        """Call ``on_message`` for everything that the child says from now on."""
        self.control.setblocking(False)
        self._on_message = on_message
        self._selector = selector
        selector.register(self.control, selectors.EVENT_READ, self.read)

    def read(self) -> None:
        """Take everything that the child has said so far."""
        data = b"-"
        while data and self._selector is not None:
            try:
                data = self.control.recv(CHUNK)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            for line in self._lines.feed(data):
                self._on_message(decode_object(line))
        self._forget()

    def close(self) -> None:
        """Hear nothing more of it."""
        self._forget()
        self.control.close()

    def _forget(self) -> None:
        if self._selector is not None:
            self._selector.unregister(self.control)
            self._selector = None

    def signal(self, number: int) -> None:
        """Send a signal to the child and all of its process group."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def catch_signals() -> int:
    """Turn the signals that a supervisor cares about into bytes on a pipe; return its reading end."""
    wake, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return wake


def _default_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


def protect() -> bool:
    """Make this process the parent of all its orphans, and its descriptors unreachable for the step's user.

    Returns:
        Whether orphans come to this process; where ctypes is missing they don't, unless it is process 1.
    """
    try:
        import ctypes

        library = ctypes.CDLL(None, use_errno=True)
        library.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        return bool(library.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0) or os.getpid() == 1
    except (ImportError, OSError, AttributeError):
        return os.getpid() == 1


def reap() -> Iterator[tuple[int, int, struct_rusage]]:
    """Yield process id, wait status and resource usage of every child that has ended.

    Raises:
        ChildProcessError: There is no child any more, ended or not.
    """
    while True:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        if pid == 0:
            return
        yield pid, status, usage


def end_all(group: int, adopts_orphans: bool, wake: int) -> None:
    """End every process that the child left behind: SIGTERM, a moment later SIGKILL.

    Args:
        group: The dead child's process group.
        adopts_orphans: Whether all of its descendants are this process's by now; else only its group can be found.
        wake: Descriptor that becomes readable when a child ends.
    """
    if not adopts_orphans:
        _signal_group(group, signal.SIGKILL)
        return
    for number, patience in ((signal.SIGTERM, TERM_PATIENCE), (signal.SIGKILL, KILL_PATIENCE)):
        deadline = time.monotonic() + patience
        told: set[int] = set()
        while time.monotonic() < deadline:
            if not _any_left():
                return
            told |= _signal_descendants(number, told if number == signal.SIGTERM else set())
            select.select([wake], [], [], min(0.02, patience))
            _drain(wake)


def _any_left() -> bool:
    try:
        for _ in reap():
            pass
    except ChildProcessError:
        return False
    return True


def _signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def _signal_descendants(number: int, spare: set[int]) -> set[int]:
    """Send a signal to all processes below this one except ``spare``; return whom it went to."""
    targets = set(descendants(os.getpid())) - spare
    for pid in targets:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
            os.kill(pid, signal.SIGCONT)
    return targets


def descendants(ancestor: int) -> list[int]:
    """Return the ids of all processes below ``ancestor``, from ``/proc``."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parent = int(file.read().rpartition(b")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except BlockingIOError:
        return
