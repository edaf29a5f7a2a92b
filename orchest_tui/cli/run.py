"""``run``: run steps of a pipeline, show what happens, and end with a code that tells how it went."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from orchest_tui.cli.context import chosen, pipeline_argument, project_option
from orchest_tui.engine.inspect import looking_at
from orchest_tui.engine.requests import RunKind, RunRequest
from orchest_tui.engine.target import Target
from orchest_tui.errors import InvalidProjectError, OrchestTuiError
from orchest_tui.terminal_text import plain

if TYPE_CHECKING:
    from orchest_tui.engine.opened import OpenPipeline


@click.command()
@pipeline_argument
@project_option
@click.option("--step", "step_names", multiple=True, metavar="S", help="A step: its title, file or start of its uuid.")
@click.option("--incoming", "kind", flag_value="incoming", help="What lies above the named steps, without them.")
@click.option("--from", "kind", flag_value="from", help="The named steps and everything below them.")
@click.option("--stale", "kind", flag_value="stale", help="Only what is not fresh.")
@click.option("--failed", "kind", flag_value="failed", help="What failed or was aborted last.")
@click.option("--all", "kind", flag_value="all", help="Everything; the default where no step is named.")
@click.option("--param", "parameters", multiple=True, metavar="K=V", help="A pipeline parameter for this run.")
@click.option("--step-param", "step_parameters", multiple=True, metavar="S.K=V", help="The same for a step's.")
@click.option("--executor", type=click.Choice(("auto", "docker", "local")), help="What runs the steps.")
@click.option("--parallel", type=click.IntRange(min=1), metavar="N", help="At most N steps at once.")
@click.option("--watch", is_flag=True, help="Stay, and run what becomes stale at every save.")
@click.option("--take-over", is_flag=True, help="Take the pipeline over from a process that has it open.")
@click.option("--resume", is_flag=True, help="Only go on with a run that was left unfinished.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--logs", "with_logs", is_flag=True, help="Print the steps' logs too.")
def run(
    pipeline_name: str | None,
    project_dir: Path | None,
    step_names: tuple[str, ...],
    kind: RunKind | Literal["failed"] | None,
    parameters: tuple[str, ...],
    step_parameters: tuple[str, ...],
    executor: str | None,
    parallel: int | None,
    watch: bool,
    take_over: bool,
    resume: bool,
    as_json: bool,
    with_logs: bool,
) -> int:
    """Run steps of PIPELINE: all of them, or those that the options choose.

    Values of parameters are JSON; what is no JSON is a text. Exit code 0: every step succeeded; 1: one failed; 2: bad
    input; 75: another process took the pipeline over, and the run goes on there; 130: interrupted (the run is stopped;
    a second Ctrl+C kills).
    """
    target = chosen(project_dir, pipeline_name, {"executor": executor} if executor else None)
    with looking_at(target.project_dir, target.path, target.settings) as opened:
        if not opened.pipeline.steps:
            raise _no_steps(opened)
        if resume:
            _refuse_other_choices(kind, step_names, parameters, step_parameters, watch)
        if kind == "failed":
            kind, step_names = "selected", _failed(opened, step_names)
        if not step_names and kind == "selected":
            return _tell_nothing(as_json, "No step failed last; nothing to run.")
        request = _request(opened, kind or _default_kind(step_names, watch), step_names, parameters, step_parameters)
        _warn_of_unknown(opened, request)
        nothing_to_do = not watch and not opened.history.unfinished() and _all_fresh(opened, request)
        unfinished = bool(opened.history.unfinished())
    request = RunRequest(request.kind, request.steps, request.parameters, request.step_parameters, parallel or 0)
    if resume and not unfinished:
        return _tell_nothing(as_json, "No run was left unfinished.")
    if nothing_to_do:
        return _tell_fresh(as_json)
    wanted = None if resume else request
    return _run(target, wanted, watch=watch, take_over=take_over, as_json=as_json, with_logs=with_logs)


def _refuse_other_choices(*choices: object) -> None:
    """Refuse to resume a run and to choose what to run at once.

    Raises:
        OrchestTuiError: Something was chosen.
    """
    if any(choices):
        raise OrchestTuiError("--resume goes on with the run as it was.", "Leave out what chooses steps or parameters.")


def _run(
    target: Target, request: RunRequest | None, *, watch: bool, take_over: bool, as_json: bool, with_logs: bool
) -> int:
    """Run through an engine of this process, and return the exit code; without a request only what was left."""
    from orchest_tui.cli.follow_run import RunFollower
    from orchest_tui.cli.run_output import make_output
    from orchest_tui.engine.engine import Engine
    from orchest_tui.engine.takeover import EXIT_TAKEN_OVER

    engine = Engine(target.project_dir, target.path, target.settings, keep_warm=watch)
    subscription = engine.subscribe()
    adopted = engine.open(take_over=take_over)
    output = make_output(engine, as_json=as_json, with_logs=with_logs, watching=watch)
    follower = RunFollower(engine, subscription, output)
    code = 0
    with follower:
        if request is None and not sys.stdout.isatty():
            engine.opened.lock.note_unattended()
        if adopted is not None:
            code = follower.until_end(adopted)
        if follower.handed_over:
            return EXIT_TAKEN_OVER
        if request is None:
            return code
        if watch:
            return follower.watch(request)
        number = engine.start_run(request)
        return _tell_fresh(as_json) if number is None else follower.until_end(number)


def _failed(opened: OpenPipeline, step_names: Sequence[str]) -> tuple[str, ...]:
    """Return the steps that failed or were aborted last.

    Raises:
        OrchestTuiError: Steps are named beside.
    """
    if step_names:
        raise OrchestTuiError("--failed and --step exclude each other.", "Leave one of them out.")
    return opened.failed_steps()


def _default_kind(step_names: Sequence[str], watch: bool) -> RunKind:
    if step_names:
        return "selected"
    return "stale" if watch else "all"


def _request(
    opened: OpenPipeline,
    kind: RunKind,
    step_names: Sequence[str],
    parameters: Sequence[str],
    step_parameters: Sequence[str],
) -> RunRequest:
    """Return the request that the options spell.

    Raises:
        OrchestTuiError: A step is unknown or ambiguous, or a parameter is no ``K=V``.
    """
    from orchest_tui.project.discovery import resolve_steps

    if kind == "all" and step_names:
        raise OrchestTuiError("--all and --step exclude each other.", "Leave one of them out.")
    steps = tuple(resolve_steps(opened.pipeline, step_names)) if step_names else ()
    by_step: dict[str, dict[str, Any]] = {}
    for text in step_parameters:
        name, value = _assignment(text, "--step-param")
        step_name, dot, key = name.rpartition(".")
        if not dot or not step_name or not key:
            raise OrchestTuiError(f"--step-param {text}: there is no step in it.", "Write STEP.NAME=VALUE.")
        (step,) = resolve_steps(opened.pipeline, [step_name])
        by_step.setdefault(step, {})[key] = value
    return RunRequest(kind, steps, dict(_assignment(text, "--param") for text in parameters), by_step)


def _no_steps(opened: OpenPipeline) -> OrchestTuiError:
    """Return the error for a pipeline without steps: what is wrong with its file, if anything is."""
    if any(problem.severity == "error" for problem in opened.problems):
        return InvalidProjectError(opened.problems)
    return OrchestTuiError(f"{opened.pipeline.relative_path} has no steps yet.", "Add one to the file.")


def _warn_of_unknown(opened: OpenPipeline, request: RunRequest) -> None:
    """Tell which parameters the definition does not have: steps get them all the same, but it may be a slip."""
    pipeline = opened.pipeline
    given = [(request.parameters, pipeline.parameters, f"The pipeline {pipeline.relative_path}")]
    for step, values in request.step_parameters.items():
        given.append((values, pipeline.steps[step].parameters, f"The step {pipeline.steps[step].title!r}"))
    for values, known, owner in given:
        for name in values:
            if name not in known:
                from orchest_tui.project.spelling import nearest

                meant = nearest(name, known)
                guess = f" Did you mean {meant!r}?" if meant else ""
                click.echo(f"warning: {plain(f'{owner} has no parameter {name!r}.{guess}')}", err=True)


def _assignment(text: str, option: str) -> tuple[str, Any]:
    """Return name and value of ``K=V``; the value is JSON, or a text where it is none."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise OrchestTuiError(f"{option} {text}: there is no value in it.", "Write NAME=VALUE.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _all_fresh(opened: OpenPipeline, request: RunRequest) -> bool:
    """Return whether a stale run has nothing to do; errors of the definition are left to the run itself."""
    if request.kind != "stale":
        return False
    verdicts = opened.verdicts(request.parameters, request.step_parameters)
    chosen_steps: Mapping[str, Any] = dict.fromkeys(request.steps) if request.steps else verdicts
    return all(verdicts[step].fresh for step in chosen_steps)


def _tell_fresh(as_json: bool) -> int:
    """Say that nothing has to run."""
    return _tell_nothing(as_json, "Everything is fresh; nothing to run.")


def _tell_nothing(as_json: bool, words: str) -> int:
    """Say in ``words`` why nothing runs."""
    if as_json:
        import time

        moment = time.time()
        for event, status in (("run_started", "STARTED"), ("run_finished", "SUCCESS")):
            click.echo(json.dumps({"event": event, "time": moment, "run": None, "status": status, "steps": []}))
    else:
        click.echo(words)
    return 0
