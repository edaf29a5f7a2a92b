"""Which virtual environments are in use: each environment of each project says what it was built as the last time.

``<root>/uses/<digest of project and environment>.json`` holds a ``VenvUse``. A virtual environment that none of them
names is not needed; names are shared, so one may serve many projects.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

_USES = "uses"
_LOCK = ".lock"
_TOOLS = "tools-"


class VenvUse(msgspec.Struct, frozen=True):
    """What an environment was built as.

    Attributes:
        folder: The environment's folder in its project; an environment that was removed needs nothing.
        name: The name of the virtual environment's content.
    """

    folder: str
    name: str


def record_use(root: Path, folder: Path, name: str) -> None:
    """Say that the environment in ``folder`` is now built as the content ``name``.

    Raises:
        OSError: It can't be written.
    """
    uses = root / _USES
    uses.mkdir(parents=True, exist_ok=True)
    file = uses / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:24]}.json"
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_bytes(msgspec.json.encode(VenvUse(str(folder), name)))
    beside.rename(file)


def unused_venvs(root: Path) -> Iterator[Path]:
    """Yield the folders below ``root`` that no environment is built as.

    The notebook tools stay: all environments share them. So does what another process is building.
    """
    if not root.is_dir():
        return
    needed = _needed(root)
    current = {link.resolve() for name in needed if (link := root / name).is_symlink()}
    for path in sorted(root.iterdir()):
        name, dot, _ = path.name.partition(".")
        is_build = bool(dot) and path.is_dir() and not path.is_symlink()
        if is_build and not name.startswith(_TOOLS) and path.resolve() not in current and not _is_locked(root, name):
            yield path


def _needed(root: Path) -> set[str]:
    """Return the names of contents that an environment which is still there was built as."""
    needed = set()
    for file in (root / _USES).glob("*.json"):
        try:
            use = msgspec.json.decode(file.read_bytes(), type=VenvUse)
        except (OSError, msgspec.DecodeError):
            continue
        if Path(use.folder).is_dir():
            needed.add(use.name)
    return needed


def _is_locked(root: Path, name: str) -> bool:
    """Tell whether a process holds the lock of ``name``, which it does while it builds."""
    try:
        with (root / f"{name}{_LOCK}").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
