"""``build``: environments built ahead of a run, or again."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchest_tui.cli.context import checked_settings, chosen_project, project_option, tell, warn
from orchest_tui.cli.display import fit, human_seconds, screen
from orchest_tui.errors import InvalidProjectError, OrchestTuiError
from orchest_tui.terminal_text import plain

if TYPE_CHECKING:
    from orchest_tui.execution.executor import Executor
    from orchest_tui.project.environments import Environment
    from orchest_tui.project.settings import Settings

EXIT_FAILED = 1


@click.command()
@click.argument("names", metavar="[ENV]...", nargs=-1)
@project_option
@click.option("--executor", type=click.Choice(("auto", "docker", "local")), help="What the environments are built for.")
@click.option("--force", is_flag=True, help="Run the setup scripts again though nothing changed.")
def build(names: Sequence[str], project_dir: Path | None, executor: str | None, force: bool) -> int:
    """Build the environments ENV (by name or start of the uuid), or all of the project.

    A run builds what it needs by itself; an environment of which nothing changed is not built again.
    Exits 1 when a build failed.
    """
    from orchest_tui.project.environments import load_environments

    folder = chosen_project(project_dir)
    settings = checked_settings(folder, {"executor": executor} if executor else None)
    environments, problems = load_environments(folder)
    if names:
        wanted = [_named(environments, name) for name in names]
    elif any(problem.severity == "error" for problem in problems):
        raise InvalidProjectError(problems)
    else:
        wanted = list(environments.values())
    warn(problem for problem in problems if problem.severity == "warning")
    if not wanted:
        raise OrchestTuiError(
            "The project has no environments.", "An environment is a folder below .orchest/environments/."
        )
    return asyncio.run(_build_all(_Order(folder, settings, wanted, force)))


def _named(environments: Mapping[str, Environment], name: str) -> Environment:
    """Return the one environment that ``name`` means.

    Raises:
        OrchestTuiError: There is none, or several.
    """
    same_name = [found for found in environments.values() if found.name == name]
    found = same_name or [one for uuid, one in environments.items() if name and uuid.startswith(name)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{one.name} ({one.uuid[:8]})" for one in found or environments.values())
    if found:
        raise OrchestTuiError(f"{name!r} means several environments: {listed}.", "Use the start of the uuid.")
    raise OrchestTuiError(f"There is no environment {name!r}.", f"There are: {listed or 'none'}.")


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be built: the project, the settings in force, the environments, whether anew."""

    project_dir: Path
    settings: Settings
    environments: Sequence[Environment]
    force: bool


async def _build_all(order: _Order) -> int:
    """Build one environment after the other; a failure does not keep the others from being built."""
    from orchest_tui.execution.choose import choose_executor
    from orchest_tui.project.layout import Layout

    progress = _progress_line()
    executor = await choose_executor(
        order.settings,
        Layout(order.project_dir, "builds"),
        f"build-{os.getpid()}",
        lambda line: click.echo(plain(line), err=True),
        order.environments,
    )
    failed = False
    try:
        for warning in executor.warnings:
            click.echo(f"warning: {plain(warning)}", err=True)
        for environment in order.environments:
            failed |= not await _build_one(executor, environment, order, progress)
    finally:
        await executor.close()
    return EXIT_FAILED if failed else 0


async def _build_one(
    executor: Executor, environment: Environment, order: _Order, progress: Callable[[str, str], None]
) -> bool:
    """Build one environment and tell how that went; return whether it is ready."""
    from orchest_tui.errors import BuildError
    from orchest_tui.project.layout import Layout

    log = Layout(order.project_dir).new_build_log(environment.uuid)
    started = time.monotonic()
    name = plain(environment.name)
    try:
        await executor.prepare(environment, order.project_dir, log, lambda line: progress(name, line), anew=order.force)
    except BuildError as error:
        progress(name, "")
        tell(error)
        return False
    progress(name, "")
    took = f" (built in {human_seconds(time.monotonic() - started)}; log: {log})" if log.exists() else ""
    click.echo(f"{name} is ready on {executor.name}{took}.")
    return True


def _progress_line() -> Callable[[str, str], None]:
    """Return what shows a line of an environment's progress: over the last one on a terminal, else each stage below.

    An empty line takes the last one away.
    """
    from orchest_tui.execution.executor import is_detail

    out = screen()

    def redraw(name: str, line: str) -> None:
        shown = fit(f"{name}: {plain(line)}", (out.width or 80) - 1).rstrip() if line else ""
        click.echo(f"\r\x1b[K{shown}", nl=False)

    def append(name: str, line: str) -> None:
        if line and not is_detail(line):
            click.echo(f"{name}: {plain(line)}")

    return redraw if out.redraw else append
