"""Starting the terminal app, and what is left to do after it."""

from __future__ import annotations

import os
from pathlib import Path

from orchest_tui.errors import InvalidProjectError
from orchest_tui.project.discovery import find_pipeline, find_project
from orchest_tui.project.settings import load_settings
from orchest_tui.ui.abilities import detect_abilities


def start(where: str | None = None) -> int:
    """Open the app and return the exit code.

    Args:
        where: A project's folder, a pipeline's file or name; None for the project around the current folder.

    Raises:
        OrchestTuiError: There is no such pipeline, or a setting is wrong.
        Exception: A defect ended the app; the terminal is as it was before.
    """
    abilities = detect_abilities()
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    for name in ("COLUMNS", "LINES"):
        # Textual believes a shell that exports them, and then sees no change of the terminal's size.
        os.environ.pop(name, None)
    from orchest_tui.ui.app import OrchestApp

    given = Path(where).resolve() if where else Path.cwd()
    folder = given if given.is_dir() else given.parent
    project_dir = find_project(folder)
    path = find_pipeline(project_dir, where) if where and project_dir and not given.is_dir() else None
    loaded = load_settings(project_dir)
    if any(problem.severity == "error" for problem in loaded.problems):
        raise InvalidProjectError(loaded.problems)
    app = OrchestApp(project_dir, path, loaded, abilities)
    code = app.run()
    try:
        if app.session is not None:
            app.session.finish(wait=app.lost_terminal)
    finally:
        if app.defect is not None:
            raise app.defect
    return app.return_code or code or 0
