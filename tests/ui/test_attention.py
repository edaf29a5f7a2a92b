"""Calling a person back: only where they have looked away, and by nothing but the sequence that is meant."""

from __future__ import annotations

from textual import events
from textual.app import App

from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.attention import Attention, Way, notice_sequence


class Desk(App[int]):
    """An app that counts its bells."""

    bells = 0

    def bell(self) -> None:
        self.bells += 1


def seated(app: Desk, now: list[float]) -> Attention:
    return Attention(app, Abilities(), clock=lambda: now[0])


def rings(way: Way, *, focus: bool | None, idle: float) -> int:
    """Return how often it rings ``idle`` seconds after the last key; ``focus`` None: the terminal tells nothing."""
    app, now = Desk(), [100.0]
    attention = seated(app, now)
    attention.see(events.Key("j", "j"))
    if focus is not None:
        attention.see(events.AppFocus() if focus else events.AppBlur())
        app.set_reactive(App.app_focus, focus)
    now[0] += idle
    attention.call("done", way)
    return app.bells


def test_who_looks_is_left_alone() -> None:
    assert rings("bell", focus=True, idle=600) == 0
    assert rings("both", focus=True, idle=600) == 0


def test_who_has_looked_away_is_called() -> None:
    assert rings("bell", focus=False, idle=0) == 1
    assert rings("both", focus=False, idle=0) == 1
    assert rings("notice", focus=False, idle=0) == 0
    assert rings("none", focus=False, idle=0) == 0


def test_where_the_terminal_tells_nothing_a_key_just_now_counts_as_looking() -> None:
    assert rings("bell", focus=None, idle=2) == 0
    assert rings("bell", focus=None, idle=60) == 1


def test_a_notice_is_one_harmless_sequence() -> None:
    text = "run \x1b]52;c;eA==\x07 of [b]\u202ex" + "y" * 300
    plain = notice_sequence(text, through_tmux=False)
    assert plain.startswith("\x1b]9;run ")
    assert plain.endswith("\x07")
    assert plain.count("\x1b") == plain.count("\x07") == 1
    assert "\u202e" not in plain
    assert len(plain) < 140
    assert notice_sequence("ok", through_tmux=True) == "\x1bPtmux;\x1b\x1b]9;ok\x07\x1b\\"
