"""What to open: the one answer to which project, which pipeline, which settings, for every front end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """A pipeline and the settings that it is opened with.

    Attributes:
        project_dir: The project's folder, absolute.
        path: The pipeline's file, absolute.
        settings: The settings in force.
    """

    project_dir: Path
    path: Path
    settings: Settings
