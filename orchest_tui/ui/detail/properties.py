"""The tab Properties, and the answer to "why": a step's definition and state in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.text import Text

from orchest_tui.engine.state import StepView
from orchest_tui.errors import Problem
from orchest_tui.graph.order import children
from orchest_tui.human import human_bytes, human_seconds
from orchest_tui.project.definition import Pipeline
from orchest_tui.project.environments import Environment
from orchest_tui.terminal_text import plain
from orchest_tui.ui.themes.status import look_of_status


def property_lines(
    uuid: str, pipeline: Pipeline, environments: Mapping[str, Environment], problems: Iterable[Problem]
) -> list[Text]:
    """Return a step's definition, one property a line, then what is wrong with it."""
    step = pipeline.steps[uuid]
    titles = {other.uuid: other.title for other in pipeline.steps.values()}
    environment = environments.get(step.environment)
    below = children(pipeline.parents).get(uuid, [])
    pairs = [
        ("title", step.title),
        ("file", pipeline.project_path(step) if step.file_path else "(none)"),
        ("environment", f"{environment.name} ({environment.base_image})" if environment else "(none)"),
        ("incoming", ", ".join(titles.get(parent, parent) for parent in step.incoming) or "(none)"),
        ("outgoing", ", ".join(titles[child] for child in below) or "(none)"),
        ("retries", str(step.retries)),
        ("timeout", human_seconds(step.timeout) or "none"),
        ("memory", "no limit" if step.memory is None else human_bytes(step.memory)),
        ("cpus", "no limit" if step.cpus is None else f"{step.cpus:g}"),
        ("uuid", uuid),
    ]
    lines = [Text(f"{name:12}", "dim").append(plain(value), "not dim") for name, value in pairs]
    mine = [problem for problem in problems if problem.step == uuid]
    return lines + ([Text(""), *problem_lines(mine)] if mine else [])


def problem_lines(problems: Iterable[Problem]) -> list[Text]:
    """Return problems as lines: what and where, then how to mend it."""
    lines = []
    for problem in problems:
        lines.append(Text(f"{problem.severity}: ", "bold").append(plain(problem.what), "not bold"))
        lines.append(Text(f"  in {plain(problem.file)} {plain(problem.place)}".rstrip(), "dim"))
        lines.append(Text(f"  {plain(problem.mend)}"))
    return lines


def why_lines(step: StepView) -> list[Text]:
    """Return why a step is as it is, for the command ``step.why``."""
    if step.status is None and step.fresh is None and not step.upstream_stale:
        return [Text("It has not run yet.")]
    lines = [Text("last run   ", "dim").append(look_of_status(step.status).word, "not dim")]
    if step.run is not None:
        lines[0].append(f" in run {step.run}" + (f", {human_seconds(step.seconds)}" if step.seconds else ""))
    if step.reason and not any(step.reason in reason for reason in step.stale_reasons):
        lines.append(Text("           " + plain(step.reason)))
    verdict = {True: "fresh", False: "stale", None: "never succeeded"}[step.fresh]
    lines.append(Text("now        ", "dim").append(verdict, "not dim"))
    lines += [Text("           " + plain(reason)) for reason in step.stale_reasons]
    if step.fresh and not step.upstream_stale:
        lines.append(Text("           Its file and imports, parameters, environment and inputs are as they were."))
    if step.upstream_stale:
        names = ", ".join(map(plain, step.upstream_stale))
        lines.append(
            Text("above      ", "dim").append(f"not fresh: {names}; running them may make it stale", "not dim")
        )
    return lines
