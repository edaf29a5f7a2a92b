"""A ``repr`` that ends: in time and in length, whatever the value is, and without asking classes that nobody knows."""

from __future__ import annotations

import reprlib
from itertools import islice
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_ELEMENTS = 20
_LEVELS = 4
_CHARACTERS = 200
_INTEGER_BITS = 2048
_CHEAP_MODULES = frozenset({"datetime", "decimal", "fractions", "pathlib", "uuid", "enum", "zoneinfo", "ipaddress"})
_CHEAP_PANDAS = frozenset({"Timestamp", "Timedelta", "Period", "Interval", "NAType", "NaTType"})


def bounded_repr(value: object, limit: int = 4096) -> str:
    """Return something like ``repr(value)``, at most ``limit`` characters long.

    Containers show their first elements, long texts their beginning. An instance of a class that is not well known
    shows its class and its first attributes: its own ``__repr__`` might take as long as it likes.
    """
    return cut(_BoundedRepr().repr(value), limit)


def cut(text: str, limit: int) -> str:
    """Return ``text`` cut to ``limit`` characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def type_name(value: object) -> str:
    """Return the qualified name of the value's type, as short as it is still right: ``pandas.DataFrame``, ``dict``."""
    import sys

    kind = type(value)
    module, name = kind.__module__, kind.__qualname__
    if module in ("builtins", "__main__"):
        return name
    package = module.partition(".")[0]
    shorter = getattr(sys.modules.get(package), name, None) is kind
    return f"{package if shorter else module}.{name}"


class _BoundedRepr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = _LEVELS
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdeque = self.maxdict = _ELEMENTS
        self.maxarray = _ELEMENTS
        self.maxstring = self.maxother = _CHARACTERS

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002 - reprlib calls it so
        return repr(x) if x.bit_length() <= _INTEGER_BITS else f"<int of {x.bit_length()} bits>"

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        # in the dict's own order: reprlib sorts all keys first
        if not x:
            return "{}"
        if level <= 0:
            return "{...}"
        shown = [f"{self.repr1(key, level - 1)}: {self.repr1(x[key], level - 1)}" for key in islice(x, _ELEMENTS)]
        return self._joined("{", shown, len(x), "}")

    def repr_set(self, x: set[Any], level: int) -> str:
        return self._unsorted("{", x, "}", level) if x else "set()"

    def repr_frozenset(self, x: frozenset[Any], level: int) -> str:
        return self._unsorted("frozenset({", x, "})", level) if x else "frozenset()"

    def _unsorted(self, left: str, x: set[Any] | frozenset[Any], right: str, level: int) -> str:
        if level <= 0:
            return f"{left}...{right}"
        return self._joined(left, [self.repr1(one, level - 1) for one in islice(x, _ELEMENTS)], len(x), right)

    def _joined(self, left: str, shown: Iterable[str], length: int, right: str) -> str:
        more = ["..."] if length > _ELEMENTS else []
        return left + ", ".join([*shown, *more]) + right

    def repr_bytes(self, x: bytes, level: int) -> str:  # noqa: ARG002
        return repr(x) if len(x) <= _CHARACTERS else f"{x[:_CHARACTERS]!r}..."

    repr_bytearray = repr_bytes

    def repr_instance(self, x: object, level: int) -> str:
        """Show an instance of any other class; reprlib's own would call its ``__repr__``."""
        kind = type(x)
        if x is None or kind in (bool, float, complex, type(...), type(NotImplemented), range, slice):
            return repr(x)
        if isinstance(getattr(x, "__qualname__", None), str):
            return f"<{type_name(x)} {x.__qualname__}>"  # type: ignore[attr-defined]
        if _is_cheap(x):
            return cut(str(x), _CHARACTERS)
        shape = shape_of(x)
        if shape is not None:
            return f"<{type_name(x)} {' x '.join(map(str, shape))}>"
        return self._attributes(x, level)

    def _attributes(self, x: object, level: int) -> str:
        attributes = getattr(x, "__dict__", None)
        if not isinstance(attributes, dict) or not attributes:
            return f"<{type_name(x)}>"
        if level <= 0:
            return f"{type_name(x)}(...)"
        shown = [f"{name}={self.repr1(item, level - 1)}" for name, item in islice(attributes.items(), _ELEMENTS)]
        return type_name(x) + self._joined("(", shown, len(attributes), ")")


def _is_cheap(value: object) -> bool:
    """Tell whether the value's own ``__str__`` is known to be quick and short."""
    import sys

    kind = type(value)
    package = kind.__module__.partition(".")[0]
    if package in _CHEAP_MODULES or (package == "pandas" and kind.__name__ in _CHEAP_PANDAS):
        return True
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.generic) and value.nbytes < _CHARACTERS


def shape_of(value: object) -> list[int] | None:
    """Return the shape of something array-like, None for anything else."""
    shape = getattr(value, "shape", None)
    if not isinstance(shape, (tuple, list)) or not all(isinstance(extent, int) for extent in shape):
        return None
    return [int(extent) for extent in shape]
