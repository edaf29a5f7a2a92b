"""Who a step's process is told that it is: the variables by which programs ask for the user's name."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchest_tui.execution.executor import WorkerSpec

_NAMELESS = "jovyan"
"""The name where nobody has given one; that of the user in Orchest's images."""


def login_variables(spec: WorkerSpec) -> dict[str, str]:
    """Return USER and LOGNAME of a worker.

    Its process has the user's own uid, which seldom has an entry in an image's ``/etc/passwd``; without these variables
    ``getpass.getuser`` and all that builds on it (cache folders, database clients) would fail.
    """
    name = spec.environment.user or user_name()
    return {"USER": name, "LOGNAME": name}


def user_name() -> str:
    """Return the name of the user who runs this program."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a uid without a name, KeyError up to Python 3.12
        return _NAMELESS
