"""Which files are the project's, and what is wrong with a step's file."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

IGNORED_PARTS = ("/__pycache__/", "/site-packages/", "/dist-packages/", "/.git/", "/.ipynb_checkpoints/")
"""Folders whose files are never the project's own."""

IGNORED_FOLDERS = ("/.orchest/tui/", "/.orchest/pipelines/")
"""Folders of a root that hold what programs keep there."""


class Roots:
    """The folders below which files count as the project's or its data.

    Args:
        folders: Their absolute paths as the engine knows them; links in them are seen through.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self._told: dict[str, str] = {}
        for folder in folders:
            told = folder.rstrip("/") + "/"
            self._told[os.path.realpath(folder).rstrip("/") + "/"] = told
            self._told[told] = told
        self._prefixes = tuple(self._told)

    def find(self, path: str) -> str | None:
        """Return ``path`` as the engine knows it, None where it is not the project's."""
        if not path:
            return None
        if not path.startswith("/"):
            try:
                path = os.path.join(os.getcwd(), path)
            except OSError:
                return None
        if not path.startswith(self._prefixes) and "/." not in path and "//" not in path:
            return None
        path = os.path.normpath(path)
        for prefix, told in self._told.items():
            if path.startswith(prefix):
                path = told + path[len(prefix) :]
                inner = path[len(told) - 1 :]
                if inner.startswith(IGNORED_FOLDERS) or any(part in inner for part in IGNORED_PARTS):
                    return None
                return path
        return None


def step_file_problem(path: str) -> str | None:
    """Return why the step's file can't be run, None where nothing speaks against it."""
    try:
        with open(path, "rb"):
            return None
    except FileNotFoundError:
        return f"file {path} is missing"
    except OSError as error:
        return f"file {path} can't be read: {error.strerror}"
