"""Digests of project files, remembered by size, mtime and inode so that an unchanged file is not read again.

A notebook's digest covers what runs: cell types, sources, tags and the kernel's language, not outputs and execution
counts, since a run writes those into the file itself.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Known = Mapping[str, tuple[int, int, int, str]]

MISSING = "missing"
"""Stands in for the digest of a file that is not there."""

_RACY_NS = 20_000_000
"""A file changed less than this long ago may change again within one tick of its file system's clock."""


def digest_bytes(content: bytes) -> str:
    """Return the hexadecimal BLAKE2b-128 digest of ``content``."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def notebook_code(content: bytes) -> bytes:
    """Return the part of a notebook that determines what it does; the content itself where it is no notebook."""
    try:
        notebook = json.loads(content)
        cells = [_cell_code(cell) for cell in notebook["cells"] if cell.get("cell_type") == "code"]
        language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    except (ValueError, KeyError, TypeError, AttributeError):
        return content
    return json.dumps([language, cells]).encode()


def _cell_code(cell: Mapping[str, Any]) -> list[Any]:
    source = cell.get("source", "")
    tags = cell.get("metadata", {}).get("tags", [])
    return ["".join(source) if isinstance(source, list) else source, sorted(map(str, tags))]


class FileDigests:
    """Digests of files by path, with what is known from before.

    Args:
        known: What ``History.file_digests`` returned.
        clock_ns: Returns the current time in ns, to tell files that were changed just now.
    """

    def __init__(self, known: Known) -> None:
        self._known = dict(known)
        self._versions: dict[tuple[str, int, int], str] = {}
        self._learnt: dict[str, tuple[int, int, int, str]] = {}

    def digest(self, path: Path | str) -> str:
        """Return the digest of the file at ``path``, ``MISSING`` where it can't be read."""
        key = os.fspath(path)
        try:
            found = os.stat(key)  # noqa: PTH116 (a Path for each of a thousand files costs more than its stat)
        except OSError:
            return MISSING
        known = self._known.get(key)
        if known is not None:
            self._versions[key, known[0], known[1]] = known[3]
        if known is not None and known[:3] == (found.st_size, found.st_mtime_ns, found.st_ino):
            return known[3]
        return self._read(key, found)

    def digest_of_version(self, path: Path | str, size: int, mtime_ns: int) -> str | None:
        """Return the digest of the file as it was at that size in bytes and mtime in ns, None where it is not known.

        A file that has changed since, or was only touched, is known if it was looked at before.
        """
        key = os.fspath(path)
        digest = self.digest(key)
        known = self._known.get(key)
        if known is not None and known[:2] == (size, mtime_ns):
            return digest
        return self._versions.get((key, size, mtime_ns))

    def _read(self, key: str, found: os.stat_result) -> str:
        import time

        try:
            content = Path(key).read_bytes()
        except OSError:
            return MISSING
        digest = digest_bytes(notebook_code(content) if key.endswith(".ipynb") else content)
        if time.time_ns() - found.st_mtime_ns > _RACY_NS and len(content) == found.st_size:
            entry = (found.st_size, found.st_mtime_ns, found.st_ino, digest)
            self._known[key] = self._learnt[key] = entry
        return digest

    def take_learnt(self) -> dict[str, tuple[int, int, int, str]]:
        """Return what was read since the last call, for ``History.remember_digests``."""
        learnt, self._learnt = self._learnt, {}
        return learnt
