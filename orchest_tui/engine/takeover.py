"""Taking a pipeline over from the process that has it open, and being asked to.

The newcomer sends SIGUSR1; whoever has the pipeline open then closes it without stopping its run, which the newcomer
adopts. A signal ends a process that does not expect it, and pids are used again, so only the kernel's word counts: the
one that is asked has the lock file open *and locked*, catches SIGUSR1, and is named by a pidfd from before that was
looked at.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from orchest_tui.engine.lock import Holder, PipelineBusyError, PipelineLock, pid_namespace
from orchest_tui.errors import OrchestTuiError

SIGNAL = signal.SIGUSR1
"""Asks the holder of a pipeline to hand it over."""

PATIENCE = 10.0
"""Seconds that a newcomer waits for the lock."""

EXIT_TAKEN_OVER = 75
"""Exit code of a command whose run goes on in another process: EX_TEMPFAIL of sysexits.h, neither good nor bad."""

_PAUSE = 0.02
_SUCCESSOR_SECONDS = 3.0


class TakeOverError(OrchestTuiError):
    """The pipeline can't be had from the one that has it open."""

    def __init__(self, lock: PipelineLock, holder: Holder, why: str, mend: str) -> None:
        super().__init__(f"{lock.pipeline} can't be taken over from {holder.words}: {why}.", mend)


def take_over(lock: PipelineLock, patience: float = PATIENCE) -> None:
    """Acquire ``lock``, asking whoever has it to hand the pipeline over.

    Args:
        lock: The pipeline's lock.
        patience: Seconds to wait for it.

    Raises:
        TakeOverError: The holder can't be asked, or did not let go in time.
        PipelineBusyError: Somebody else was quicker.
    """
    end = time.monotonic() + patience
    asked: Holder | None = None
    while True:
        try:
            lock.acquire()
        except PipelineBusyError as busy:
            holder = busy.holder
        else:
            return
        if asked is None:
            asked = holder if _ask(lock, holder) else None
        elif (holder.pid, holder.since) != (asked.pid, asked.since) and holder.pid and _catches_signal(holder.pid):
            raise PipelineBusyError(lock.pipeline, holder)
        if time.monotonic() > end:
            if _is_stopped(holder.pid):
                raise TakeOverError(lock, holder, "it is stopped", "Continue it: `fg` in its terminal.")
            why = f"it did not let go within {patience:g} seconds"
            raise TakeOverError(lock, holder, why, f"Look at that process; `kill {holder.pid}` ends it.")
        time.sleep(_PAUSE)


def successor(lock: PipelineLock) -> str:
    """Return, in words, who has a pipeline that this process has just handed over.

    Args:
        lock: The pipeline's lock, released.
    """
    end = time.monotonic() + _SUCCESSOR_SECONDS
    while time.monotonic() < end:
        holder = lock.holder()
        if holder is not None and holder.pid:
            return f"process {holder.pid} on {holder.host} ({holder.command})"
        time.sleep(_PAUSE)
    return "another process"


def _ask(lock: PipelineLock, holder: Holder) -> bool:
    """Ask the holder to let go; return whether it was, which it is not while it begins or ends.

    Raises:
        TakeOverError: It can't be asked from here.
    """
    if holder.pid in {0, os.getpid()}:
        return False
    if holder.host != os.uname().nodename:
        raise TakeOverError(lock, holder, "it is on another machine", f"Start orchest-tui on {holder.host}, or end it.")
    if holder.namespace != pid_namespace():
        why = "it is in another container (pid namespace), which signals from here don't reach"
        raise TakeOverError(lock, holder, why, "Start orchest-tui there, or end that process there.")
    try:
        pidfd = os.pidfd_open(holder.pid)
    except ProcessLookupError:
        return False
    try:
        if not (_has_locked(holder.pid, lock) and _catches_signal(holder.pid)):
            return False
        signal.pidfd_send_signal(pidfd, SIGNAL)
    except ProcessLookupError:
        return False
    except PermissionError as error:
        why = "it belongs to another user"
        raise TakeOverError(lock, holder, why, "Ask that user, or start orchest-tui as that user.") from error
    finally:
        os.close(pidfd)
    return True


def _has_locked(pid: int, lock: PipelineLock) -> bool:
    """Return whether the process has the lock file open and locked, by the kernel's account of its open files.

    Raises:
        PermissionError: The process belongs to somebody else.
    """
    try:
        wanted = lock.path.stat()
        descriptors = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 (names alone)
    except FileNotFoundError:
        return False
    for name in descriptors:
        try:
            # Through the link, so by device and inode, which file systems like overlayfs tell differently elsewhere.
            found = os.stat(f"/proc/{pid}/fd/{name}")  # noqa: PTH116
            if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
                told = Path(f"/proc/{pid}/fdinfo/{name}").read_text(encoding="ascii", errors="replace")
                if any(line.startswith("lock:") and "FLOCK" in line for line in told.splitlines()):
                    return True
        except FileNotFoundError:
            continue
    return False


def _catches_signal(pid: int) -> bool:
    """Return whether the process has a handler for the signal, without which it would be killed by it."""
    return bool(int(_status(pid, "SigCgt") or "0", 16) >> (SIGNAL - 1) & 1)


def _is_stopped(pid: int) -> bool:
    """Return whether the process is stopped, as ctrl+z does, and can't answer."""
    return _status(pid, "State") == "T"


def _status(pid: int, field: str) -> str:
    """Return the first word of a field of ``/proc/<pid>/status`` (proc(5)), empty where there is none."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return next((line.split()[1] for line in status.splitlines() if line.startswith(f"{field}:")), "")
