"""What an engine can be asked for, and what a run of it will do: pure data and pure planning."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from orchest_tui.errors import OrchestTuiError
from orchest_tui.graph.order import ancestors, descendants, induced, topological_order

if TYPE_CHECKING:
    from orchest_tui.engine.freshness import Freshness
    from orchest_tui.project.definition import Pipeline

RunKind = Literal["selected", "incoming", "from", "stale", "all"]


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A wish to run some steps.

    Attributes:
        kind: ``selected`` (the steps themselves), ``incoming`` (their ancestors without them), ``from`` (them and all
            below), ``stale`` (what is not fresh, among ``steps`` or everywhere) or ``all``.
        steps: Uuids; empty where ``kind`` needs none.
        parameters: Pipeline parameters for this run, over those of the file.
        step_parameters: Step parameters for this run, by uuid.
        parallel: At most so many steps at once for this run, 0 for the pipeline's and the settings' limit.
    """

    kind: RunKind
    steps: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    step_parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parallel: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the request as a JSON document."""
        return {
            "kind": self.kind,
            "steps": list(self.steps),
            "parameters": dict(self.parameters),
            "step_parameters": {step: dict(values) for step, values in self.step_parameters.items()},
            "parallel": self.parallel,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> RunRequest:
        """Return the request that ``to_json`` wrote."""
        return cls(**{**document, "steps": tuple(document["steps"])})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do.

    Attributes:
        request: The wish.
        parents: The steps of the run in topological order, each with its parents *within the run*.
        lazy: Whether a step is run only if it is not fresh when its turn comes (a stale run).
        forced: Steps that run in a lazy run though they are fresh: others need their outputs, which were evicted.
    """

    request: RunRequest
    parents: Mapping[str, Sequence[str]]
    lazy: bool = False
    forced: frozenset[str] = frozenset()


def make_plan(
    request: RunRequest, pipeline: Pipeline, verdicts: Mapping[str, Freshness], evicted: Collection[str] = ()
) -> Plan:
    """Return the plan for ``request``; it has no steps where nothing has to run.

    Args:
        request: The wish.
        pipeline: The definition.
        verdicts: Freshness of every step; needed for a stale run only.
        evicted: Steps of whose outputs some were evicted. In a stale run of the whole pipeline they run again where a
            step of the run may need them.

    Raises:
        OrchestTuiError: The request names no steps where it needs some, or one that is not there.
    """
    everything = {uuid: step.incoming for uuid, step in pipeline.steps.items()}
    unknown = [step for step in (*request.steps, *request.step_parameters) if step not in everything]
    if unknown:
        raise OrchestTuiError(f"{pipeline.relative_path} has no step {unknown[0]}.", "List them: orchest-tui steps")
    if request.kind in {"selected", "incoming", "from"} and not request.steps:
        raise OrchestTuiError(f"A run of kind {request.kind} needs steps.", "Name some with --step.")
    chosen = _chosen(request, everything, verdicts)
    lazy = request.kind == "stale"
    forced = remade(everything, chosen, evicted) if lazy and not request.steps else frozenset()
    chosen |= forced
    ordered = [uuid for uuid in topological_order(everything) if uuid in chosen]
    within = induced(everything, chosen)
    return Plan(request, {uuid: within[uuid] for uuid in ordered}, lazy, forced)


def remade(parents: Mapping[str, Sequence[str]], chosen: Collection[str], evicted: Collection[str]) -> frozenset[str]:
    """Return the ``evicted`` steps whose outputs have to be made again so that ``chosen`` can run."""
    found: set[str] = set()
    waiting = list(chosen)
    while waiting:
        needed = [parent for parent in parents.get(waiting.pop(), ()) if parent in evicted and parent not in found]
        found.update(needed)
        waiting.extend(needed)
    return frozenset(found)


def _chosen(request: RunRequest, parents: Mapping[str, Sequence[str]], verdicts: Mapping[str, Freshness]) -> set[str]:
    named = set(request.steps)
    match request.kind:
        case "selected":
            return named
        case "incoming":
            return ancestors(parents, named) - named
        case "from":
            return named | descendants(parents, named)
        case "stale":
            stale = {uuid for uuid in parents if not verdicts[uuid].fresh and (not named or uuid in named)}
            below = descendants(parents, stale)
            return stale | (below & named if named else below)
        case "all":
            return set(parents)
