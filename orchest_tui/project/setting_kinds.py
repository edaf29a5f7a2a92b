"""The kinds of values that settings have: how each is checked, and how it is read from a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from orchest_tui.project.quantities import parse_duration

KindName = Literal["choice", "text", "texts", "path", "bundle", "switch", "count", "seconds"]

VARIABLE_PREFIX = "ORCHEST_TUI_"

_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Kind:
    """What values a setting takes.

    Attributes:
        name: ``choice`` of some texts; ``text``; ``texts``, a mapping of texts; ``path``; ``bundle``, a path or one of
            ``auto`` and ``none``; ``switch``, a boolean; ``count``, a whole number; ``seconds``.
        choices: What a ``choice`` takes.
        keys: What keys a ``texts`` takes; empty for any.
        joint: What stands between the items where a value of a ``texts`` is written as a list.
    """

    name: KindName
    choices: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    joint: str = " "

    @property
    def expected(self) -> str:
        """What a value has to be, in words."""
        return {
            "choice": "one of " + ", ".join(self.choices),
            "text": "a text",
            "texts": "a mapping of texts" + (f" with the keys {', '.join(self.keys)}" if self.keys else ""),
            "path": "a path",
            "bundle": "auto, none, or the path of a file",
            "switch": "true or false",
            "count": "a whole number from 0",
            "seconds": 'a number of seconds from 0, or a text as "90s" or "5m"',
        }[self.name]

    def from_text(self, text: str) -> object:
        """Return what ``text`` (an environment variable or a flag) stands for, to be given to ``convert``.

        Raises:
            ValueError: It is no value of this kind.
        """
        match self.name:
            case "switch":
                return _SWITCHES.get(text.strip().lower(), text)
            case "count":
                return int(text)
            case "seconds":
                return float(text) if text.strip()[-1:].isdigit() else text
            case "texts":
                return json.loads(text)
            case _:
                return text

    def convert(self, value: object, folder: Path) -> Any:
        """Return ``value`` as the setting holds it.

        Args:
            value: As YAML, a flag or ``from_text`` gives it.
            folder: What a relative path starts from.

        Raises:
            ValueError: It is no value of this kind.
        """
        converted: Any = None
        match self.name, value:
            case "choice", str() if value in self.choices:
                converted = value
            case "text", str() if value:
                converted = value
            case "texts", Mapping():
                converted = self._texts(value)
            case "path", str() | Path() if str(value):
                converted = folder / Path(value).expanduser()
            case "bundle", "auto" | "none":
                converted = value
            case "bundle", str() | Path() if str(value):
                converted = str(folder / Path(value).expanduser())
            case "switch", bool():
                converted = value
            case "count", int() if value >= 0 and not isinstance(value, bool):
                converted = value
            case "seconds", int() | float() | str():
                converted = parse_duration(value)
        if converted is None:
            raise ValueError(self.expected)
        return converted

    def _texts(self, value: Mapping[object, object]) -> Mapping[str, str]:
        """Return ``value`` with every item as a text."""
        texts: dict[str, str] = {}
        for key, item in value.items():
            if not isinstance(key, str) or (self.keys and key not in self.keys):
                raise ValueError(self.expected)
            if isinstance(item, bool):
                texts[key] = str(item).lower()
            elif isinstance(item, str | int | float):
                texts[key] = str(item)
            elif isinstance(item, list) and all(isinstance(part, str) for part in item):
                texts[key] = self.joint.join(item)
            else:
                raise ValueError(self.expected)
        return MappingProxyType(texts)


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the table.

    Attributes:
        name: The key as it stands in files.
        kind: What values it takes.
        meaning: One line for people.
        machine: Whether a project's file may not set it.
    """

    name: str
    kind: Kind
    meaning: str
    machine: bool

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return VARIABLE_PREFIX + self.name.upper()
