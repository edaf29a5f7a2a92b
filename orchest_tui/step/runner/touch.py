"""Records which of the project's files a step reads and writes, by an audit hook (see ``sys.addaudithook``).

What is new goes to the supervisor at once, from every process that inherited the hook: nothing is lost when a
process ends without a farewell, and nothing has to be gathered at the end. What happens in processes that did not
inherit it, or in libraries that open files without Python's knowledge, can't be seen; the former is told.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from importlib.util import source_from_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .files import Roots
    from .report import Reporter

MAX_FILES = 2000
"""Files after which no more are reported."""

PROCESS_EVENTS = frozenset(("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"))
"""Audit events of programs started, whose files can't be seen."""

BLIND_MODULES = frozenset(("popen_spawn_posix", "popen_forkserver", "popen_loky_posix"))
"""Last parts of modules that start worker processes without an audit event."""


class TouchRecorder:
    """An audit hook for file access below the roots.

    Args:
        roots: Which files are of interest.
        reporter: Where they are told.
    """

    def __init__(self, roots: Roots, reporter: Reporter) -> None:
        self._roots = roots
        self._reporter = reporter
        self._read: set[str] = set()
        self._written: set[str] = set()
        self._complete = True
        self._handlers = {
            "open": self._on_open,
            "import": self._on_import,
            "os.rename": self._on_made,
            "os.link": self._on_made,
            "os.symlink": self._on_made,
            "os.truncate": self._on_truncate,
            "sqlite3.connect": self._on_database,
            **dict.fromkeys(PROCESS_EVENTS, self._on_process),
        }

    def install(self) -> None:
        """Start recording, in this process and those that it forks, for the rest of their lives."""
        sys.addaudithook(self._hook)

    def add_read(self, path: str) -> None:
        """Record that a file was read, unless the step itself wrote it."""
        if path.endswith(".pyc"):
            with suppress(ValueError):
                path = source_from_cache(path)
        known = self._roots.find(path)
        if known is None or known in self._read or known in self._written or not self._room():
            return
        try:
            status = os.stat(known)
        except (OSError, ValueError):
            return
        if stat.S_ISREG(status.st_mode):
            self._read.add(known)
            self._reporter.send(type="touched", read=[[known, status.st_size, status.st_mtime_ns]])

    def add_written(self, path: str) -> None:
        """Record that a file was opened for writing, or moved into its place."""
        known = self._roots.find(path)
        if known is not None and known not in self._written and self._room():
            self._written.add(known)
            self._reporter.send(type="touched", written=[known])

    def add_unseen(self) -> None:
        """Record that something happened out of sight."""
        if self._complete:
            self._complete = False
            self._reporter.send(type="touched", complete=False)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        handler = self._handlers.get(event)
        if handler is not None:
            handler(arguments)

    def _on_open(self, arguments: tuple[Any, ...]) -> None:
        path = _text(arguments[0])
        if path is None:
            return
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        access = flags & os.O_ACCMODE
        if access != os.O_WRONLY and not flags & os.O_TRUNC:
            self.add_read(path)
        if access != os.O_RDONLY or flags & os.O_TRUNC:
            self.add_written(path)

    def _on_import(self, arguments: tuple[Any, ...]) -> None:
        name, path = arguments[0], arguments[1]
        if isinstance(path, str):
            self.add_read(path)
        if isinstance(name, str) and name.rpartition(".")[2] in BLIND_MODULES:
            self.add_unseen()

    def _on_made(self, arguments: tuple[Any, ...]) -> None:
        path = _text(arguments[1])
        if path is not None:
            self.add_written(path)

    def _on_truncate(self, arguments: tuple[Any, ...]) -> None:
        path = _text(arguments[0])
        if path is not None:
            self.add_written(path)

    def _on_database(self, arguments: tuple[Any, ...]) -> None:
        path = _text(arguments[0])
        if path is not None:
            self.add_read(path)

    def _on_process(self, _arguments: tuple[Any, ...]) -> None:
        self.add_unseen()

    def _room(self) -> bool:
        if len(self._read) + len(self._written) < MAX_FILES:
            return True
        self.add_unseen()
        return False


def _text(path: object) -> str | None:
    """Return a path argument of an audit event as text, None for a descriptor."""
    if isinstance(path, (str, bytes, os.PathLike)):
        return os.fsdecode(path)
    return None
