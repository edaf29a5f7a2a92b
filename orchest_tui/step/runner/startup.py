"""Environment variables that an interpreter or the loader reads at its start only."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIXES = ("PYTHON", "LD_", "MALLOC_", "GLIBC_")
LATE = frozenset(("PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONBREAKPOINT", "PYTHONSTARTUP", "PYTHONINSPECT"))
"""``PYTHON…`` variables that are read later, mean nothing here, or are handled on their own."""


def merged_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with ``environ`` over it.

    ``PYTHONPATH`` keeps the entries that the process was started with, the SDK's folder, before those of ``environ``.
    """
    merged = {**os.environ, **environ}
    paths = [*os.environ.get("PYTHONPATH", "").split(os.pathsep), *environ.get("PYTHONPATH", "").split(os.pathsep)]
    paths = [path for path in dict.fromkeys(paths) if path]
    if paths:
        merged["PYTHONPATH"] = os.pathsep.join(paths)
    return merged


def environment_for_restart(environ: Mapping[str, str]) -> dict[str, str] | None:
    """Return the environment that a new interpreter is needed for, None where the running one can take ``environ``."""
    merged = merged_environment(environ)
    for name, value in merged.items():
        early = name.startswith(PREFIXES) and name not in LATE
        if (early or name == "PYTHONPATH") and os.environ.get(name) != value:
            return merged
    return None
