"""Which part of a value can't be pickled: found by trying its parts, only once the whole has failed."""

from __future__ import annotations

from itertools import islice
from types import CellType
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_DEPTH = 8
_MAX_TRIES = 200
_MAX_CHILDREN = 50


def locate(value: object) -> str:
    """Return where in ``value`` the part lies that can't be pickled, as an expression: ``data['model'].lock``.

    The search is bounded; where it ends early, the expression names the smallest part that was found so far.
    """
    tries = _MAX_TRIES
    place, part = "data", value
    for _ in range(_MAX_DEPTH):
        for step, child in islice(_children(part), _MAX_CHILDREN):
            tries -= 1
            if tries < 0:
                return _described(place, part)
            if not _can_be_pickled(child):
                place, part = place + step, child
                break
        else:
            break
    return _described(place, part)


def _described(place: str, part: object) -> str:
    kind = type(part)
    name = getattr(part, "__qualname__", None)
    named = f" {name}" if isinstance(name, str) else ""
    return f"{place} ({kind.__module__}.{kind.__qualname__}{named})"


def _children(value: object) -> Iterator[tuple[str, object]]:
    """Yield the parts of ``value``, each with how to get at it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"[{str(key)[:40]!r}]", item
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield f"[{index}]", item
    elif isinstance(value, (set, frozenset)):
        for item in value:
            yield " → an element", item
    elif getattr(value, "__closure__", None):
        yield from _closure(value)
    elif type(value).__name__ == "DataFrame":
        yield from ((f"[{str(name)[:40]!r}]", column.tolist()) for name, column in value.items())  # type: ignore[attr-defined]
    elif isinstance(getattr(value, "__dict__", None), dict) and not isinstance(value, type):
        for name, item in vars(value).items():
            yield f".{name}", item


def _closure(function: Any) -> Iterator[tuple[str, object]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__):
        if cell != CellType():  # one that is not bound yet
            yield f" → variable {name}", cell.cell_contents


def _can_be_pickled(value: object) -> bool:
    from .pickling import dump

    try:
        dump(value)
    except Exception:  # any failure is the answer that was asked for
        return False
    return True
