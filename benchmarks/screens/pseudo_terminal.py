"""A program in a pseudo-terminal of a given size: all that it writes with the time, and keys that are pressed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.screens.processes import cpu_time
from benchmarks.screens.replay import Chunk, Frame, Replay

SIZE = (120, 35)
"""Columns and rows where a budget names no others."""

PATIENCE = 60.0
"""Seconds after which something that has to be seen is an error."""

_READ = 65536
_TURN = 0.01
"""Seconds between two reads from a slow link."""

_ASKS_FOR_SYNCHRONISED = b"\x1b[?2026$p"
_IS_SYNCHRONISED = b"\x1b[?2026;2$y"
"""What terminals of today answer when a program asks whether they show a frame at once."""


class PseudoTerminal:
    """A program in a terminal of its own; ends with the ``with`` block.

    Args:
        command: The program.
        size: Columns and rows.
        folder: Its working folder.
        rate: Bytes a second that the link takes; None for as many as there are. The kernel keeps up to some
            kilobytes more, as it does for everybody.
        marks: Texts whose first coming is noted with the program's CPU time until then.

    Attributes:
        chunks: What it has written.
        pid: The program's number.
        marked: For each mark that came, when, and the CPU seconds used.
        started: When the program was started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = SIZE,
        folder: Path | None = None,
        rate: float | None = None,
        marks: Sequence[bytes] = (),
    ) -> None:
        self.chunks: list[Chunk] = []
        self.marked: dict[bytes, tuple[float, float]] = {}
        self._marks, self._rate = tuple(marks), rate
        self._replay, self._replayed, self._frame = Replay(size), 0, Frame(0.0, ())
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.started = time.monotonic()
        # setsid becomes the program, with the terminal as its own.
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *command], cwd=folder, env=_environment(), stdin=slave, stdout=slave, stderr=slave
        )
        os.close(slave)
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> PseudoTerminal:
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        os.close(self._master)

    # -- doing --------------------------------------------------------------------------------------------------

    def press(self, keys: str) -> float:
        """Press keys, as the bytes that a terminal sends for them; return when."""
        now = time.monotonic()
        os.write(self._master, keys.encode())
        return now

    def ended(self, timeout: float = PATIENCE) -> float:
        """Wait until the program has ended and return when it had.

        Raises:
            RuntimeError: It ended with an error, or not at all.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
        now, code = time.monotonic(), self._process.returncode
        if code != 0:
            raise RuntimeError(f"The program ended with {code}; the screen was:\n{self.text()}")
        return now

    # -- looking ------------------------------------------------------------------------------------------------

    @property
    def written(self) -> int:
        """How many bytes came so far."""
        return sum(len(chunk.data) for chunk in self.chunks)

    @property
    def cpu(self) -> float:
        """Seconds of CPU time that the program has used so far."""
        return cpu_time(self.pid)

    def frames(self) -> Iterator[Frame]:
        """Yield the screens that were not looked at yet, up to now."""
        while self._replayed < len(self.chunks):
            self._frame = self._replay.feed(self.chunks[self._replayed])
            self._replayed += 1
            yield self._frame

    def text(self) -> str:
        """Return what is on the screen now, without empty rows."""
        for _ in self.frames():
            pass
        return "\n".join(row.rstrip() for row in self._frame.rows if row.strip())

    def first(self, shows: Callable[[Sequence[str]], object], timeout: float = PATIENCE) -> Frame | None:
        """Return the first screen from here on of which ``shows`` holds, the present one too; None after ``timeout``.

        Screens may be looked at later than they were there: their times stay right.
        """
        deadline = time.monotonic() + timeout
        if shows(self._frame.rows):
            return self._frame
        while time.monotonic() < deadline:
            for frame in self.frames():
                if shows(frame.rows):
                    return frame
            time.sleep(0.005)
        return None

    def see(self, *texts: str, timeout: float = PATIENCE) -> Frame:
        """Return the first screen from here on that has all ``texts``.

        Raises:
            RuntimeError: There is none within ``timeout`` seconds.
        """
        return self.see_that(lambda rows: all(any(text in row for row in rows) for text in texts), timeout=timeout)

    def see_that(self, shows: Callable[[Sequence[str]], object], *, timeout: float = PATIENCE) -> Frame:
        """Return the first screen from here on of which ``shows`` holds.

        Raises:
            RuntimeError: There is none within ``timeout`` seconds.
        """
        frame = self.first(shows, timeout)
        if frame is None:
            raise RuntimeError(f"Waited {timeout:g} s in vain; the screen:\n{self.text()}")
        return frame

    # -- the terminal's side ------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Take what the program writes until it has ended; runs in a thread."""
        due = time.monotonic()
        while True:
            size = _READ
            if self._rate is not None:
                size = int(self._rate * _TURN)
                due = max(due + _TURN, time.monotonic() - _TURN)
                time.sleep(max(0.0, due - time.monotonic()))
            ready = select.select([self._master], [], [], 0.2)[0]
            if not ready:
                if self._process.poll() is not None:
                    return
                continue
            try:
                data = os.read(self._master, size)
            except OSError:  # nobody has the other side open any more
                return
            self._take(Chunk(time.monotonic(), data))

    def _take(self, chunk: Chunk) -> None:
        before = self.chunks[-1].data[-64:] if self.chunks else b""
        self.chunks.append(chunk)
        for mark in self._marks:
            if mark not in self.marked and mark in before + chunk.data:
                self.marked[mark] = (chunk.at, cpu_time(self.pid))
        if _ASKS_FOR_SYNCHRONISED in chunk.data:
            os.write(self._master, _IS_SYNCHRONISED)


def _environment() -> dict[str, str]:
    """Return the environment of a common terminal at the machine itself."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SSH_", "TMUX", "STY", "NO_COLOR", "TEXTUAL", "LC_", "LANG", "COLUMNS", "LINES"))
    }
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
