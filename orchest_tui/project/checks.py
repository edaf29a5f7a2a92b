"""Checks that look beyond one key: connections, files, environments."""
# ruff: noqa: PTH112, PTH113 (``os.path`` answers False for paths that can't be, where ``Path`` raises)

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchest_tui.graph.order import describe_cycle, find_cycles, partial_order
from orchest_tui.project.definition import Pipeline, Step
from orchest_tui.project.layout import DATA_MOUNT
from orchest_tui.project.problems import Problems
from orchest_tui.project.step_fields import SUFFIXES

if TYPE_CHECKING:
    from orchest_tui.project.environments import Environment

Fault = tuple[str, str, str]
"""What is wrong, its mend, the problem's code."""

ENVIRONMENT_IMAGE = "environment@"
"""A service's image that starts so is the image of an environment."""


def check_connections(pipeline: Pipeline, problems: Problems) -> None:
    """Tell connections to steps that are not there, and cycles."""
    for step in pipeline.steps.values():
        for parent in step.incoming:
            if parent not in pipeline.steps:
                index = pipeline.raw["steps"][step.uuid]["incoming_connections"].index(parent)
                place = f"steps.{step.uuid}.incoming_connections[{index}]"
                what = f"{step.title!r} gets its input from {parent}, and no such step is there"
                problems.error(place, what, "Take this connection out", code="missing-step", step=step.uuid)
    parents = pipeline.parents
    if not partial_order(parents)[1]:
        return
    for cycle in find_cycles(parents):
        titles = [repr(pipeline.steps[step].title) for step in cycle]
        place = f"steps.{cycle[0]}.incoming_connections"
        if len(cycle) == 1:
            what, mend = f"{titles[0]} is connected to itself", "Take this connection out"
        else:
            what, mend = f"the steps form a cycle: {describe_cycle(titles)}", "Take out one of these connections"
        problems.error(place, what, mend, code="cycle")


def check_files(pipeline: Pipeline, data_dir: Path | None, problems: Problems) -> None:
    """Tell steps without a file that can be run, and notebooks that several steps would write to.

    Args:
        pipeline: The pipeline.
        data_dir: The host folder that steps see as ``/data``; None leaves files below it unchecked.
        problems: Receives what is wrong.
    """
    notebooks: dict[str, Step] = {}
    for step in pipeline.steps.values():
        found = _file_fault(pipeline, step, data_dir)
        place = f"steps.{step.uuid}.file_path"
        if found:
            problems.error(place, found[0], found[1], code=found[2], step=step.uuid)
        elif step.suffix == "ipynb":
            other = notebooks.setdefault(pipeline.project_path(step), step)
            if other is not step:
                what = f"the notebook {step.file_path} is the file of {other.title!r} too"
                mend = "Give each of the two steps a notebook of its own"
                problems.error(place, what, mend, code="notebook-twice", step=step.uuid)


def _file_fault(pipeline: Pipeline, step: Step, data_dir: Path | None) -> Fault | None:
    """Return what is wrong with a step's file."""
    written = step.file_path
    if not written:
        return f"{step.title!r} has no file", "Choose the file that the step runs", "missing-file"
    if fault := _path_fault(pipeline, step):
        return fault
    if step.suffix not in SUFFIXES:
        mend = f"Use a file that ends in one of {', '.join('.' + suffix for suffix in SUFFIXES)}"
        return f"{written} is of no kind that can be run", mend, "unsupported-file"
    if written.startswith("/") and data_dir is None:
        return None
    path = pipeline.step_path(step, data_dir or Path(DATA_MOUNT))
    if os.path.isfile(path):
        return None
    what = f"{written} is a folder" if os.path.isdir(path) else f"the file {written} is not there"
    return what, "Make the file or correct the path", "missing-file"


def _path_fault(pipeline: Pipeline, step: Step) -> Fault | None:
    """Return what is wrong with where a step's file is said to lie."""
    written = step.file_path
    if written.startswith("/"):
        if not os.path.normpath(written).startswith(DATA_MOUNT + "/"):
            mend = f"Write the path from the pipeline file's folder, or one below {DATA_MOUNT}"
            return f"{written} is absolute and not below {DATA_MOUNT}", mend, "outside-project"
    elif pipeline.project_path(step).startswith("../"):
        return f"{written} leads out of the project", "Move the file into the project", "outside-project"
    return None


def check_environments(pipeline: Pipeline, environments: Mapping[str, Environment], problems: Problems) -> None:
    """Tell steps and services whose environment is not there, and steps that have none."""
    known = ", ".join(f"{found.name!r} ({found.uuid})" for found in environments.values())
    mend = f"Use one of the project's environments: {known}" if known else "Make an environment first"
    for step in pipeline.steps.values():
        place = f"steps.{step.uuid}.environment"
        if not step.environment:
            what = f"{step.title!r} has no environment assigned"
            problems.error(place, what, mend, code="no-environment", step=step.uuid)
        elif step.environment not in environments:
            what = f"the environment {step.environment} of {step.title!r} is not in the project"
            problems.error(place, what, mend, code="missing-environment", step=step.uuid)
    for service in pipeline.services.values():
        wanted = service.image.removeprefix(ENVIRONMENT_IMAGE)
        if wanted != service.image and wanted not in environments:
            what = f"the environment {wanted} is not in the project"
            problems.error(f"services.{service.name}.image", what, mend, code="missing-environment")
