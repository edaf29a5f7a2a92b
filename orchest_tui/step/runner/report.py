"""How the runner's own code in the step's processes sends reports to the supervisor."""

from __future__ import annotations

import os
import socket

from .messages import encode_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class Reporter:
    """Sends reports, each over a connection of its own.

    A connection that stays open would be a descriptor that the step's code may close and use for something else.

    Args:
        path: The report socket; by default the one that the environment names.
    """

    def __init__(self, path: str | None = None) -> None:
        self._path = os.environ.get("ORCHEST_TUI_SOCKET") if path is None else path

    def send(self, **report: Any) -> None:
        """Send ``report``; without a supervisor that listens nothing happens."""
        if not self._path:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
                connection.connect(self._path)
                connection.send(encode_object(report))
        except OSError:
            self._path = None

    def touched(self, read: Sequence[str] = (), written: Sequence[str] = (), complete: bool = True) -> None:
        """Report files as they are now; those that are not there are left out of ``read``."""
        entries = []
        for path in read:
            try:
                status = os.stat(path)
            except (OSError, ValueError):
                continue
            entries.append([path, status.st_size, status.st_mtime_ns])
        self.send(type="touched", read=entries, written=list(written), complete=complete)
