"""The immutable view state that screens compare, and the reducer that makes it from events.

Every change gives a new ``ViewState`` with a higher ``version``; steps that did not change stay the same objects, so a
screen finds changed rows by identity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from orchest_tui.engine import events
from orchest_tui.engine.history import END_STATUSES, Status
from orchest_tui.errors import Problem

KEPT_NOTICES = 50


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of a notebook in its step's last run: when it began (Unix seconds), how long it took once it ended."""

    status: Literal["running", "ok", "error", "skipped"]
    started: float
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as a screen shows it; times in Unix seconds, ``bytes`` over all outputs, ``cells`` by index from 0.

    ``cpu`` (in cores) and ``memory`` (in bytes) are what it uses now: None where it does not run or has not said.
    """

    uuid: str
    title: str
    status: Status | None = None
    reason: str | None = None
    run: int | None = None
    attempt: int = 0
    started: float | None = None
    seconds: float | None = None
    fraction: float | None = None
    progress: str = ""
    cpu: float | None = None
    memory: int | None = None
    fresh: bool | None = None
    stale_reasons: tuple[str, ...] = ()
    upstream_stale: tuple[str, ...] = ()
    outputs: Mapping[str | None, int] = field(default_factory=dict)
    cells: Mapping[int, CellView] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """Size of all outputs together."""
        return sum(self.outputs.values())


@dataclass(frozen=True, slots=True)
class RunView:
    """The run that goes on, or the last one."""

    number: int
    kind: str
    steps: tuple[str, ...]
    status: Status
    started: float
    finished: float | None = None
    reason: str | None = None
    reused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preparing:
    """An environment that is being made ready: its name, and in a short line how far that is."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything that a screen shows of an open pipeline; ``definition`` counts how often its file was read again.

    ``environments`` are those that are being made ready, by uuid; ``broken`` is what is wrong with the pipeline's file
    where it can't be used and an older definition stands in.
    """

    version: int = 0
    definition: int = 0
    steps: Mapping[str, StepView] = field(default_factory=dict)
    run: RunView | None = None
    notices: tuple[events.Notice, ...] = ()
    environments: Mapping[str, Preparing] = field(default_factory=dict)
    broken: tuple[Problem, ...] = ()


def reduce(state: ViewState, event: events.Event) -> ViewState:
    """Return the state after ``event``."""
    changed = _reduce_run(state, event) or _reduce_step(state, event) or state
    if isinstance(event, events.Notice):
        changed = replace(state, notices=(*state.notices, event)[-KEPT_NOTICES:])
    elif isinstance(event, events.EnvironmentProgress):
        preparing = Preparing(event.name, event.text)
        changed = replace(state, environments={**state.environments, event.environment: preparing})
    elif isinstance(event, events.EnvironmentReady) and event.environment in state.environments:
        others = {uuid: each for uuid, each in state.environments.items() if uuid != event.environment}
        changed = replace(state, environments=others)
    elif isinstance(event, events.DefinitionReloaded):
        changed = replace(state, definition=state.definition + 1, broken=())
    elif isinstance(event, events.DefinitionBroken):
        changed = replace(state, broken=event.problems)
    return changed if changed is state else replace(changed, version=state.version + 1)


def _reduce_run(state: ViewState, event: events.Event) -> ViewState | None:
    if isinstance(event, events.RunStarted):
        return replace(state, run=RunView(event.run, event.kind, event.steps, event.status, event.time))
    if isinstance(event, events.RunFinished) and state.run is not None and state.run.number == event.run:
        run = replace(state.run, status=event.status, finished=event.time, reason=event.reason, reused=event.reused)
        return replace(state, run=run)
    return None


def _reduce_step(state: ViewState, event: events.Event) -> ViewState | None:
    uuid = getattr(event, "step", None)
    if uuid is None:
        return None
    before = state.steps.get(uuid) or StepView(uuid, getattr(event, "title", uuid))
    after = _step_after(before, event)
    return state if after == before else replace(state, steps=MappingProxyType({**state.steps, uuid: after}))


def _step_after(step: StepView, event: events.Event) -> StepView:  # noqa: PLR0911 (one for each kind)
    match event:
        case events.StepChanged():
            started = event.time if event.status == "STARTED" else step.started
            ended = event.status in END_STATUSES
            return replace(
                step, status=event.status, reason=event.reason, run=event.run, attempt=event.attempt, started=started,
                seconds=event.seconds, fraction=None if ended or event.status == "PENDING" else step.fraction,
                progress="" if ended else step.progress, cpu=None, memory=None, cells=step.cells if ended else {},
            )  # fmt: skip
        case events.StepReused():
            return replace(step, status="SUCCESS", reason=None, run=event.made_in, seconds=event.seconds)
        case events.StepProgress():
            return replace(step, fraction=event.fraction, progress=event.text)
        case events.StepUsage() if step.status == "STARTED":
            return replace(step, cpu=event.cpu, memory=event.memory)
        case events.CellChanged():
            done = event.index + (event.status != "running")
            fraction = done / event.count if event.count else None
            before = step.cells.get(event.index)
            started = event.time if event.status == "running" or before is None else before.started
            cells = MappingProxyType({**step.cells, event.index: CellView(event.status, started, event.seconds)})
            return replace(step, fraction=fraction, progress=f"cell {event.index + 1}/{event.count}", cells=cells)
        case events.OutputStored():
            return replace(step, outputs={**step.outputs, event.name: event.bytes})
        case events.FreshnessChanged():
            return replace(step, fresh=event.fresh, stale_reasons=event.reasons, upstream_stale=event.upstream_stale)
        case _:
            return step
