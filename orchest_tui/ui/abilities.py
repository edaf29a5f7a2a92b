"""What the terminal can show, read from the environment it was started with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Colours = Literal["none", "16", "256", "millions"]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the terminal can show.

    Attributes:
        colours: How many colours; ``none`` also where the user wants none (``NO_COLOR``).
        unicode: Whether more than ASCII may be written.
        remote: Whether the terminal is at the other end of an SSH connection.
        multiplexer: The terminal multiplexer in between; empty for none.
        kitty_graphics: Whether it is a terminal that shows pictures in the way of kitty's Unicode placeholders.
    """

    colours: Colours = "millions"
    unicode: bool = True
    remote: bool = False
    multiplexer: Literal["tmux", "screen", "zellij", ""] = ""
    kitty_graphics: bool = False


def detect_abilities(environment: Mapping[str, str] | None = None) -> Abilities:
    """Return what the terminal can show.

    Known are ``NO_COLOR`` (no-color.org: any text but the empty one), ``COLORTERM``, ``TERM`` with its usual endings,
    the locale's encoding, ``SSH_CONNECTION``, ``TMUX``, ``STY`` and ``ZELLIJ``, and by what kitty and Ghostty are told.
    The terminal itself is asked nothing: its answer might come late and be taken for keys.

    Args:
        environment: The environment variables; by default those of this process. Take them before the app is made:
            Textual removes ``NO_COLOR`` from them.
    """
    known = os.environ if environment is None else environment
    return Abilities(
        colours=_colours(known),
        unicode=_speaks_utf8(known),
        remote="SSH_CONNECTION" in known or "SSH_TTY" in known,
        multiplexer=_multiplexer(known),
        kitty_graphics=_is_kitty(known) and not _multiplexer(known),
    )


def _multiplexer(known: Mapping[str, str]) -> Literal["tmux", "screen", "zellij", ""]:
    if known.get("TMUX"):
        return "tmux"
    if known.get("STY"):
        return "screen"
    return "zellij" if known.get("ZELLIJ") else ""


def _is_kitty(known: Mapping[str, str]) -> bool:
    """Return whether the terminal is kitty or Ghostty.

    ``KITTY_WINDOW_ID`` is inherited by other terminals that were started from kitty; they have names of their own.
    """
    if known.get("TERM", "").lower() in {"xterm-kitty", "xterm-ghostty"}:
        return True
    program = known.get("TERM_PROGRAM", "").lower()
    if program:
        return program in {"kitty", "ghostty"}
    others = {"VTE_VERSION", "KONSOLE_VERSION", "WEZTERM_PANE", "ALACRITTY_WINDOW_ID", "XTERM_VERSION"}
    is_xterm = known.get("TERM", "").startswith("xterm")
    return bool(known.get("KITTY_WINDOW_ID")) and is_xterm and not others & known.keys()


def _colours(known: Mapping[str, str]) -> Colours:
    term = known.get("TERM", "").lower()
    if known.get("NO_COLOR") or term in ("", "dumb", "unknown") or term.startswith("vt"):
        return "none"
    if known.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith(("-direct", "-truecolor")):
        return "millions"
    if term.endswith("-256color") or term in ("xterm-kitty", "alacritty", "foot", "xterm-ghostty"):
        return "256"
    return "16"


def _speaks_utf8(known: Mapping[str, str]) -> bool:
    """Return whether the locale says UTF-8; Python writes it in the C locale too (PEP 540), where nobody reads it."""
    values = (known.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next((value for value in values if value), "")
    return "utf8" in locale.lower().replace("-", "")
