"""Calling a person back to the terminal: the bell, or a desktop notice, for somebody who has looked away.

A desktop notice is OSC 9 (iTerm2's "post a notification", which kitty, WezTerm, ghostty, foot and others have too). It
passes through tmux wrapped in a DCS sequence, where tmux allows that (``allow-passthrough``); screen gets none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from textual import events

from orchest_tui.terminal_text import plain
from orchest_tui.ui.terminal_link import write_sequence

if TYPE_CHECKING:
    from textual.app import App

    from orchest_tui.ui.abilities import Abilities

Way = Literal["bell", "notice", "both", "none"]

_STILL_HERE = 10.0
"""Seconds after a key within which somebody is taken to sit there, where the terminal tells nothing about its focus."""
_LONGEST = 120


class Attention:
    """Calls only where the person has looked away.

    Args:
        app: The running app.
        abilities: What the terminal is.
        clock: Returns seconds on any scale.
    """

    def __init__(self, app: App[int], abilities: Abilities, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._multiplexer = abilities.multiplexer
        self._clock = clock
        self._last_key = clock()
        self._knows_focus = False

    def see(self, event: events.Event) -> None:
        """Take note of an event that tells whether somebody is there."""
        if isinstance(event, events.AppFocus | events.AppBlur):
            self._knows_focus = True
        elif isinstance(event, events.Key | events.MouseDown):
            self._last_key = self._clock()

    @property
    def is_away(self) -> bool:
        """Whether nobody looks: the terminal has lost the focus, or says nothing of it and no key came for a while."""
        if self._knows_focus:
            return not self._app.app_focus
        return self._clock() - self._last_key >= _STILL_HERE

    def call(self, text: str, way: Way) -> None:
        """Ring, or show ``text`` on the desktop, where somebody has looked away.

        Args:
            text: What is told; made harmless and cut here.
            way: The user's setting.
        """
        if way == "none" or not self.is_away:
            return
        if way in {"bell", "both"}:
            self._app.bell()
        if way in {"notice", "both"} and self._multiplexer != "screen":
            write_sequence(self._app, notice_sequence(text, through_tmux=self._multiplexer == "tmux"))


def notice_sequence(text: str, *, through_tmux: bool) -> str:
    """Return the control sequence that shows ``text`` on the desktop."""
    sequence = f"\x1b]9;{plain(text)[:_LONGEST]}\x07"
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\" if through_tmux else sequence
