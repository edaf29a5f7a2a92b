"""Watching who has a pipeline open that is only looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchest_tui.terminal_text import plain
from orchest_tui.ui.bindings import shown_key

if TYPE_CHECKING:
    from orchest_tui.engine.lock import Holder
    from orchest_tui.ui.pipeline.screen import PipelineScreen


class HolderWatch:
    """Tells when the other process has ended, so that the pipeline can be opened here, or another one has it.

    Args:
        screen: The pipeline's screen.
    """

    def __init__(self, screen: PipelineScreen) -> None:
        self._screen = screen
        self._holder: Holder | None = None
        self._looked = False

    def look(self) -> None:
        """Look again; does nothing where the pipeline is open for real."""
        screen, session = self._screen, self._screen.session
        if not session.read_only:
            return
        before, self._holder = self._holder, session.holder
        first, self._looked = not self._looked, True
        if self._holder is None and (before is not None or first):
            ended = f"Process {before.pid} has ended." if before else "Nobody has the pipeline open any more."
            keys = screen.keys["app.open_here"]
            how = f"{shown_key(keys[0])} opens the pipeline here" if keys else "The palette has: Open it here"
            run = session.state.run
            left = f", and run {run.number} goes on then" if run is not None and run.finished is None else ""
            screen.notify(f"{ended} {how}{left}.", timeout=10, markup=False)
        elif self._holder is not None and before is None and not first:
            screen.notify(f"Now open in {plain(self._holder.words)}.", timeout=6, markup=False)
