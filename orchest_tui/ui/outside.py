"""Programs that take over the terminal for a while: the user's editor."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from orchest_tui.errors import OrchestTuiError
from orchest_tui.execution.executor import DATA_DIR, PROJECT_DIR

if TYPE_CHECKING:
    from textual.app import App

_KNOW_LINES = {"vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne", "mg"}
"""Editors that take ``+N`` before the file."""


def editor_command(path: Path, line: int | None) -> list[str]:
    """Return the command that edits ``path``, at ``line`` (from 1) where the editor can be told.

    Raises:
        OrchestTuiError: There is no editor.
    """
    for text in (os.environ.get("VISUAL", ""), os.environ.get("EDITOR", ""), "vi", "nano"):
        try:
            command = shlex.split(text)
        except ValueError as error:
            raise OrchestTuiError(f"EDITOR is no command: {text!r} ({error}).", "Set EDITOR to one.") from error
        if command and shutil.which(command[0]):
            place = [f"+{line}"] if line and Path(command[0]).name in _KNOW_LINES else []
            return [*command, *place, str(path)]
    raise OrchestTuiError("There is no editor: neither VISUAL nor EDITOR names one that is here.", "Set EDITOR.")


def host_path(path: str, project_dir: Path, data_dir: Path, folder: Path) -> Path:
    """Return where a file lies on this machine that a step names.

    Args:
        path: The file as the step saw it: in a container, or as the local executor shows it.
        project_dir: The project's folder.
        data_dir: The folder that is ``/data``.
        folder: Where relative paths begin.
    """
    for inner, outer in ((PROJECT_DIR, project_dir), (DATA_DIR, data_dir)):
        if path == inner or path.startswith(inner + "/"):
            return outer / path[len(inner) :].lstrip("/")
    return folder / path


_outside: set[asyncio.subprocess.Process] = set()
"""Programs that have the terminal."""


async def until_terminal_is_back() -> None:
    """Wait until no other program has the terminal."""
    for process in list(_outside):
        await process.wait()


async def run_outside(app: App[object], command: list[str]) -> int:
    """Give the terminal to ``command`` until it ends and return its exit code.

    The child is awaited, so this program's loop goes on; the batch keeps it from writing meanwhile.

    Raises:
        OrchestTuiError: This terminal can't be handed over.
    """
    try:
        with app.batch_update(), app.suspend():
            process = await asyncio.create_subprocess_exec(*command)
            _outside.add(process)
            try:
                code = await process.wait()
            finally:
                _outside.discard(process)
    except SuspendNotSupported as error:
        raise OrchestTuiError("This terminal can't be given to another program.", "Edit in another one.") from error
    app.refresh(layout=True)
    return code


async def edit_file(app: App[object], path: Path, line: int | None = None) -> None:
    """Open a file in the user's editor and wait for its end.

    Raises:
        OrchestTuiError: There is no editor, or it failed.
    """
    command = editor_command(path, line)
    code = await run_outside(app, command)
    if code:
        raise OrchestTuiError(f"{command[0]} ended with exit code {code}.", "")
