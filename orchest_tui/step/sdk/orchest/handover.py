"""What the engine tells a step: its inputs, and where its outputs go.

The supervisor writes one JSON file for each run and names it in ``ORCHEST_TUI_INPUTS``::

    {"inputs": [{"step": uuid, "title": str, "outputs": [
                    {"name": str | null, "path": str, "kind": "segment" | "legacy", "serialization": str | null}]}],
     "output_dir": str, "spill_dir": str, "recycle": [str, …]}

``inputs`` are the step's parents in the order of its connections. Without the variable there is no engine, and the SDK
works on disk as Orchest's does.
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from .error import Error

VARIABLE = "ORCHEST_TUI_INPUTS"


class Output(NamedTuple):
    """One output of a parent.

    Attributes:
        name: None for an unnamed one.
        path: The payload.
        kind: ``segment``, or ``legacy`` for a payload in Orchest's own format.
        serialization: What a ``legacy`` payload is: ``PICKLE``, ``ARROW_TABLE`` or ``ARROW_BATCH``.
    """

    name: str | None
    path: str
    kind: str
    serialization: str | None


class Parent(NamedTuple):
    """A step that this one is connected to, with what it has handed over.

    Attributes:
        step: Its uuid.
        title: Its title.
        outputs: In the order in which it made them.
    """

    step: str
    title: str
    outputs: tuple[Output, ...]


class Handover(NamedTuple):
    """What the engine has arranged for this run of the step.

    Attributes:
        parents: In the order of the step's connections.
        output_dir: Folder in memory for segments.
        spill_dir: Folder on disk for those that don't fit there.
        recycle: Names of files in ``output_dir`` whose memory may be taken over.
    """

    parents: tuple[Parent, ...]
    output_dir: str
    spill_dir: str
    recycle: tuple[str, ...]


def current() -> Handover | None:
    """Return what the engine has arranged, None where there is no engine.

    Raises:
        Error: The engine's file can't be read any more.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        return Handover(
            tuple(_parent(one) for one in document["inputs"]),
            document["output_dir"],
            document["spill_dir"],
            tuple(document.get("recycle", ())),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Error(
            f"The list of this step's inputs ({path}) can't be read: {error}. It is there only while the step runs; "
            "a process that goes on after its step's end has neither inputs nor outputs."
        ) from error


def _parent(document: dict[str, object]) -> Parent:
    outputs = document["outputs"]
    if not isinstance(outputs, list):
        raise TypeError("outputs is not a list")
    return Parent(
        str(document["step"]),
        str(document["title"]),
        tuple(
            Output(one.get("name"), one["path"], one.get("kind", "segment"), one.get("serialization"))
            for one in outputs
        ),
    )
