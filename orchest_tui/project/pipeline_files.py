"""Where in a project the pipeline files are."""

from __future__ import annotations

import json
import os
from pathlib import Path

from orchest_tui.project.layout import ORCHEST_DIR

PIPELINE_SUFFIX = ".orchest"
_SKIPPED = frozenset({".ipynb_checkpoints", ".git", ORCHEST_DIR})


def is_pipeline_file(name: str) -> bool:
    """Return whether a file of this name is a pipeline (a file called only ``.orchest`` is none)."""
    return name.endswith(PIPELINE_SUFFIX) and name != PIPELINE_SUFFIX


def find_pipelines(project_dir: Path) -> list[Path]:
    """Return every pipeline file of a project, sorted by path; linked folders are not entered."""
    found: list[Path] = []
    for folder, folders, files in os.walk(project_dir):
        folders[:] = [name for name in folders if name not in _SKIPPED]
        found.extend(Path(folder, name) for name in files if is_pipeline_file(name))
    return sorted(found)


def glance_at_pipeline(path: Path) -> tuple[str, int | None]:
    """Return the name that a pipeline file gives itself and its number of steps, without checking the file.

    Args:
        path: The file.

    Returns:
        Name, the file's own where it has none, and number of steps, None where it is no JSON object.
    """
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return path.stem, None
    if not isinstance(document, dict):
        return path.stem, None
    name, steps = document.get("name"), document.get("steps")
    return name if isinstance(name, str) and name else path.stem, len(steps) if isinstance(steps, dict) else 0
