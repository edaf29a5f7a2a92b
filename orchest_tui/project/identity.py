"""Which uuid a pipeline goes by, and what a file is called in messages."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path

from orchest_tui.project.layout import is_safe_name
from orchest_tui.project.pipeline_files import find_pipelines
from orchest_tui.project.problems import Fields


def relative_name(path: Path, project_dir: Path) -> str:
    """Return ``path`` below the project's folder, with slashes; as it is where it lies elsewhere."""
    return path.relative_to(project_dir).as_posix() if path.is_relative_to(project_dir) else str(path)


def own_uuid(fields: Fields, path: Path, project_dir: Path, taken: Collection[str] | None) -> str:
    """Return the pipeline's uuid, or one made from its relative path where the file has none of its own.

    The made one is the same each time, so that outputs and history stay with the file until something is saved.

    Args:
        fields: The document.
        path: The pipeline's file.
        project_dir: The project's folder.
        taken: Uuids of the pipelines that come before this one; None looks for them.
    """
    uuid = fields.text("uuid")
    if uuid and not is_safe_name(uuid):
        fields.warning("uuid", "is no uuid; another one is used", "Save the pipeline to give it one", "bad-uuid")
    elif uuid and uuid not in (_taken(uuid, path, project_dir) if taken is None else taken):
        return uuid
    elif uuid:
        what = f"{uuid} is the uuid of another pipeline of the project too; another one is used"
        fields.warning("uuid", what, "Save the pipeline to give it one of its own", "duplicate-uuid")
    from uuid import NAMESPACE_URL, uuid5

    return str(uuid5(NAMESPACE_URL, f"orchest-tui:{relative_name(path, project_dir)}"))


def _taken(uuid: str, path: Path, project_dir: Path) -> Collection[str]:
    """Return ``uuid`` where a pipeline that comes before ``path`` has it."""
    for other in find_pipelines(project_dir):
        if other == path:
            break
        if _uuid_in(other, uuid):
            return () if other.samefile(path) else (uuid,)
    return ()


def _uuid_in(path: Path, uuid: str) -> bool:
    """Return whether the pipeline in ``path`` has this uuid; its text is parsed only where it holds the uuid at all."""
    try:
        content = path.read_bytes()
        if os.fsencode(uuid) not in content:
            return False
        document = json.loads(content)
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("uuid") == uuid
