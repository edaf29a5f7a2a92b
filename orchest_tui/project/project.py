"""A project as a whole, and the making of a new one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from orchest_tui.errors import OrchestTuiError, Problem
from orchest_tui.project.atomic import write_atomically
from orchest_tui.project.definition import Pipeline
from orchest_tui.project.environments import PROPERTIES_FILE, SETUP_SCRIPT_FILE, Environment, load_environments
from orchest_tui.project.identity import relative_name
from orchest_tui.project.layout import ORCHEST_DIR, Layout
from orchest_tui.project.load import load_pipeline
from orchest_tui.project.pipeline_files import find_pipelines
from orchest_tui.project.save import save_pipeline

DEFAULT_BASE_IMAGE = "orchest/base-kernel-py"
_SETUP_SCRIPT = "#!/bin/bash\n\n# Install what your steps need, for example:\n# pip install duckdb\n"
_STATE = ("pipelines/*/logs/", "pipelines/*/data/", "plasma.sock")


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with pipelines.

    Attributes:
        directory: The folder, absolute.
        environments: Uuid → environment.
        pipelines: Project-relative path → pipeline; None for a file that can't be read as one.
        problems: What is wrong with any of them.
    """

    directory: Path
    environments: Mapping[str, Environment]
    pipelines: Mapping[str, Pipeline | None]
    problems: tuple[Problem, ...]


def open_project(directory: Path, *, data_dir: Path | None = None) -> Project:
    """Load all of a project.

    Args:
        directory: The project's folder.
        data_dir: The host folder that steps see as ``/data``; None leaves files below it unchecked.

    Raises:
        OrchestTuiError: There is no such folder.
    """
    directory = directory.absolute()
    if not directory.is_dir():
        raise OrchestTuiError(f"There is no folder {directory}.", "Give the folder of a project.")
    environments, problems = load_environments(directory)
    pipelines: dict[str, Pipeline | None] = {}
    taken: set[str] = set()
    for path in find_pipelines(directory):
        pipeline, found = load_pipeline(path, directory, environments, data_dir=data_dir, taken=taken)
        problems += found
        pipelines[relative_name(path, directory)] = pipeline
        if pipeline:
            taken.add(pipeline.uuid)
    return Project(directory, MappingProxyType(environments), MappingProxyType(pipelines), tuple(problems))


def new_project(directory: Path) -> Project:
    """Make what the reference makes when it opens a folder, as far as it is not there, and open it.

    That is a pipeline ``main.orchest``, a Python environment, and ``.gitignore`` files for what runs leave behind.

    Raises:
        OrchestTuiError: Something can't be written.
    """
    directory = directory.absolute()
    ignored = [f"{ORCHEST_DIR}/{line}" for line in _STATE]
    _write_missing(directory / ".gitignore", [*ignored, ".ipynb_checkpoints/"])
    _write_missing(directory / ORCHEST_DIR / ".gitignore", list(_STATE))
    if not Layout(directory).environments_dir.exists():
        _new_environment(directory)
    if not find_pipelines(directory):
        save_pipeline(_empty_pipeline("Main"), directory / "main.orchest")
    return open_project(directory)


def _write_missing(path: Path, lines: list[str]) -> None:
    """Write a text file and the folders above it, unless it is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OrchestTuiError(
            f"The folder {path.parent} can't be made: {error.strerror or error}.", "Look at the permissions."
        ) from error
    if not path.exists():
        write_atomically(path, "".join(f"{line}\n" for line in lines).encode())


def _new_environment(directory: Path) -> None:
    """Write the default environment."""
    from uuid import uuid4

    uuid = str(uuid4())
    folder = Layout(directory).environments_dir / uuid
    properties = {
        "base_image": DEFAULT_BASE_IMAGE,
        "gpu_support": False,
        "language": "python",
        "name": "Python 3",
        "uuid": uuid,
    }
    _write_missing(folder / PROPERTIES_FILE, [json.dumps(properties)])
    _write_missing(folder / SETUP_SCRIPT_FILE, _SETUP_SCRIPT.splitlines())


def _empty_pipeline(name: str) -> dict[str, object]:
    """Return a document without steps, at the version that every release of the reference reads."""
    from uuid import uuid4

    return {
        "name": name,
        "parameters": {},
        "services": {},
        "settings": {"auto_eviction": False, "data_passing_memory_size": "1GB"},
        "steps": {},
        "uuid": str(uuid4()),
        "version": "1.0.0",
    }
