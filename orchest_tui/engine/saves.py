"""Telling a person's save from what steps write themselves, so that live mode does not run in circles.

A step that fails stays stale, and many a failing step has written into the project (a notebook saves itself, a script
its log) before it failed: a run for each of these changes would never end. So live mode runs for saves only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

Stamp = tuple[int, int] | None
"""Size and mtime in ns of a file, None where there is none."""

_NEVER: Stamp = (-1, -1)


class Saves:
    """What is known of the writers of a project's files.

    Args:
        dependencies: Returns the files that steps are known to depend on: a change of one always counts.
    """

    def __init__(self, dependencies: Callable[[], Collection[Path]]) -> None:
        self._dependencies = dependencies
        self._written: dict[Path, Stamp] = {}
        self._began = self._ended = 0

    def run_began(self, time_ns: int) -> None:
        """Note the begin of a run, Unix nanoseconds."""
        self._began = time_ns

    def run_ended(self, time_ns: int) -> None:
        """Note the end of the run."""
        self._ended = time_ns

    def written(self, paths: Iterable[Path]) -> None:
        """Note files that a step has written, once it has ended."""
        for path in paths:
            self._written[path] = _stamp(path)

    def any_save(self, changed: Collection[Path]) -> bool:
        """Return whether one of the ``changed`` files was changed by a person, as far as can be told.

        It was not where a step is known to have left the file as it is now; and, since not every writer is seen (a
        shell's redirection is not), where no step depends on the file and it was changed while a run went on.
        """
        stamps = {path: _stamp(path) for path in changed}
        others = {path for path, stamp in stamps.items() if self._written.get(path, _NEVER) != stamp}
        if others.intersection(self._dependencies()):
            return True
        return any(not self._began <= stamp[1] <= self._ended for path in others if (stamp := stamps[path]) is not None)


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return None if path.is_dir() else (status.st_size, status.st_mtime_ns)
