"""Reading a JSON file as a document, with line and column of what is no JSON and the place of repeated keys."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from orchest_tui.project.problems import Problems

DEEPEST = 200
"""Levels of nesting that a document may have; far below where Python's JSON encoder gives up."""


def read_document(path: Path, problems: Problems) -> dict[str, Any] | None:
    """Return the JSON object in ``path``; None, and a problem, where there is none.

    Args:
        path: The file.
        problems: Receives what is wrong; keys that stand twice in one object are told too (the last one counts).
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problems.error("", f"can't be read: {error.strerror or error}", "Check that it is there", code="unreadable")
        return None
    except UnicodeDecodeError as error:
        problems.error(f"byte {error.start}", "is not UTF-8", "Save it as UTF-8", code="bad-json")
        return None
    return parse_document(text, problems)


def parse_document(text: str, problems: Problems) -> dict[str, Any] | None:
    """Return the JSON object that ``text`` is; None, and a problem, where it is none."""
    repeated: list[tuple[dict[str, Any], str]] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        collected = dict(pairs)
        if len(collected) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated.extend((collected, key) for key, count in counts.items() if count > 1)
        return collected

    try:
        document = json.loads(text, object_pairs_hook=collect)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        what = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        problems.error(place, what, "Mend the text at this place", code="bad-json")
        return None
    except (RecursionError, ValueError):
        what = "is nested too deeply or holds a number of thousands of digits"
        problems.error("", what, "Take this part out", code="bad-json")
        return None
    if not isinstance(document, dict):
        problems.error("", "is not a JSON object", "Write an object: { … }", code="bad-json")
        return None
    if not _look_through(document, repeated, problems):
        return None
    return document


def _look_through(document: dict[str, Any], repeated: list[tuple[dict[str, Any], str]], problems: Problems) -> bool:
    """Return whether the nesting is such that every part of the program can walk it; tell each repeated key."""
    keys: dict[int, list[str]] = {}
    for holder, key in repeated:
        keys.setdefault(id(holder), []).append(key)
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        place, value = waiting.pop()
        if len(place) > DEEPEST:
            problems.error(
                _json_path(place[:3]),
                f"is nested more than {DEEPEST} levels deep",
                "Take this part out",
                code="bad-json",
            )
            return False
        if isinstance(value, dict):
            for key in keys.get(id(value), ()):
                what = "the key stands more than once in its object, only the last one counts"
                problems.warning(_json_path((*place, key)), what, "Take out all but one", code="duplicate-key")
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        waiting.extend(((*place, key), item) for key, item in inner if isinstance(item, dict | list))
    return True


def _json_path(parts: tuple[str | int, ...]) -> str:
    """Return a place as ``steps.<uuid>.incoming_connections[0]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
