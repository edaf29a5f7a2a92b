"""What the output cache tells about itself: entries and figures, as plain immutable data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from orchest_tui.errors import OrchestTuiError

Location = Literal["memory", "disk", "legacy", "evicted"]
Kind = Literal["segment", "legacy"]


class OutputError(OrchestTuiError):
    """An output can't be taken into the cache or read from it; the message names its file."""


class SpillError(OutputError):
    """Outputs over the memory budget could not be moved to disk; they are whole and still in memory."""


@dataclass(frozen=True, slots=True)
class OutputEntry:
    """One output of a step.

    Attributes:
        id: Number in the index, never used twice; a new value under the same name is a new entry.
        step: The uuid of the step that made it.
        name: Its name, None when unnamed.
        path: The payload's file on the host.
        location: ``memory`` (session folder), ``disk`` (spilled), ``legacy`` (Orchest's own file in the project) or
            ``evicted`` (every child has read it and the file is gone; the record stays).
        kind: ``segment`` or ``legacy``.
        serialization: For ``legacy``: ``PICKLE``, ``ARROW_TABLE`` or ``ARROW_BATCH``.
        bytes: Size of the file in bytes.
        digest: xxh3-128 of the payload in hex, None until it has been computed.
        preview: What the step's process said about the value; bounded and free of control characters.
        run: Identity of the run that made it, empty where it is not known.
        created: When it was taken into the cache, Unix seconds.
        used: When a step last had it as an input, or ``created``; Unix seconds.
        provenance: What it was made from, the engine's own words: ``run``; ``file`` and ``digest`` of the code;
            ``inputs``, a list of step title, output name and run; ``parameters`` that were read, as JSON texts by name;
            ``environment``, its key, and ``environment_name``.
    """

    id: int
    step: str
    name: str | None
    path: Path
    location: Location
    kind: Kind
    serialization: str | None
    bytes: int
    digest: str | None
    preview: Mapping[str, Any] = field(repr=False)
    run: str
    created: float
    used: float
    provenance: Mapping[str, Any] = field(repr=False)

    @property
    def readable(self) -> bool:
        """Whether its file is there for a step to read."""
        return self.location != "evicted"

    @property
    def key(self) -> tuple[str, str | None]:
        """Step and name: what an output replaces."""
        return self.step, self.name


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening the cache found; ``lost`` are outputs whose files are gone (after a reboot: those in memory)."""

    lost: tuple[OutputEntry, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """How full the cache is, in bytes.

    Attributes:
        memory_bytes: Outputs in the session folder.
        spilled_bytes: Outputs on disk because memory was full.
        retired_bytes: Replaced files that are kept for a running step or for reuse of their pages.
        budget: The most that memory may take, ``memory_bytes`` and ``retired_bytes`` together.
    """

    memory_bytes: int
    spilled_bytes: int
    retired_bytes: int
    budget: int
