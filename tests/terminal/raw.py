"""What the program writes to a terminal, byte by byte: a bare pseudo-terminal that understands nothing."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

from tests.terminal.tmux import PATIENCE


def written_by_app(folder: Path, environ: Mapping[str, str], until: bytes, size: tuple[int, int] = (80, 24)) -> bytes:
    """Open the app in ``folder``, quit it once it has written ``until``, and return everything that it wrote.

    Args:
        folder: The project.
        environ: Environment variables that differ from this process's; an empty one is left out.
        until: What tells that the screen is drawn.
        size: Columns and lines.
    """
    variables = {name: value for name, value in {**os.environ, **environ}.items() if value}
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(sys.executable, [sys.executable, "-m", "orchest_tui"], variables)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    written, asked, end = b"", False, time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            if not select.select([master], [], [], 0.1)[0]:
                continue
            try:
                written += os.read(master, 1 << 16)
            except OSError:  # the program has ended
                break
            if until in written and not asked:
                os.write(master, b"q")
                asked = True
    finally:
        os.close(master)
        _, status = os.waitpid(pid, 0)
    assert asked, written
    assert status == 0, written
    return written
