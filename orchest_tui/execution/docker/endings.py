"""How a container ended, put into words or into a ``Finished``, from the state that the engine reports."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from typing import Any

from orchest_tui.execution.protocol import EndStatus, Finished

_SIGNAL_BASE = 128  # a shell's and a container engine's exit code of a process that a signal ended
_NOT_FOUND = 127


def lost_reason(state: Mapping[str, Any], memory: int | None) -> str:
    """Return why a container ended that should not have, as far as its state tells."""
    if state.get("OOMKilled"):
        return out_of_memory(memory)
    if error := state.get("Error"):
        return str(error)
    code = int(state.get("ExitCode") or 0)
    number = code - _SIGNAL_BASE
    if number in set(signal.Signals):
        return f"killed by {signal.Signals(number).name}"
    return f"exit code {code}"


def out_of_memory(memory: int | None) -> str:
    """Return the reason of a step that the kernel killed for want of memory; ``memory`` is its limit in bytes."""
    return "killed: out of memory" + (f" (limit {memory / 1e6:.0f} MB)" if memory else "")


def stopped_from_outside(reason: str | None) -> str:
    """Return the reason of a step that was ended, and not by us."""
    return f"ended from outside ({reason or 'SIGTERM'}): by hand, or because the container engine stopped"


def killed(state: Mapping[str, Any], reason: str) -> Finished:
    """Return the end of a step that was aborted and whose supervisor could not say so any more."""
    return Finished(status="ABORTED", time=time.time(), exit_code=int(state.get("ExitCode") or 0), reason=reason)


def command_end(
    state: Mapping[str, Any], *, memory: int | None, interpreter: str, aborted: str | None, timed_out: str | None
) -> Finished:
    """Return the end of a step that ran without our runner, from its container's final state.

    Args:
        state: ``State`` of the engine's inspection.
        memory: The limit in bytes, None for none.
        interpreter: What should have run it, for exit code 127.
        aborted: Why it was aborted, None if it was not.
        timed_out: What to say when it was ended for its time, None if it was not.
    """
    code = int(state.get("ExitCode") or 0)
    status: EndStatus = "FAILURE"
    if aborted is not None:
        status, reason = "ABORTED", aborted
    elif timed_out is not None:
        reason = timed_out
    elif code == 0 and not state.get("Error"):
        return Finished(status="SUCCESS", time=time.time(), exit_code=0)
    elif code == _NOT_FOUND:
        reason = f"{interpreter} is not installed in this environment"
    else:
        reason = lost_reason(state, memory)
    return Finished(status=status, time=time.time(), exit_code=code, reason=reason)
