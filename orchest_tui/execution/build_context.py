"""What a build container is given: a copy of the project, as one tar archive that any engine takes, local or remote.

The copy is the setup script's to change; nothing of it comes back, and nothing of it gets into the image.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from orchest_tui.errors import BuildError

_SIZE_LIMIT = 200 * 1000**2
"""Bytes up to which a project is copied whole."""
_FILE_LIMIT = 10 * 1000**2
"""Bytes up to which a file of a bigger project is copied."""
_NEVER = (".git", ".orchest/tui", ".orchest/pipelines", ".ipynb_checkpoints")


class IgnoreRules:
    """The rules of a project's top-level ``.gitignore`` (gitignore(5); rules in deeper folders are not looked at).

    Args:
        lines: The file's lines.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._rules = [rule for line in lines if (rule := _rule(line)) is not None]

    def ignores(self, path: str, *, folder: bool) -> bool:
        """Tell whether the last rule that fits ``path`` (project-relative, ``/`` between its parts) ignores it."""
        for rule in reversed(self._rules):
            if (folder or not rule.folders_only) and rule.pattern.fullmatch(path):
                return rule.ignore
        return False


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    ignore: bool
    folders_only: bool


def _rule(line: str) -> _Rule | None:
    text = line.rstrip("\r\n").rstrip(" ")
    if not text or text.startswith("#"):
        return None
    ignore = not text.startswith("!")
    text = text.removeprefix("!").removeprefix("\\")
    folders_only = text.endswith("/")
    text = text.rstrip("/")
    anywhere = "" if "/" in text else "(?:.*/)?"
    try:
        return _Rule(re.compile(anywhere + _glob(text.lstrip("/"))), ignore, folders_only)
    except re.error:
        return None  # git, too, takes a pattern that makes no sense as one that fits nothing


def _glob(pattern: str) -> str:
    """Return a gitignore pattern as a regular expression."""
    parts = re.split(r"(\*\*/|/\*\*$|\*|\?|\[[^\]]+\])", pattern)
    known = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
    return "".join(
        known.get(part) or (_character_set(part) if part.startswith("[") else re.escape(part)) for part in parts
    )


def _character_set(part: str) -> str:
    return part.replace("[!", "[^", 1).replace("\\", "\\\\")


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    size: int


def project_archive(project_dir: Path, note: Callable[[str], None]) -> IO[bytes]:
    """Return a tar archive of the project's files, open at its start; the caller closes it.

    Left out are version control, the program's own state and what the top-level ``.gitignore`` names. Everything in
    it may be read and written by anyone, since the image decides which user the setup script runs as.

    Args:
        project_dir: The project.
        note: Told in one sentence if files were left out.

    Raises:
        BuildError: The project can't be read, or the archive not be written.
    """
    try:
        entries = list(_walk(project_dir, _ignore_rules(project_dir)))
        total = sum(entry.size for entry in entries)
        if total > _SIZE_LIMIT:
            entries = [entry for entry in entries if entry.size <= _FILE_LIMIT]
            note(
                f"The project has {total / 1000**2:.0f} MB: the setup script sees its files up to "
                f"{_FILE_LIMIT // 1000**2} MB only."
            )
        return _archive(project_dir, entries, note)
    except OSError as error:
        raise BuildError(
            f"{error.filename or project_dir} can't be copied for the build: {error.strerror or error}.",
            "Mend its rights, or name it in .gitignore.",
        ) from error


def file_archive(files: Mapping[str, bytes]) -> bytes:
    """Return a tar archive of ``files`` (name → content), readable by anyone."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o755
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _ignore_rules(project_dir: Path) -> IgnoreRules:
    try:
        text = (project_dir / ".gitignore").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        text = ""
    return IgnoreRules(text.splitlines())


def _walk(project_dir: Path, rules: IgnoreRules) -> Iterator[_Entry]:
    """Yield folders, files and links of the project, each folder before what is in it."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(project_dir / folder) as found:
            for item in sorted(found, key=lambda item: item.name):
                path = f"{folder}/{item.name}".lstrip("/")
                is_folder = item.is_dir(follow_symlinks=False)
                if path in _NEVER or item.name in _NEVER or rules.ignores(path, folder=is_folder):
                    continue
                if is_folder:
                    waiting.append(path)
                    yield _Entry(path, 0)
                elif item.is_symlink():
                    yield _Entry(path, 0)
                elif item.is_file():
                    yield _Entry(path, item.stat().st_size)


def _archive(project_dir: Path, entries: Sequence[_Entry], note: Callable[[str], None]) -> IO[bytes]:
    buffer = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the caller
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for entry in entries:
            try:
                archive.add(project_dir / entry.path, arcname=entry.path, recursive=False, filter=_open_to_all)
            except (PermissionError, FileNotFoundError) as error:
                note(f"{entry.path} is not copied for the setup script: {error.strerror}.")
    buffer.seek(0)
    return buffer


def _open_to_all(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode |= 0o777 if member.isdir() else 0o666
    return member
