"""Read-only questions about a pipeline, without an engine, its lock or an event loop: cheap enough for any command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orchest_tui.engine.history import StepRow
from orchest_tui.engine.opened import OpenPipeline

if TYPE_CHECKING:
    from orchest_tui.cache.entry import OutputEntry
    from orchest_tui.engine.freshness import Freshness
    from orchest_tui.project.settings import Settings


class StepStatus(NamedTuple):
    """One step as it stands: the last run's status, the verdict on its freshness, its outputs.

    Attributes:
        uuid: The step's uuid.
        title: Its title.
        file: Its file, as the definition has it.
        environment: Display name of its environment, empty where none is assigned.
        latest: Its newest row in the history, None where it never ran.
        verdict: Whether it is fresh, and why not.
        outputs: What is in the cache, unnamed first.
    """

    uuid: str
    title: str
    file: str
    environment: str
    latest: StepRow | None
    verdict: Freshness
    outputs: tuple[OutputEntry, ...]


class PipelineStatus(NamedTuple):
    """All steps in topological order, and whether an engine has the pipeline open.

    Attributes:
        steps: The steps.
        is_open: Whether an engine has the pipeline open at this moment.
        unfinished: Number of a run without an end, None where there is none.
    """

    steps: tuple[StepStatus, ...]
    is_open: bool
    unfinished: int | None


@contextmanager
def looking_at(project_dir: Path, path: Path, settings: Settings) -> Iterator[OpenPipeline]:
    """Open a pipeline to look at it, after taking in how a run ended that lost its engine.

    Raises:
        InvalidProjectError: The pipeline's file can't be read.
    """
    opened = OpenPipeline(project_dir, path, settings, read_only=True)
    if opened.history.unfinished() and not opened.is_open_elsewhere:
        opened.close()
        settle(project_dir, path, settings)
        opened = OpenPipeline(project_dir, path, settings, read_only=True)
    try:
        yield opened
    finally:
        opened.close()


def settle(project_dir: Path, path: Path, settings: Settings) -> None:
    """Take in how the steps ended whose engine was lost; steps that still run are left alone."""
    from orchest_tui.engine.engine import Engine
    from orchest_tui.engine.lock import PipelineBusyError

    engine = Engine(project_dir, path, settings)
    try:
        engine.open(resume=False)
    except PipelineBusyError:
        return
    engine.close(stop=False)


def inspect_pipeline(opened: OpenPipeline) -> PipelineStatus:
    """Return how every step of the pipeline stands."""
    verdicts = opened.verdicts()
    latest = opened.history.latest()
    steps = []
    for uuid in opened.order:
        step = opened.pipeline.steps[uuid]
        environment = opened.environments.get(step.environment)
        steps.append(
            StepStatus(
                uuid, step.title, step.file_path, environment.name if environment else "", latest.get(uuid),
                verdicts[uuid], opened.store.outputs(uuid),
            )
        )  # fmt: skip
    unfinished = opened.history.unfinished()
    return PipelineStatus(tuple(steps), opened.is_open_elsewhere, unfinished[-1].number if unfinished else None)
