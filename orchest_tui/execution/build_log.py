"""A build's output: raw into its log file, its last lines kept for an error, the telling ones passed on as progress."""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from orchest_tui.errors import BuildError
from orchest_tui.terminal_text import plain

_TAIL_LINES = 8
_MAX_LINE = 160
_TELLING = (
    (re.compile(r"(?:Collecting|Building wheel for|Installing collected packages:) [^\s(,]+"), "pip: {}"),
    (re.compile(r"Downloading (\S+)(?: \([\d.]+ [kMG]?B\))"), "pip: {}"),
    (re.compile(r"(?:Unpacking|Setting up) [^\s(]+"), "apt: {}"),
    (re.compile(r"(?:Collecting package metadata|Solving environment|Downloading and Extracting)"), "conda: {}"),
)


class BuildLog:
    """Receives what a build says, from one thread.

    Args:
        path: The log file; made anew.
        report: Called with short progress lines.
    """

    def __init__(self, path: Path, report: Callable[[str], None]) -> None:
        """Open the file.

        Raises:
            BuildError: It can't be written.
        """
        self.path = path
        self._report = report
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise self._unwritable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines that were not empty, without control characters."""
        return tuple(self._tail)

    def stage(self, title: str) -> None:
        """Begin a new part of the build, called ``title``."""
        self._finish_line()
        self._tail.clear()
        self._save(f"==> {title}\n".encode())
        self._report(title)

    def note(self, text: str) -> None:
        """Say something about the build itself."""
        self._finish_line()
        self._save(f"{text}\n".encode())
        self._report(text)

    def write(self, chunk: bytes) -> None:
        """Take output as it comes.

        Raises:
            BuildError: The file can't be written.
        """
        self._save(chunk)
        *lines, rest = re.split(r"[\r\n]+", self._line + self._decoder.decode(chunk))
        for line in lines:
            self._take(line)
        self._line = rest[-4 * _MAX_LINE :]

    def _finish_line(self) -> None:
        if self._line:
            self._save(b"\n")
            self._take(self._line)
            self._line = ""

    def _take(self, line: str) -> None:
        text = plain(line).strip()
        if not text:
            return
        self._tail.append(shortened(text))
        progress = telling(text)
        if progress:
            self._report(progress)

    def _save(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> BuildError:
        reason = error.strerror or str(error)
        return BuildError(f"The build log {self.path} can't be written: {reason}.", "Make room or mend its rights.")


def telling(line: str) -> str | None:
    """Return a line of pip, apt or conda that shows how far it is, shortened; None for any other line."""
    for pattern, form in _TELLING:
        found = pattern.match(line)
        if found:
            return shortened(form.format(found.group()))
    return None


def shortened(text: str) -> str:
    """Return ``text`` cut to what fits a line."""
    return text if len(text) <= _MAX_LINE else text[: _MAX_LINE - 1] + "…"
