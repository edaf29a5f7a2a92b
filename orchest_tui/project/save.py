"""Writing a pipeline's document back to its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchest_tui.project.atomic import write_atomically


def save_pipeline(pipeline_raw: Mapping[str, Any], path: Path) -> None:
    """Write a document as the reference does: sorted keys, four spaces, ASCII, no newline at the end.

    Args:
        pipeline_raw: ``Pipeline.raw``, or a changed copy of it; unknown keys are written too.
        path: The ``*.orchest`` file.

    Raises:
        OrchestTuiError: It can't be written; the old file is as it was.
    """
    write_atomically(path, json.dumps(dict(pipeline_raw), indent=4, sort_keys=True).encode())
