"""Where settings come from: YAML files, environment variables, flags. Each source is checked on its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchest_tui.project.problems import Problems
from orchest_tui.project.setting_kinds import VARIABLE_PREFIX, Key
from orchest_tui.project.spelling import nearest
from orchest_tui.project.yaml_file import read_mapping

_OWN_VARIABLES = frozenset({"ORCHEST_TUI_SOCKET", "ORCHEST_TUI_INPUTS"})
"""What a step's process is told by the program; no settings."""


@dataclass(frozen=True, slots=True)
class Source:
    """What one source says.

    Attributes:
        values: Key → checked value.
        labels: Key → where it came from, for people.
        problems: What is wrong with the source.
    """

    values: dict[str, Any]
    labels: dict[str, str]
    problems: Problems

    def take(self, key: Key, place: str, value: object, *, folder: Path, label: str) -> None:
        """Check a value and take it; a relative path in it starts from ``folder``."""
        try:
            self.values[key.name] = key.kind.convert(value, folder)
        except ValueError:
            self._refuse(key, place)
        else:
            self.labels[key.name] = label

    def take_text(self, key: Key, place: str, text: str, *, label: str) -> None:
        """Take a value that was given as a text from outside; a relative path in it starts from the current folder."""
        try:
            value = key.kind.from_text(text)
        except (ValueError, RecursionError):
            self._refuse(key, place)
        else:
            self.take(key, place, value, folder=Path.cwd(), label=label)

    def _refuse(self, key: Key, place: str) -> None:
        """Tell a wrong value, without repeating it: proxies and package indexes hold passwords."""
        what = f"the value of {key.name} can't be used"
        self.problems.error(place, what, f"Write {key.kind.expected}", code="bad-setting")


def file_source(name: str, path: Path, known: Mapping[str, Key], *, shared: bool = False) -> Source:
    """Return what a settings file says; a file that is not there says nothing.

    Args:
        name: ``user`` or ``project``.
        path: The file.
        known: The table of keys.
        shared: Whether the file comes with a project, so that keys about the machine are refused.
    """
    source = Source({}, {}, Problems(str(path)))
    for line, word, value in read_mapping(path, source.problems):
        place, key = f"line {line}", known.get(word)
        if key is None:
            close = nearest(word, known)
            mend = f"Did you mean {close}" if close else f"The settings are {', '.join(known)}"
            source.problems.warning(place, f"there is no setting {word}", mend, code="unknown-setting")
        elif shared and key.machine:
            what = f"{word} concerns the machine and is not taken from a project"
            mend = f"Set it in your own settings or as {key.variable}"
            source.problems.warning(place, what, mend, code="machine-setting")
        elif value is not None:
            source.take(key, place, value, folder=path.parent, label=f"{name}: {path}")
    return source


def variable_source(known: Mapping[str, Key]) -> Source:
    """Return what the environment says; an empty variable says nothing."""
    source = Source({}, {}, Problems("environment"))
    variables = {key.variable: key for key in known.values()}
    for name in sorted(os.environ):
        if not name.startswith(VARIABLE_PREFIX) or name in _OWN_VARIABLES:
            continue
        if key := variables.get(name):
            if os.environ[name]:
                source.take_text(key, name, os.environ[name], label=f"environment: {name}")
        elif close := nearest(name.removeprefix(VARIABLE_PREFIX), known):
            mend = f"Did you mean {known[close].variable}"
            source.problems.warning(name, "there is no such setting", mend, code="unknown-setting")
    return source


def flag_source(flags: Mapping[str, Any], known: Mapping[str, Key]) -> Source:
    """Return what the command line says; None stands for a flag that was not given."""
    source = Source({}, {}, Problems("command line"))
    for name, value in flags.items():
        if value is None:
            continue
        if isinstance(value, str):
            source.take_text(known[name], name, value, label="flag")
        else:
            source.take(known[name], name, value, folder=Path.cwd(), label="flag")
    return source
