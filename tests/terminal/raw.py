"""What the program writes to a terminal, byte by byte: a bare pseudo-terminal that understands nothing."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.terminal.tmux import PATIENCE


def opened_app(folder: Path, environ: Mapping[str, str], size: tuple[int, int]) -> tuple[int, int]:
    """Open the app in ``folder`` on a pseudo-terminal; return its process and the terminal's other end.

    Args:
        folder: The project.
        environ: Environment variables that differ from this process's; an empty one is left out.
        size: Columns and lines.
    """
    variables = {name: value for name, value in {**os.environ, **environ}.items() if value}
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(sys.executable, [sys.executable, "-m", "orchest_tui"], variables)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    return pid, master


def hung_up(folder: Path, awaited: bytes, typed: Sequence[bytes], size: tuple[int, int] = (160, 40)) -> int:
    """Open the app, read until ``awaited`` was written, read no more while keys are typed, and take the terminal away.

    Args:
        folder: The project.
        awaited: What tells that the screen is drawn.
        typed: Keys, one write each, a twentieth of a second apart.
        size: Columns and lines.

    Returns:
        The status with which the process ended; it fails where it never does.
    """
    pid, master = opened_app(folder, {}, size)
    written, end = b"", time.monotonic() + PATIENCE
    while awaited not in written:
        assert time.monotonic() < end, written
        if select.select([master], [], [], 0.1)[0]:
            written += os.read(master, 1 << 16)
    for keys in typed:
        os.write(master, keys)
        time.sleep(0.05)
    os.close(master)
    try:
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, "the app outlives its terminal"
            time.sleep(0.05)
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def written_by_app(folder: Path, environ: Mapping[str, str], until: bytes, size: tuple[int, int] = (80, 24)) -> bytes:
    """Open the app in ``folder``, quit it once it has written ``until``, and return everything that it wrote.

    Args:
        folder: The project.
        environ: Environment variables that differ from this process's; an empty one is left out.
        until: What tells that the screen is drawn.
        size: Columns and lines.
    """
    pid, master = opened_app(folder, environ, size)
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
