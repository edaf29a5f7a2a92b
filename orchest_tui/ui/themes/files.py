"""Theme files: where they lie, what they say, and whether they changed.

A theme is a YAML file of plain ``key: value`` lines; its name is the file's. ``keys.py`` has the keys. A user's theme
may extend one that comes with the program, and one of the same name takes its place.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from textual.theme import Theme

import orchest_tui
from orchest_tui.errors import Problem
from orchest_tui.project.layout import config_dir
from orchest_tui.project.problems import Problems
from orchest_tui.project.spelling import nearest
from orchest_tui.project.yaml_file import read_mapping
from orchest_tui.ui.themes.keys import (
    BASE_COLOURS,
    NEEDED,
    OWN_VARIABLES,
    TERMINAL_GROUNDS,
    known_keys,
    mend_for,
)

SUFFIX = ".yaml"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_META = frozenset({"title", "extends", "dark", "terminal-colours", "syntax"})


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """One theme as it can be chosen.

    Attributes:
        name: What the setting ``theme`` says.
        title: What people read.
        path: Where it came from.
        theme: What Textual takes.
        syntax: The Pygments style for source code; ``ansi_dark`` and ``ansi_light`` are Rich's.
    """

    name: str
    title: str
    path: Path
    theme: Theme
    syntax: str


@dataclass(frozen=True, slots=True)
class LoadedThemes:
    """The themes that could be read, by name, and everything that is wrong with the files."""

    themes: Mapping[str, ThemeFile]
    problems: tuple[Problem, ...]


def packaged_folder() -> Path:
    """Return the folder of the themes that come with the program: inside the package, or beside it in a checkout."""
    package = Path(orchest_tui.__file__).parent
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


def user_folder() -> Path:
    """Return the folder of the user's own themes; it may not be there."""
    return config_dir() / "themes"


def load_themes(packaged: Path | None = None, own: Path | None = None) -> LoadedThemes:
    """Return all themes; a fault in a file costs the line that it stands on, not the theme, where that can be.

    Args:
        packaged: Folder of the program's themes.
        own: Folder of the user's themes.
    """
    found: list[Problem] = []
    bases: dict[str, dict[str, Any]] = {}
    themes: dict[str, ThemeFile] = {}
    files = [(path, True) for path in _theme_files(packaged or packaged_folder())]
    files += [(path, False) for path in _theme_files(own or user_folder())]
    for path, comes_with_program in files:
        problems = Problems(str(path))
        values = _read(path, problems, {} if comes_with_program else bases)
        if _is_complete(path, values, problems):
            themes[path.stem] = _theme(path, values)
            if comes_with_program:
                bases[path.stem] = values
        found += problems.found
    return LoadedThemes(MappingProxyType(themes), tuple(found))


def _theme_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())


def _is_complete(path: Path, values: Mapping[str, Any], problems: Problems) -> bool:
    """Return whether a file's name and values are enough for a theme; tell what is not."""
    if not _NAME.fullmatch(path.stem):
        what = "the name of a theme's file is made of a to z, 0 to 9 and -"
        problems.error("", what, "Rename the file", code="theme-name")
        return False
    missing = [key for key in NEEDED if key not in values]
    if missing and not problems.found:
        mend = "Add them, or extend another theme: extends: orchest-dark"
        problems.error("", f"lacks {', '.join(missing)}", mend, code="theme-incomplete")
    return not missing


def _theme(path: Path, values: Mapping[str, Any]) -> ThemeFile:
    dark = values.get("dark", True)
    variables = {key: value for key, value in values.items() if key not in _META and key not in BASE_COLOURS}
    for name, stand_in in OWN_VARIABLES.items():
        variables.setdefault(name, values[stand_in])
    for name in TERMINAL_GROUNDS:
        variables.setdefault(name, "ansi_default")
    theme = Theme(
        name=path.stem,
        dark=dark,
        ansi=values.get("terminal-colours", False),
        variables=variables,
        **{key: values[key] for key in BASE_COLOURS if key in values},
    )
    title = values.get("title", path.stem)
    return ThemeFile(path.stem, title, path, theme, values.get("syntax", "monokai" if dark else "friendly"))


def _read(path: Path, problems: Problems, bases: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a file's valid values, over those of the theme that it extends."""
    checks = known_keys()
    values: dict[str, Any] = {}
    base: Mapping[str, Any] = {}
    for line, key, value in read_mapping(path, problems):
        place = f"line {line}, {key}"
        if key not in checks:
            close = nearest(key, checks)
            mend = f"Write {close}" if close else "Take it out"
            problems.error(place, "is no key of a theme", mend, code="theme-key")
        elif fault := checks[key](value):
            problems.error(place, fault, mend_for(checks[key]), code="theme-value")
        elif key == "extends" and value not in bases:
            known = ", ".join(sorted(bases)) or "no theme"
            problems.error(place, f"names no theme of the program: {value}", f"Name one of {known}", code="theme-base")
        elif key == "extends":
            base = bases[value]
        else:
            values[key] = value
    if base and "title" not in values:
        values["title"] = path.stem
    return {**base, **values}


def notice(problems: Sequence[Problem]) -> str:
    """Return all problems as one text for one notice."""
    count = len(problems)
    head = "A theme file has a problem:" if count == 1 else f"Theme files have {count} problems:"
    return "\n".join((head, *(f"• {problem}" for problem in problems)))


class ThemeWatch:
    """Notices that theme files came, went or were saved, by looking at them now and then.

    Args:
        folders: The folders to look into; they may come and go as well.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._seen = self._look()

    def changed(self) -> bool:
        """Return whether anything is different from the last time."""
        seen = self._look()
        changed, self._seen = seen != self._seen, seen
        return changed

    def _look(self) -> dict[str, tuple[int, int, int]]:
        seen = {}
        for folder in self._folders:
            # Once a second while the app is open: ``Path.glob`` takes five times as long.
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.endswith(SUFFIX):
                        status = entry.stat()
                        seen[entry.path] = status.st_mtime_ns, status.st_size, status.st_ino
        return seen
