"""The content address of an environment: the same key means the same image, and nothing has to be built.

Two projects whose environments start from the same image with the same setup script share what was built. Proxies,
certificates and package indexes are no part of the key: they say how packages are reached, not which.
"""

# ruff: noqa: PTH112, PTH113, PTH118, PTH120, PTH123
# A word of a script may be anything, and os.path answers False where pathlib raises.

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchest_tui.execution.recipes import digest, parent_key

if TYPE_CHECKING:
    from orchest_tui.project.environments import Environment
    from orchest_tui.project.settings import Settings

_LINE_END = re.compile(r"\r+\n")
_WORD = re.compile(r"[^\s\"'`=;&|()<>$]+")
_FOLDER_CHANGE = re.compile(r"\b(?:cd|pushd)\s+[\"']?([^\s\"';&|()<>$]+)")
_REQUIREMENTS_INCLUDE = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)", re.MULTILINE)
_PACKAGE_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "environment.yml")
_PROJECT_PREFIX = "/project-dir/"
_READ_LIMIT = 1 << 20
"""Bytes up to which a file counts by its content; a bigger one counts by size and time of change."""


def environment_key(environment: Environment, project_dir: Path, settings: Settings) -> str:
    """Return the key of ``environment``: 32 hexadecimal digits.

    It covers the base image after the setting ``images`` was applied, the recipe and the setting ``base_image`` where
    a recipe stands in, the setup script, the project files that the script names, and whether GPUs are wanted.
    """
    script = normalised_script(environment.setup_script)
    return digest(
        {
            "parent": parent_key(environment.base_image, settings),
            "script": script,
            "files": {str(path): _file_digest(project_dir / path) for path in named_files(script, project_dir)},
            "gpu": environment.gpu_support,
        }
    )


def normalised_script(script: str) -> str:
    """Return ``script`` with LF line ends and one at its end; empty if it has nothing but blank lines and comments."""
    text = _LINE_END.sub("\n", script.lstrip("\ufeff")).rstrip()
    lines = (line.strip() for line in text.split("\n"))
    if all(not line or line.startswith("#") for line in lines):
        return ""
    return text + "\n"


def named_files(script: str, project_dir: Path) -> tuple[Path, ...]:
    """Return the project files that ``script`` names, project-relative and sorted.

    A word of the script names a file if it is the path of one, from the project's folder or from a folder that the
    script changes to. A folder stands for the files in it that tell pip or conda what to install. Requirements files
    bring what they include, one level deep.
    """
    root = os.path.normpath(project_dir)
    starts = [root, *(found for word in _FOLDER_CHANGE.findall(script) if (found := _within(root, root, word)))]
    words = {word.removeprefix(option) for word in _WORD.findall(script) for option in ("", "-r", "-c")}
    named = {file for word in words for start in starts for file in _files(root, start, word)}
    included = {file for path in named if path.endswith(".txt") for file in _includes(root, path)}
    return tuple(sorted(Path(os.path.relpath(path, root)) for path in named | included))


def _files(root: str, start: str, word: str) -> Iterator[str]:
    path = _within(root, start, word)
    if path is None:
        return
    if os.path.isdir(path):
        candidates = (os.path.join(path, name) for name in _PACKAGE_FILES)
        yield from filter(os.path.isfile, candidates)
    elif os.path.isfile(path):
        yield path


def _within(root: str, start: str, word: str) -> str | None:
    """Return the absolute path that ``word`` means in ``start``, None if it can't lie in the project."""
    if not word or "\0" in word:
        return None
    if word.startswith(_PROJECT_PREFIX):
        start, word = root, word.removeprefix(_PROJECT_PREFIX)
    path = os.path.normpath(os.path.join(start, word))
    return path if path == root or path.startswith(root + os.sep) else None


def _includes(root: str, path: str) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(_READ_LIMIT)
    except OSError:
        return
    for name in _REQUIREMENTS_INCLUDE.findall(text):
        found = _within(root, os.path.dirname(path), name)
        if found is not None and os.path.isfile(found):
            yield found


def _file_digest(path: Path) -> str:
    """Return what changes with a file; a file that can't be read counts as absent."""
    try:
        status = path.stat()
        if status.st_size > _READ_LIMIT:
            return f"{status.st_size} bytes, changed {status.st_mtime_ns}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "unreadable"
