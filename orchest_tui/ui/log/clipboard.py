"""Copying from a terminal: through OSC 52 where the terminal takes it, and always into a file that stays.

OSC 52 has no answer: whether the terminal (or tmux, or screen) took the text can't be known. So the text is kept in a
file as well, and the message says both.
"""

from __future__ import annotations

import os
from pathlib import Path

from textual.app import App

OSC52_LIMIT = 55_000
"""Bytes that terminals take by OSC 52 at the least (xterm and tmux cut at about 74 KB of base64)."""


def copy_text(app: App[object], text: str, file: Path) -> str:
    """Copy ``text`` and return one sentence for the user about where it is now.

    Args:
        app: The running app, whose terminal is asked.
        text: What is copied.
        file: Where a copy is kept, readable by the user alone; replaced each time.
    """
    data = text.encode("utf-8", "replace")
    lines = text.count("\n") + 1
    what = "1 line" if lines == 1 else f"{lines:,} lines"
    kept = _keep(data, file)
    if len(data) > OSC52_LIMIT:
        return f"{what} are too much for the terminal's clipboard; {kept}"
    app.copy_to_clipboard(text)
    return f"{what} sent to the terminal's clipboard; {kept}"


def _keep(data: bytes, file: Path) -> str:
    """Write ``data`` to ``file``; return what became of it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
    except OSError as error:
        return f"not kept in {file}: {error.strerror}"
    return f"kept in {file}"
