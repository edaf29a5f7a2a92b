"""What a Textual program does by default with a log: its ``RichLog``, fed as a file grows. A baseline, no product.

``python rich_log.py [--by-line] FILE``: one write for each batch of new lines, or one for each line.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import RichLog, Static

POLL = 0.05
"""Seconds between two looks at the file."""


class Follower(App[None]):
    """Follows a file; ``t`` changes a word in the title.

    Args:
        path: The file.
        by_line: Whether every line is a write of its own.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("t", "turn", "Turn"), Binding("q", "quit", "Quit")]

    def __init__(self, path: Path, *, by_line: bool) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._rest = b""
        self._by_line = by_line
        self._turned = False

    def compose(self) -> ComposeResult:
        """Make title and log."""
        yield Static("FOLLOW")
        yield RichLog()

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_interval(POLL, self._look)

    def action_turn(self) -> None:
        """Change the title."""
        self._turned = not self._turned
        self.query_one(Static).update("FOLLOW turned" if self._turned else "FOLLOW")

    def _look(self) -> None:
        whole, newline, self._rest = (self._rest + self._file.read()).rpartition(b"\n")
        if not newline:
            return
        text, log = whole.decode(), self.query_one(RichLog)
        for part in text.split("\n") if self._by_line else [text]:
            log.write(part)


if __name__ == "__main__":
    Follower(Path(sys.argv[-1]), by_line="--by-line" in sys.argv).run()
