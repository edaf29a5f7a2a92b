"""The last resort of both front ends: an error that nobody foresaw becomes one message, and a file to send."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from orchest_tui import __version__
from orchest_tui.terminal_text import plain

if TYPE_CHECKING:
    from pathlib import Path


EXIT_NO_ROOM = 2
EXIT_DEFECT = 70
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def last_words(error: Exception) -> tuple[str, int]:
    """Return what to tell a person of an error that nothing else took, without a line end, and the exit code.

    A defect's traceback is written to a file, which the message names; where that fails, the message says so.
    """
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        where = f" at {plain(str(error.filename))}" if error.filename else ""
        return f"error: Nothing more can be written{where}: {error.strerror}.\n  Make room there.", EXIT_NO_ROOM
    told = f"error: orchest-tui failed: {type(error).__name__}: {plain(str(error))}\n  "
    try:
        path = write_crash_log(error)
    except OSError as write_error:
        return f"{told}The traceback could not be written: {write_error}", EXIT_DEFECT
    return (
        f"{told}This is a defect of the program. The traceback is in {path}; please send it with a report.",
        EXIT_DEFECT,
    )


def write_crash_log(error: Exception) -> Path:
    """Write the traceback to the user's state folder and return the file.

    Raises:
        OSError: Nothing can be written there.
    """
    import time
    import traceback

    from orchest_tui.project.layout import state_dir

    folder = state_dir()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    header = f"orchest-tui {__version__}, Python {sys.version}\n"
    path.write_text(header + "".join(traceback.format_exception(error)), encoding="utf-8")
    return path
