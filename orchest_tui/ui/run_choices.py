"""What the run menu offers: each kind of run with what it will run, what it leaves alone, and about how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from orchest_tui.engine.requests import RunKind, RunRequest, make_plan
from orchest_tui.human import human_seconds

if TYPE_CHECKING:
    from orchest_tui.engine.opened import OpenPipeline

_KINDS: tuple[tuple[RunKind | Literal["failed"], str], ...] = (
    ("selected", "what is marked"),
    ("from", "from here down"),
    ("incoming", "incoming steps"),
    ("stale", "what is stale"),
    ("failed", "what failed"),
    ("all", "all steps"),
)


@dataclass(frozen=True, slots=True)
class RunChoice:
    """One line of the run menu.

    Attributes:
        request: What to ask the engine for.
        name: What it is called.
        titles: The steps that will run, in their order.
        reused: How many steps outside the run hand over to it what they made before.
        missing: Titles of the steps outside the run that should, and never succeeded.
        seconds: About how long it takes, by the last successes; None where nothing is known.
    """

    request: RunRequest
    name: str
    titles: tuple[str, ...]
    reused: int
    seconds: float | None
    missing: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return what it will do: ``3 steps, about 4 s, 2 reused``; ``1 step, without data of Clean``."""
        if not self.titles:
            return "nothing to run"
        words = [f"{len(self.titles)} step{'s' if len(self.titles) > 1 else ''}"]
        if self.seconds is not None:
            words.append(f"about {human_seconds(self.seconds)}")
        if self.reused:
            words.append(f"{self.reused} reused")
        if self.missing:
            more = f" and {len(self.missing) - 1} more" if self.missing[1:] else ""
            words.append(f"without data of {self.missing[0]}{more}")
        return ", ".join(words)


def run_choices(opened: OpenPipeline, steps: Sequence[str]) -> list[RunChoice]:
    """Return every kind of run that ``steps`` allow.

    Args:
        opened: The pipeline.
        steps: The steps that are chosen; may be empty.
    """
    verdicts = opened.verdicts()
    seconds = {step: success.seconds for step, success in opened.history.successes().items()}
    titles = {uuid: step.title for uuid, step in opened.pipeline.steps.items()}
    choices = []
    failed = opened.failed_steps()
    for kind, name in _KINDS:
        chosen = tuple(steps) if kind in {"selected", "from", "incoming"} else ()
        if kind in {"selected", "from", "incoming"} and not chosen:
            continue
        if kind == "failed" and not failed:
            continue
        request = RunRequest("selected", failed) if kind == "failed" else RunRequest(kind, chosen)
        plan = make_plan(request, opened.pipeline, verdicts, opened.evicted_steps())
        named = _named(name, kind, chosen, titles)
        runs = tuple(titles[step] for step in plan.parents)
        above = {up for step in plan.parents for up in opened.pipeline.steps[step].incoming} - set(plan.parents)
        missing = tuple(titles[step] for step in titles if step in above and step not in seconds)
        expected = expected_seconds(plan.parents, seconds)
        choices.append(RunChoice(request, named, runs, len(above) - len(missing), expected, missing))
    return choices


def _named(name: str, kind: str, chosen: Sequence[str], titles: Mapping[str, str]) -> str:
    """Return what a choice is called: the one step that is meant by its title."""
    if kind != "selected":
        return name
    return f"{titles[chosen[0]]} alone" if len(chosen) == 1 else f"the {len(chosen)} marked steps"


def expected_seconds(parents: Mapping[str, Sequence[str]], seconds: Mapping[str, float]) -> float | None:
    """Return the length of the longest path, in seconds: what a run takes whose branches run side by side.

    Args:
        parents: The run's steps in topological order, each with its parents in the run.
        seconds: How long steps took; steps without an entry count nothing.
    """
    if not any(step in seconds for step in parents):
        return None
    ends: dict[str, float] = {}
    for step, above in parents.items():
        ends[step] = max((ends[parent] for parent in above), default=0.0) + seconds.get(step, 0.0)
    return max(ends.values())
