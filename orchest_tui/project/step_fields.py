"""Reading one step, and one pipeline's settings, from the document."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from orchest_tui.project.definition import DEFAULT_DATA_PASSING_MEMORY, PipelineSettings, Step
from orchest_tui.project.layout import is_safe_name
from orchest_tui.project.problems import Fields, Problems
from orchest_tui.project.quantities import DURATION_FORM, parse_duration, parse_size

SUFFIXES = ("ipynb", "py", "r", "sh", "jl", "js")
"""What can be run, by ``Step.suffix``."""

_LANGUAGES = ("python", "r", "julia", "javascript")
_REQUIRED = {
    "uuid": "Write the step's key",
    "title": "Write a title",
    "incoming_connections": "Write a list, empty for a step without parents",
    "parameters": "Write an object, {} for none",
}


def read_settings(document: Mapping[str, Any], problems: Problems) -> PipelineSettings:
    """Return the ``settings`` of a document, defaults where something is absent or wrong."""
    fields = Fields(Fields(document, "", problems).object("settings"), "settings", problems)
    return PipelineSettings(
        auto_eviction=fields.flag("auto_eviction", False),
        data_passing_memory_size=fields.parsed(
            "data_passing_memory_size", parse_size, DEFAULT_DATA_PASSING_MEMORY, "bad-size"
        ),
        max_steps_parallelism=max(0, fields.whole("max_steps_parallelism", 0)),
    )


def read_step(key: str, value: object, problems: Problems) -> Step | None:
    """Return the step under ``key``; None, and a problem, where there is nothing to make one of."""
    place = f"steps.{key}"
    if not is_safe_name(key):
        what = "the key is no uuid"
        problems.error(place, what, "Use a uuid of letters, digits and -", code="bad-uuid")
        return None
    if not isinstance(value, dict):
        problems.error(place, "is not an object", "Write a step or take it out", code="wrong-type", step=key)
        return None
    fields = Fields(value, place, problems, key)
    for required, mend in _REQUIRED.items():
        if required not in value:
            fields.warning(required, "the key is missing", mend, "missing-key")
    if fields.text("uuid", key) != key:
        fields.error("uuid", f"differs from the step's key {key}", "Write the key", "uuid-mismatch")
    file_path = _file_path(fields)
    meta = Fields(fields.object("meta_data"), fields.at("meta_data"), problems, key)
    return Step(
        uuid=key,
        title=fields.text("title") or file_path.rpartition("/")[2] or key[:8],
        file_path=file_path,
        environment=fields.text("environment"),
        incoming=_incoming(fields),
        parameters=fields.object("parameters"),
        kernel_language=_language(fields),
        hidden=meta.flag("hidden", False),
        position=_position(meta),
        retries=_retries(fields),
        timeout=fields.parsed("timeout", _timeout, None, "bad-duration"),
        memory=fields.parsed("memory", _optional_size, None, "bad-size"),
        cpus=fields.parsed("cpus", _cpus, None, "bad-number"),
    )


def _file_path(fields: Fields) -> str:
    path = fields.text("file_path")
    if any(character < " " or character == "\x7f" for character in path):
        fields.error("file_path", "holds a control character", "Rename the file", "bad-path")
        return ""
    return path


def _language(fields: Fields) -> str:
    kernel = Fields(fields.object("kernel"), fields.at("kernel"), fields.problems, fields.step)
    language = kernel.text("name", "python") or "python"
    if language == "ir":
        return "r"
    if language not in _LANGUAGES:
        kernel.warning("name", f"{language!r} is no language known here", f"Write one of {', '.join(_LANGUAGES)}")
    return language


def _incoming(fields: Fields) -> tuple[str, ...]:
    """Return the connections, each once; what they lead to is checked when all steps are known."""
    incoming: dict[str, None] = {}
    for index, parent in enumerate(fields.texts("incoming_connections")):
        if parent in incoming:
            key = f"incoming_connections[{index}]"
            fields.warning(key, f"{parent} is connected twice", "Take one of them out", "duplicate-connection")
        incoming[parent] = None
    return tuple(incoming)


def _position(meta: Fields) -> tuple[float, float] | None:
    """Return the editor's position; a broken one is of no consequence here and stays in the file."""
    match meta.items("position"):
        case [int() | float() as x, int() | float() as y]:
            return float(x), float(y)
    return None


def _retries(fields: Fields) -> int:
    retries = fields.whole("retries", 0)
    if retries < 0:
        fields.error("retries", f"{retries} is below 0", "Write how often the step is tried again", "bad-number")
    return max(0, retries)


def _timeout(value: object) -> float | None:
    seconds = None if value is None else parse_duration(value)
    if seconds == 0:
        raise ValueError(f"{DURATION_FORM}; above 0")
    return seconds


def _optional_size(value: object) -> int | None:
    return None if value is None else parse_size(value)


def _cpus(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0:
        return float(value)
    raise ValueError("a number of cores above 0, as 0.5 or 2")
