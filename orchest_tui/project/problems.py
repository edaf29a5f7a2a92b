"""Collecting what is wrong with a file, and reading typed values out of one without stopping at the first fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from orchest_tui.errors import Problem

T = TypeVar("T")

_JSON_TYPES = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    type(None): "null",
}


class Problems:
    """The problems of one file, in the order in which they are found.

    Args:
        file: The file's path as a person would type it.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []

    def error(self, place: str, what: str, mend: str, *, code: str, step: str | None = None) -> None:
        """Add something that keeps the pipeline, or ``step``, from running."""
        self.found.append(Problem(self.file, _clean(place), _clean(what), mend, "error", code, step))

    def warning(self, place: str, what: str, mend: str, *, code: str, step: str | None = None) -> None:
        """Add something that does not."""
        self.found.append(Problem(self.file, _clean(place), _clean(what), mend, "warning", code, step))


class Fields:
    """The values of one JSON object; a value of the wrong type is told and its default taken.

    Args:
        values: The object.
        place: Its JSON path; empty for the document itself.
        problems: Receives what is wrong.
        step: The step that it belongs to, for the problems.
    """

    def __init__(self, values: Mapping[str, Any], place: str, problems: Problems, step: str | None = None) -> None:
        self.values = values
        self.place = place
        self.problems = problems
        self.step = step

    def at(self, key: str) -> str:
        """Return the JSON path of ``key``."""
        return f"{self.place}.{key}" if self.place else key

    def error(self, key: str, what: str, mend: str, code: str = "wrong-value") -> None:
        """Add an error about ``key``."""
        self.problems.error(self.at(key), what, mend, code=code, step=self.step)

    def warning(self, key: str, what: str, mend: str, code: str = "wrong-value") -> None:
        """Add a warning about ``key``."""
        self.problems.warning(self.at(key), what, mend, code=code, step=self.step)

    def _typed(self, key: str, expected: type, default: T) -> Any | T:
        """Return the value of ``key``, or ``default`` where it is absent or of another type."""
        if key not in self.values:
            return default
        value = self.values[key]
        accepted = (int, float) if expected is float else (expected,)
        if isinstance(value, accepted) and (expected is bool or not isinstance(value, bool)):
            return value
        found = _JSON_TYPES.get(type(value), type(value).__name__)
        self.error(key, f"is {found}, not {_JSON_TYPES[expected]}", f"Write {_JSON_TYPES[expected]}", "wrong-type")
        return default

    def text(self, key: str, default: str = "") -> str:
        """Return a text that can be stored as UTF-8."""
        value: str = self._typed(key, str, default)
        try:
            value.encode()
        except UnicodeEncodeError:
            self.error(key, "holds half of a surrogate pair, which is no character", "Write the text again")
            return value.encode("utf-8", "replace").decode()
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return a boolean."""
        value: bool = self._typed(key, bool, default)
        return value

    def whole(self, key: str, default: int) -> int:
        """Return a whole number."""
        value: int = self._typed(key, int, default)
        return value

    def object(self, key: str) -> Mapping[str, Any]:
        """Return a JSON object, read-only; an empty one where it is absent or wrong."""
        value: dict[str, Any] = self._typed(key, dict, {})
        return MappingProxyType(value)

    def items(self, key: str) -> list[Any]:
        """Return a JSON list; an empty one where it is absent or wrong."""
        value: list[Any] = self._typed(key, list, [])
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts; items of another type are told and left out."""
        texts = []
        for index, item in enumerate(self.items(key)):
            if isinstance(item, str):
                texts.append(item)
            else:
                found = _JSON_TYPES.get(type(item), type(item).__name__)
                self.error(f"{key}[{index}]", f"is {found}, not a text", "Write a text", "wrong-type")
        return texts

    def parsed(self, key: str, parse: Callable[[Any], T], default: T, code: str) -> T:
        """Return ``parse(value)``; its ``ValueError`` says what the value has to be."""
        if key not in self.values:
            return default
        try:
            return parse(self.values[key])
        except ValueError as error:
            self.error(key, f"{_shown(self.values[key])} can't be used here", f"Write {error}", code)
            return default


def _shown(value: object) -> str:
    """Return a value for a message: short, on one line."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"


def _clean(text: str) -> str:
    """Return ``text`` without half characters that a file's text brought in; no terminal could show them."""
    return text.encode("utf-8", "replace").decode()
