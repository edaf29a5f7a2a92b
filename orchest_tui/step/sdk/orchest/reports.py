"""What a step's processes tell their supervisor.

Reports go to the unix socket (SOCK_SEQPACKET) at the path in ``ORCHEST_TUI_SOCKET``, one packet each, a JSON object
without line breaks around it:

* ``{"type": "output", "name": str | null, "file": str, "bytes": int, "kind": "segment" | "legacy", "preview": {…}}``,
  for ``legacy`` with ``"serialization": "PICKLE" | "ARROW_TABLE" | "ARROW_BATCH"``. ``file`` is a name in the step's
  output folder, or an absolute path where the payload lies elsewhere (spilled, or on disk as Orchest has it). It is
  whole and in place when this is sent.
* ``{"type": "progress", "fraction": float | null, "text": str}``.
* ``{"type": "parameters", "step": [str, …], "pipeline": [str, …]}``: names of parameters that were read, ``*`` for all.

Each report has a connection of its own, closed at once: a step may close every descriptor that it did not open, fork,
or start a kernel, and none of that gets between the SDK and the supervisor. The supervisor accepts what is left in the
socket's queue before it says how the step ended. Packets stay under 200 KB.
"""

from __future__ import annotations

import os

SOCKET_VARIABLE = "ORCHEST_TUI_SOCKET"

_SECONDS_TO_WAIT = 30.0
_MAX_TEXT = 200
_BURST = 20
_PER_SECOND = 20.0

_reported: dict[str, set[str]] = {"step": set(), "pipeline": set()}


def send(report: dict[str, object], wait: bool = True) -> bool:
    """Send one report and tell whether it went out; without an engine, or where it is gone, it does not.

    Args:
        report: A JSON object of the forms above.
        wait: Whether to wait for a supervisor that is behind; what need not arrive should not stop the step.
    """
    address = os.environ.get(SOCKET_VARIABLE)
    if not address:
        return False
    import json
    import socket

    packet = json.dumps(report, separators=(",", ":")).encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(_SECONDS_TO_WAIT if wait else 0.0)
            connection.connect(address)
            connection.sendall(packet)
    except OSError:
        return False
    return True


def parameters_read(scope: str, name: str) -> None:
    """Report that a parameter was read, once for each process.

    Args:
        scope: ``step`` or ``pipeline``.
        name: The parameter's name, whether there is such a parameter or not; ``*`` for all of them.
    """
    known = _reported[scope]
    if name in known or "*" in known:
        return
    known.add(name)
    send({"type": "parameters", "step": [], "pipeline": [], scope: [name]})


class _Allowance:
    """Lets bursts through and thins floods: a loop of a million rounds must not pay for a million reports."""

    def __init__(self) -> None:
        self._left = float(_BURST)
        self._since = 0.0

    def take(self) -> bool:
        """Tell whether one more report is fine now."""
        import time

        now = time.monotonic()
        self._left = min(_BURST, self._left + (now - self._since) * _PER_SECOND)
        self._since = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


_allowance = _Allowance()


def progress(fraction: float | None, text: str = "") -> None:
    """Tell how far the step is; shown beside it while it runs.

    Cheap enough for inner loops: in a flood of calls about twenty a second are passed on, and always one that says
    that all is done. Without an engine nothing happens.

    Args:
        fraction: From 0 to 1, None where it is not known.
        text: What the step does at the moment; a short line.

    Raises:
        ValueError: ``fraction`` is no number between 0 and 1.
    """
    if fraction is not None:
        fraction = float(fraction)
        if not 0.0 <= fraction <= 1.0:
            raise ValueError(f"A fraction lies between 0 and 1, this one is {fraction}.")
    if fraction == 1.0 or _allowance.take():
        send({"type": "progress", "fraction": fraction, "text": str(text)[:_MAX_TEXT]}, wait=False)
