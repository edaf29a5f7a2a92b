"""A real terminal: a private tmux server with one pane, its keys, its screen and its processes."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0
"""Seconds after which a wait is a failure; far more than anything takes."""


class Terminal:
    """One pane of a tmux server that belongs to this object alone.

    The pane stays when its program ends, so that the last screen and the exit code can be looked at.

    Args:
        command: The program.
        folder: Its working folder.
        size: Columns and lines.
    """

    def __init__(self, command: Sequence[str], folder: Path, size: tuple[int, int]) -> None:
        self._name = f"orchest-tui-test-{uuid.uuid4().hex}"
        self._code = Path(tempfile.mkdtemp()) / "exit-code"
        columns, lines = map(str, size)
        shell = f"trap : INT; {shlex.join(command)}; echo $? > {self._code}.new; mv {self._code}.new {self._code}"
        self._call(
            "set-option", "-g", "remain-on-exit", "on", ";", "set-option", "-g", "status", "off", ";",
            "set-option", "-g", "default-size", f"{columns}x{lines}", ";", "set-option", "-g", "default-shell",
            "/bin/sh", ";", "new-session", "-d", "-x", columns, "-y", lines, "-c", str(folder), shell,
        )  # fmt: skip
        self.resize(*size)
        self.pid, self.server = map(int, self.ask("#{pane_pid} #{pid}").split())

    def _call(self, *arguments: str) -> str:
        command = ["tmux", "-u", "-L", self._name, "-f", os.devnull, *arguments]
        # Named, since readline puts a terminal's size into the process's environment behind Python's back.
        environ = dict(os.environ)
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout

    # -- doing --------------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names; one character is itself."""
        self._call("send-keys", *keys)

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size."""
        self._call("resize-window", "-x", str(columns), "-y", str(lines))

    def take_clipboard(self) -> None:
        """Let programs write to the clipboard, as many terminals do."""
        self._call("set-option", "-s", "set-clipboard", "on")

    def hang_up(self) -> None:
        """Take the terminal away, as a dropped link does."""
        os.kill(self.server, signal.SIGTERM)

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Read nothing that the program writes, for the length of the block."""
        os.kill(self.server, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.server, signal.SIGCONT)

    def close(self) -> None:
        """End the server and what still runs in its pane."""
        subprocess.run(["tmux", "-L", self._name, "kill-server"], capture_output=True, check=False, timeout=PATIENCE)
        shutil.rmtree(self._code.parent)

    # -- looking ------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The screen as text."""
        return self._call("capture-pane", "-p")

    def ask(self, form: str) -> str:
        """Return what tmux knows of the pane, by a format (``#{pane_title}``)."""
        return self._call("display-message", "-p", form).strip()

    @property
    def clipboard(self) -> list[str]:
        """What programs wrote to the clipboard, where ``take_clipboard`` allows that."""
        return self._call("list-buffers", "-F", "#{buffer_sample}").splitlines()

    @property
    def past(self) -> str:
        """The screen and what has gone off its top, as the first line of a pane goes whose program has ended."""
        return self._call("capture-pane", "-p", "-S", "-")

    @property
    def exit_code(self) -> int | None:
        """The program's exit code, None while it runs."""
        return int(self._code.read_text()) if self._code.exists() else None

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Return when ``condition`` holds; fail with the screen where it never does."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what} never happened; the screen:\n{self.text}"
            time.sleep(0.05)

    def see(self, *texts: str) -> str:
        """Wait until all ``texts`` are on the screen at once and return the screen."""
        self.wait(lambda: all(text in self.text for text in texts), f"seeing {texts}")
        return self.text

    def see_line(self, *texts: str) -> None:
        """Wait until one line of the screen has all ``texts``."""
        self.wait(
            lambda: any(all(text in line for text in texts) for line in self.text.splitlines()), f"a line with {texts}"
        )

    def ended(self) -> int:
        """Wait until the program has ended and return its exit code."""
        self.wait(lambda: self.exit_code is not None, "the end of the program")
        code = self.exit_code
        assert code is not None
        return code


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this machine.

    Attributes:
        pid: Its number.
        command: Its command line.
    """

    pid: int
    command: str


def processes_of(folder: Path) -> list[Process]:
    """Return the processes whose command line, environment or working folder names ``folder``.

    This one and tmux servers are not among them.
    """
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            told = command + (entry / "environ").read_bytes() + os.fsencode((entry / "cwd").readlink())
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
        if os.fsencode(folder) in told and not command.startswith(b"tmux\0"):
            found.append(Process(int(entry.name), command.replace(b"\0", b" ").decode(errors="replace")))
    return found
