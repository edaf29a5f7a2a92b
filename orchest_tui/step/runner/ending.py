"""In which words a step's end is told."""

from __future__ import annotations

import os
import signal
import time

from .cgroup import format_bytes
from .messages import Finished

TYPE_CHECKING = False
if TYPE_CHECKING:
    from resource import struct_rusage

    from .cgroup import MemoryGroup

KIB = 1024


class Intent:
    """Why the supervisor itself ends the step.

    Attributes:
        status: What the step is then: ABORTED, or FAILURE for one that took too long.
        reason: In words.
    """

    def __init__(self, status: str, reason: str) -> None:
        self.status = status
        self.reason = reason


def finished(
    wait_status: int,
    usage: struct_rusage,
    intent: Intent | None,
    told: str | None,
    memory: MemoryGroup,
) -> Finished:
    """Return how a step ended, now.

    Args:
        wait_status: The child's status as ``waitpid`` gives it.
        usage: The child's resource usage.
        intent: Why the supervisor ended it, None where it ended by itself.
        told: What the runner's own code in the child said before a non-zero exit.
        memory: The control group, for kills that were for want of memory.
    """
    by_signal = os.WTERMSIG(wait_status) if os.WIFSIGNALED(wait_status) else None
    exit_code = None if by_signal is not None else os.WEXITSTATUS(wait_status)
    status, reason = "SUCCESS", None
    if intent is not None:
        status, reason = intent.status, intent.reason
    elif wait_status != 0:
        status = "FAILURE"
        if memory.killed() and (by_signal in (None, signal.SIGKILL)):
            reason = out_of_memory(memory.limit())
        elif by_signal is not None:
            reason = told or f"killed by {signal_name(by_signal)}"
        else:
            reason = told or f"exit code {exit_code}"
    return Finished(
        status=status,
        time=time.time(),
        exit_code=exit_code,
        signal=by_signal,
        reason=reason,
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 6),
        max_rss=usage.ru_maxrss * KIB,
    )


def out_of_memory(limit: int | None) -> str:
    """Return the words for a kill by the kernel for want of memory."""
    return "killed: out of memory" + (f" (limit {format_bytes(limit)})" if limit else "")


def signal_name(number: int) -> str:
    """Return ``SIGSEGV`` for 11; real-time signals have no name but their number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def log_line(path: str, text: str) -> None:
    """Append ``text`` to the log at ``path`` as a line of its own, whatever stood there last.

    A log that can't be written is no reason to lose the step's end, which is told to the engine as well.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o664)
    except OSError:
        return
    try:
        size = os.fstat(descriptor).st_size
        starts_line = size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
        os.write(
            descriptor, ("" if starts_line else "\n").encode() + f"orchest-tui: {text}\n".encode("utf-8", "replace")
        )
    except OSError:
        return
    finally:
        os.close(descriptor)
