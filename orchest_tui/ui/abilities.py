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
    """

    colours: Colours = "millions"
    unicode: bool = True
    remote: bool = False
    multiplexer: Literal["tmux", "screen", ""] = ""


def detect_abilities(environment: Mapping[str, str] | None = None) -> Abilities:
    """Return what the terminal can show.

    Known are ``NO_COLOR`` (no-color.org: any text but the empty one), ``COLORTERM``, ``TERM`` with its usual endings,
    the locale's encoding, ``SSH_CONNECTION``, ``TMUX`` and ``STY``.

    Args:
        environment: The environment variables; by default those of this process. Take them before the app is made:
            Textual removes ``NO_COLOR`` from them.
    """
    known = os.environ if environment is None else environment
    return Abilities(
        colours=_colours(known),
        unicode=_speaks_utf8(known),
        remote="SSH_CONNECTION" in known or "SSH_TTY" in known,
        multiplexer="tmux" if known.get("TMUX") else "screen" if known.get("STY") else "",
    )


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
