"""The packaged demo project: a small, real pipeline in Orchest's layout that needs no network to run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from orchest_tui.errors import OrchestTuiError

PIPELINE_UUID = "c2a7f3d8-5b14-4e69-8d02-71f6a9e3b05c"
"""The uuid of the demo's pipeline; tells a copy of the demo from any other project."""

_PROJECT = Path(__file__).parent / "project"
_PIPELINE_FILE = "main.orchest"


def copy_demo(target: Path) -> Path:
    """Copy the demo project to the folder ``target`` and return it; a copy that is there already stays as it is.

    Raises:
        OrchestTuiError: ``target`` holds something else, or can't be written.
    """
    if is_demo(target):
        return target
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise OrchestTuiError(
                f"{target} is there already and does not hold the demo.", "Name another folder, or empty this one."
            )
        shutil.copytree(
            _PROJECT,
            target,
            copy_function=shutil.copyfile,  # without the modes of an installation that may be read-only
            ignore=shutil.ignore_patterns("__pycache__"),
            dirs_exist_ok=True,
        )
    except OSError as error:  # shutil.Error, which has many reasons, is one of them
        reason = error.strerror or "some of its files can't be written"
        raise OrchestTuiError(f"The demo can't be copied to {target}: {reason}.", "Name another folder.") from error
    return target


def is_demo(folder: Path) -> bool:
    """Return whether ``folder`` holds a copy of the demo, changed or not."""
    try:
        definition = json.loads((folder / _PIPELINE_FILE).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(definition, dict) and definition.get("uuid") == PIPELINE_UUID
