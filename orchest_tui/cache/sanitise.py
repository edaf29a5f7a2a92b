"""Previews made harmless: what a step's process says about a value is foreign text until it has been through here.

The SDK bounds a preview when it makes it, but it runs beside the user's code, so nothing is taken on trust: size,
depth, types and characters are checked again.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from orchest_tui.terminal_text import plain_lines

MAX_PREVIEW_BYTES = 48 * 1024
"""Size of a preview's JSON, as the SDK keeps it."""

_MAX_DEPTH = 6
_MAX_ITEMS = 2048
_MAX_KEY = 200
_MAX_INTEGER = 2**63
_ORDER = ("type", "shape", "length", "bytes", "dtypes", "columns", "text", "head", "png")
"""Keys in the order of their worth: where a preview is too large, the last go first."""

_PNG = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/]*={0,2}")
"""Base64 of a PNG file, told by the file's signature."""


def sanitise_preview(preview: object) -> dict[str, Any]:
    """Return ``preview`` as bounded JSON data without control characters.

    Anything but a mapping gives an empty dict. Values that are no JSON, are nested too deeply or are numbers that JSON
    does not know become None; keys that do not fit ``MAX_PREVIEW_BYTES`` any more are left out.
    """
    if not isinstance(preview, Mapping):
        return {}
    known = [key for key in _ORDER if key in preview]
    others = [key for key in preview if isinstance(key, str) and key not in _ORDER]
    kept: dict[str, Any] = {}
    room = MAX_PREVIEW_BYTES - len("{}")
    for key in (known + others)[:_MAX_ITEMS]:
        value = _png(preview[key]) if key == "png" else _clean(preview[key], _MAX_DEPTH)
        name = _text(key[:_MAX_KEY])
        size = len(json.dumps({name: value})) if value is not None else room
        if size < room:
            kept[name] = value
            room -= size
    return kept


def _png(value: object) -> str | None:
    """Return a picture as it is, None where it is none: base64 has no characters that need cleaning."""
    if isinstance(value, str) and len(value) < MAX_PREVIEW_BYTES and _PNG.fullmatch(value):
        return value
    return None


def _clean(value: object, depth: int) -> Any:
    """Return ``value`` as JSON data of at most ``depth`` levels, None for what is none."""
    cleaned: Any = None
    match value:
        case bool():
            cleaned = value
        case int() if abs(value) < _MAX_INTEGER:
            cleaned = value
        case float() if math.isfinite(value):
            cleaned = value
        case str():
            cleaned = _text(value[:MAX_PREVIEW_BYTES])
        case Mapping() if depth:
            items = list(value.items())[:_MAX_ITEMS]
            cleaned = {_text(key[:_MAX_KEY]): _clean(item, depth - 1) for key, item in items if isinstance(key, str)}
        case list() | tuple() if depth:
            cleaned = [_clean(item, depth - 1) for item in value[:_MAX_ITEMS]]
    return cleaned


def _text(value: str) -> str:
    """Return ``value`` with line ends as its only control characters, and encodable as UTF-8."""
    lines = plain_lines(value.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(lines).encode("utf-8", "replace").decode("utf-8")
