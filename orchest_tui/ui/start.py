"""Starting the terminal app, and what is left to do after it."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from orchest_tui.engine.takeover import SIGNAL, successor
from orchest_tui.errors import InvalidProjectError, OrchestTuiError
from orchest_tui.project.discovery import find_pipeline, find_project
from orchest_tui.project.settings import load_settings
from orchest_tui.terminal_text import plain
from orchest_tui.ui.abilities import detect_abilities

if TYPE_CHECKING:
    from orchest_tui.ui.app import OrchestApp


def start(where: str | None = None) -> int:
    """Open the app and return the exit code.

    Args:
        where: A project's folder, or a pipeline's file; None for the project around the current folder.

    Raises:
        OrchestTuiError: There is no such pipeline, or a setting is wrong.
        Exception: A defect ended the app; the terminal is as it was before.
    """
    abilities = detect_abilities()
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    for name in ("COLUMNS", "LINES"):
        # Textual believes a shell that exports them, and then sees no change of the terminal's size.
        os.environ.pop(name, None)
    with _no_garbage():
        from orchest_tui.ui.app import OrchestApp

    folder, file = _folder_and_file(where)
    project_dir = find_project(folder)
    path = find_pipeline(project_dir, str(folder / file)) if project_dir and file else None
    loaded = load_settings(project_dir)
    if any(problem.severity == "error" for problem in loaded.problems):
        raise InvalidProjectError(loaded.problems)
    app = OrchestApp(project_dir, path, loaded, abilities, folder)
    newcomer = _Newcomer(app)
    code = app.run()
    try:
        if app.session is not None:
            app.session.finish(wait=app.lost_terminal, given_up=lambda: newcomer.has_asked)
        if app.leaving.handed_over or newcomer.has_asked:
            _tell_successor(app)
    finally:
        if app.defect is not None:
            raise app.defect
    return app.return_code or code or 0


@contextlib.contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for no garbage among what is imported, now or ever: there is none, and looking takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _folder_and_file(where: str | None) -> tuple[Path, str]:
    """Return the folder that the user named, without links, and the name of the file in it, empty for the folder alone.

    Raises:
        OrchestTuiError: The current folder was removed.
    """
    try:
        named = Path(where).absolute() if where else Path.cwd()
    except FileNotFoundError as error:
        raise OrchestTuiError("The current folder is not there any more.", "Go to another one.") from error
    return (named.resolve(), "") if named.is_dir() else (named.parent.resolve(), named.name)


class _Newcomer:
    """Another process that asks for the pipeline by a signal, from the app's start to the process's end.

    Args:
        app: The app, which may not have begun to run, or may have ended, when the signal comes.

    Attributes:
        has_asked: Whether it has asked.
    """

    def __init__(self, app: OrchestApp) -> None:
        self.has_asked = False
        self._app = app
        signal.signal(SIGNAL, self._asked)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self.has_asked = True
        self._app.hand_over_soon()


def _tell_successor(app: OrchestApp) -> None:
    """Say in one line who has the pipeline now; the terminal may be gone."""
    session = app.session
    if session is None or session.read_only:
        return
    opened, run = session.opened, session.state.run
    going_on = f"; run {run.number} goes on there" if run is not None and run.finished is None else ""
    line = f"{opened.pipeline.relative_path} was taken over by {successor(opened.lock)}{going_on}."
    with contextlib.suppress(OSError):
        sys.stderr.write(plain(line) + "\n")
