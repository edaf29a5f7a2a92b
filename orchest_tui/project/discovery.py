"""Finding what a person named: the project, one of its pipelines, some of a pipeline's steps."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from orchest_tui.errors import OrchestTuiError
from orchest_tui.project.definition import Pipeline, Step
from orchest_tui.project.identity import relative_name
from orchest_tui.project.layout import ORCHEST_DIR, Layout
from orchest_tui.project.pipeline_files import find_pipelines, is_pipeline_file
from orchest_tui.project.spelling import nearest

__all__ = ["find_pipeline", "find_pipelines", "find_project", "resolve_steps"]

_SHORTEST_PREFIX = 4


def find_project(start: Path) -> Path | None:
    """Return the project around ``start``: the nearest folder upwards that has environments.

    A project's pipelines may lie in folders of their own, so a pipeline file alone makes a project only where no folder
    above it has environments; then the nearest folder with pipelines or an ``.orchest`` folder is taken.
    """
    start = start.absolute()
    folders = (start, *start.parents)
    whole = (folder for folder in folders if Layout(folder).environments_dir.is_dir())
    return next(whole, None) or next((folder for folder in folders if _is_project(folder)), None)


def _is_project(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(
                entry.is_dir() if entry.name == ORCHEST_DIR else is_pipeline_file(entry.name) and entry.is_file()
                for entry in entries
            )
    except OSError:
        return False


def find_pipeline(project_dir: Path, text: str | None = None) -> Path:
    """Return the pipeline file that ``text`` names.

    Args:
        project_dir: The project's folder.
        text: A path from the current folder or from the project's, the name inside the file, or the file's name
            without its suffix; None for the only pipeline there is.

    Raises:
        OrchestTuiError: There is none, or several; the message lists them.
    """
    project_dir = project_dir.absolute()
    pipelines = find_pipelines(project_dir)
    if not pipelines:
        raise OrchestTuiError(f"The project {project_dir} has no pipelines.", "Make one, or choose another project.")
    listed = [relative_name(path, project_dir) for path in pipelines]
    if text is None:
        if len(pipelines) == 1:
            return pipelines[0]
        raise OrchestTuiError(f"The project has {len(pipelines)} pipelines.", f"Name one of them: {_listed(listed)}.")
    for folder in (Path.cwd(), project_dir):
        for path in (Path(os.path.normpath(folder / text)), Path(os.path.realpath(folder / text))):
            if is_pipeline_file(path.name) and path.is_relative_to(project_dir) and path.is_file():
                return path
    tests: tuple[Callable[[Path], bool], ...] = (
        lambda path: path.name == text,
        lambda path: path.stem == text,
        lambda path: _name_inside(path) == text,
    )
    for fits in tests:
        found = [path for path in pipelines if fits(path)]
        if len(found) == 1:
            return found[0]
        if found:
            candidates = _listed(relative_name(path, project_dir) for path in found)
            raise OrchestTuiError(f"{text!r} names several pipelines.", f"Give one of these paths: {candidates}.")
    raise OrchestTuiError(f"The project has no pipeline {text!r}.", f"It has {_listed(listed)}.")


def resolve_steps(pipeline: Pipeline, names: Iterable[str]) -> list[str]:
    """Return the uuids of the steps that ``names`` mean, in that order, each once.

    A step is named by its uuid, its title, its file (path, file name, or file name without suffix), or the first four
    or more characters of its uuid; what comes earlier in this list wins.

    Raises:
        OrchestTuiError: A name means no step (the nearest is told), or several (they are listed).
    """
    return list(dict.fromkeys(_resolve_step(pipeline, name) for name in names))


def _resolve_step(pipeline: Pipeline, name: str) -> str:
    normal = os.path.normpath(name)
    tests: Sequence[Callable[[Step], bool]] = (
        lambda step: step.uuid == name,
        lambda step: step.title == name,
        lambda step: step.title.casefold() == name.casefold(),
        lambda step: bool(step.file_path) and normal in (os.path.normpath(step.file_path), pipeline.project_path(step)),
        lambda step: Path(step.file_path).name == name,
        lambda step: bool(name) and Path(step.file_path).stem == name,
        lambda step: len(name) >= _SHORTEST_PREFIX and step.uuid.startswith(name.lower()),
    )
    for fits in tests:
        found = [step for step in pipeline.steps.values() if fits(step)]
        if len(found) == 1:
            return found[0].uuid
        if found:
            candidates = _listed(f"{step.title!r} ({step.file_path}, {step.uuid[:8]})" for step in found)
            raise OrchestTuiError(f"{name!r} names several steps.", f"Give the uuid of one of them: {candidates}.")
    raise OrchestTuiError(f"The pipeline {pipeline.relative_path} has no step {name!r}.", _suggestion(pipeline, name))


def _suggestion(pipeline: Pipeline, name: str) -> str:
    steps = pipeline.steps.values()
    close = nearest(name, [text for step in steps for text in (step.title, step.file_path)])
    if close:
        return f"Did you mean {close!r}?"
    return f"It has {_listed(repr(step.title) for step in steps)}." if steps else "It has no steps."


def _listed(names: Iterable[str], most: int = 20) -> str:
    """Return names for a message, with the number of those that would be too many."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _name_inside(path: Path) -> str | None:
    """Return the name that a pipeline file gives itself."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return document.get("name") if isinstance(document, dict) else None
