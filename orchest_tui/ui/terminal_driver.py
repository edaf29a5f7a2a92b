"""The terminal that Textual writes to: with fewer bytes, and gone without harm when the link is lost.

Textual's writer thread ends at the first error of a write, and its queue of thirty frames is never emptied again: where
a terminal has been hung up the app would wait for room in it for ever, with the pipeline's lock in its hands.
"""

from __future__ import annotations

import contextlib
from typing import IO, Any, cast

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from orchest_tui.ui.lean_output import lean


class _LinkThatMayBreak:
    """A terminal's file; what can't be written is lost.

    Args:
        file: The file.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write ``text``, if somebody is there."""
        with contextlib.suppress(OSError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Send what was written, if somebody is there."""
        with contextlib.suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        """Return the file's descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self._file.isatty()


class TerminalDriver(LinuxDriver):
    """Textual's driver on such a terminal."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._file = cast("Any", _LinkThatMayBreak(cast("IO[str]", self._file)))

    def write(self, data: str) -> None:
        """Write to the terminal."""
        super().write(lean(data))


def terminal_driver(usual: type[Driver]) -> type[Driver]:
    """Return the driver to use in place of the usual one; any but the common one stays."""
    return TerminalDriver if usual is LinuxDriver else usual
