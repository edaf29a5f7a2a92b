"""What an engine tells: plain facts, in the order in which they happened. ``time`` is in Unix seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from orchest_tui.engine.history import Status
from orchest_tui.errors import Problem


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run began; ``steps`` are uuids in planned order."""

    time: float
    run: int
    kind: str
    steps: tuple[str, ...]
    status: Status = "STARTED"


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run ended; ``reason`` in words for anything but SUCCESS, ``reused`` are the steps that were fresh."""

    time: float
    run: int
    status: Status
    reason: str | None = None
    reused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepChanged:
    """A step of a run has a new status; ``seconds`` is the last attempt's duration where it has ended."""

    time: float
    run: int
    step: str
    title: str
    status: Status
    reason: str | None = None
    attempt: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StepReused:
    """A step of a stale run was fresh when its turn came, and did not run: its success in run ``made_in`` counts."""

    time: float
    run: int
    step: str
    title: str
    made_in: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far a running step is: ``fraction`` from 0 to 1 where known."""

    time: float
    run: int
    step: str
    fraction: float | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class StepUsage:
    """What a running step uses: ``cpu`` in cores since the last sample (1.0: one core), ``memory`` in bytes, now."""

    time: float
    run: int
    step: str
    cpu: float
    memory: int


@dataclass(frozen=True, slots=True)
class CellChanged:
    """A cell of a running notebook changed; ``index`` counts from 0."""

    time: float
    run: int
    step: str
    index: int
    count: int
    status: Literal["running", "ok", "error", "skipped"]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class OutputStored:
    """A step's output is in the cache; ``bytes`` of payload, ``digest`` of its content."""

    time: float
    run: int
    step: str
    name: str | None
    bytes: int
    digest: str
    preview: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EnvironmentProgress:
    """An environment is being made ready; ``text`` is a short line."""

    time: float
    environment: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class EnvironmentReady:
    """An environment that was made ready is so now, or can't be: then a step's end tells why."""

    time: float
    environment: str
    name: str


@dataclass(frozen=True, slots=True)
class FreshnessChanged:
    """A step's verdict changed, because a file, a parameter or data did."""

    time: float
    step: str
    title: str
    fresh: bool | None
    reasons: tuple[str, ...]
    upstream_stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DefinitionReloaded:
    """The pipeline's file was edited from outside and is read again."""

    time: float


@dataclass(frozen=True, slots=True)
class DefinitionBroken:
    """The pipeline's file was edited from outside and can't be used; the last good definition stays."""

    time: float
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know; ``level`` tells how much."""

    time: float
    level: Literal["info", "warning", "error"]
    text: str


Event = (
    RunStarted
    | RunFinished
    | StepChanged
    | StepReused
    | StepProgress
    | StepUsage
    | CellChanged
    | OutputStored
    | EnvironmentProgress
    | EnvironmentReady
    | FreshnessChanged
    | DefinitionReloaded
    | DefinitionBroken
    | Notice
)
