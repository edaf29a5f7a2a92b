"""A viewer for any files: ``python -m orchest_tui.ui.log FILE...``.

``a`` merges the files, ``[`` and ``]`` go through them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.driver import Driver

from orchest_tui.project.layout import state_dir
from orchest_tui.ui.log import LogView, ViewedLog
from orchest_tui.ui.terminal_driver import terminal_driver


class LogViewer(App[None]):
    """Shows log files full screen.

    Args:
        paths: The files.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit"),
        Binding("right_square_bracket", "turn(1)", "Next file", show=False),
        Binding("left_square_bracket", "turn(-1)", "Previous file", show=False),
    ]

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._logs = [ViewedLog(path) for path in paths]

    def get_driver_class(self) -> type[Driver]:
        """Return what writes to this terminal."""
        return terminal_driver(super().get_driver_class())

    def compose(self) -> ComposeResult:
        """Make the one widget."""
        yield LogView(self._logs, title=self._logs[0].path.name, clip_file=state_dir() / "clip.txt")

    def on_mount(self) -> None:
        """Give the keys to the log."""
        self.query_one(LogView).focus()

    def on_log_view_copied(self, event: LogView.Copied) -> None:
        """Say where the copy is."""
        self.notify(event.outcome, markup=False)

    def action_turn(self, steps: int) -> None:
        """Show another of the files."""
        self._logs = [*self._logs[steps:], *self._logs[:steps]]
        self.query_one(LogView).show(self._logs, title=self._logs[0].path.name)


def main() -> None:
    """Show the files named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m orchest_tui.ui.log", description="Shows log files as they grow.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    LogViewer(parser.parse_args().files).run()


if __name__ == "__main__":
    main()
