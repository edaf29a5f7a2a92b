"""Editing the parameters of a definition."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from orchest_tui.errors import OrchestTuiError


def parse_assignment(text: str) -> tuple[str, Any]:
    """Return name and value of ``name = value``; the value is JSON, or a text where it is a bare word.

    Raises:
        OrchestTuiError: There is no name, or the value begins as JSON does and is none.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not name:
        raise OrchestTuiError("A parameter is a name and a value.", "Write it as: name = value")
    try:
        return name, json.loads(value)
    except ValueError as error:
        if value[:1] in {"{", "[", '"'}:
            raise OrchestTuiError(f"The value of {name} is no JSON: {error}.", "Close what you opened.") from None
        return name, value


def with_parameter(document: Mapping[str, Any], step: str | None, name: str, value: Any) -> dict[str, Any]:
    """Return a copy of a pipeline's document with one parameter set.

    Args:
        document: ``Pipeline.raw``; it stays as it is.
        step: Uuid of the step whose parameter it is, None for the pipeline's.
        name: The parameter's name.
        value: Its value, anything that JSON has.

    Raises:
        OrchestTuiError: There is no such step.
    """
    changed: dict[str, Any] = copy.deepcopy(dict(document))
    holder = changed if step is None else changed.get("steps", {}).get(step)
    if holder is None:
        raise OrchestTuiError("The step is not in the pipeline any more.", "Choose another one.")
    holder["parameters"] = {**(holder.get("parameters") or {}), name: value}
    return changed
