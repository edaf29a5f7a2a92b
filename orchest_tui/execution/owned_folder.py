"""Folders of workers in memory, each with the name of the process that answers for it.

``<session folder>/run/<worker>/owner`` says which engine process the worker belongs to. An engine that adopts a worker
puts its own name there, which the labels of a container don't allow.
"""

from __future__ import annotations

from pathlib import Path

from orchest_tui.execution.owner import owner, owner_lives

LOCAL_PREFIX = "local-"
"""What the names of local workers' folders begin with; those of containers' workers are hexadecimal digits."""

_OWNER = "owner"


def make_owned(folder: Path) -> None:
    """Make ``folder``, mode 0700, as this process's; nobody ever sees it without its owner.

    Raises:
        OSError: It can't be made.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = folder.with_name(f".{folder.name}")
    beside.mkdir(mode=0o700)
    (beside / _OWNER).write_text(owner(), encoding="ascii")
    beside.rename(folder)


def take_over(folder: Path) -> None:
    """Make ``folder``, if it is still there, this process's."""
    beside = folder / f"{_OWNER}.new"
    try:
        beside.write_text(owner(), encoding="ascii")
    except FileNotFoundError:
        return
    beside.rename(folder / _OWNER)


def is_local(folder: Path) -> bool:
    """Tell whether ``folder`` is that of a local worker, even if it was not finished (``make_owned``)."""
    return folder.name.lstrip(".").startswith(LOCAL_PREFIX)


def is_owned(folder: Path) -> bool:
    """Tell whether the process that answers for ``folder`` still lives; False where it is gone or nobody does."""
    try:
        return owner_lives((folder / _OWNER).read_text(encoding="ascii", errors="replace"))
    except OSError:
        return False
