"""The keys that a theme file may have, and what their values have to be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

from orchest_tui.ui.themes.status import LOOKS

BASE_COLOURS = (
    "primary", "secondary", "accent", "foreground", "background", "surface", "panel", "boost",
    "success", "warning", "error",
)  # fmt: skip
"""The colours from which Textual derives all others."""

NEEDED = ("primary", "foreground", "background", "success", "warning", "error")
"""The keys that a theme has to have, by itself or from the one that it extends."""

OWN_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        **{look.variable: "foreground" for look in LOOKS.values()},
        "status-success": "success",
        "status-failure": "error",
        "status-running": "primary",
        "status-stale": "warning",
        "status-reused": "success",
        "status-aborted": "warning",
        "map-line": "foreground",
    }
)
"""This program's own variables, and the base colour that stands in where a theme does not set one."""

TERMINAL_GROUNDS = ("ansi-background", "ansi-foreground")
"""What Textual's style sheets ask of a theme of the terminal's own colours, and derive from nothing."""

_STRENGTH = re.compile(r"(100|\d\d?)(\.\d+)?%")
_TEXT_STYLES = frozenset({"none", "bold", "italic", "underline", "reverse", "dim", "strike", "b", "i", "u", "not"})


@cache
def textual_variables() -> frozenset[str]:
    """Return the names of the variables that Textual derives and a theme may set."""
    names = Theme("any", primary="#000000").to_color_system().generate()
    names |= Theme("any", primary="ansi_black", ansi=True).to_color_system().generate()
    return frozenset((*names, *TERMINAL_GROUNDS)) - set(BASE_COLOURS)


@cache
def known_keys() -> Mapping[str, Callable[[Any], str | None]]:
    """Return each key with a check that tells what is wrong with a value, or None."""
    checks: dict[str, Callable[[Any], str | None]] = {
        "title": _check_text,
        "extends": _check_text,
        "dark": _check_switch,
        "terminal-colours": _check_switch,
        "syntax": _check_syntax,
    }
    checks.update(dict.fromkeys(BASE_COLOURS, _check_base_colour))
    checks.update(dict.fromkeys(OWN_VARIABLES, _check_colour))
    for name in textual_variables():
        checks[name] = _check_text_style if _is_text_style(name) else _check_colour
    return MappingProxyType(checks)


def _is_text_style(name: str) -> bool:
    return name.endswith(("text-style", "link-style", "link-style-hover"))


def _check_text(value: Any) -> str | None:
    return None if isinstance(value, str) and value.strip() else "has to be a text"


def _check_switch(value: Any) -> str | None:
    return None if isinstance(value, bool) else "has to be true or false"


def _check_base_colour(value: Any) -> str | None:
    """Check a colour from which others are derived: one without a strength."""
    if value is None:
        return "has no value (a # starts a comment unless it is quoted)"
    try:
        Color.parse(value if isinstance(value, str) else "")
    except ColorParseError:
        return f"is no colour: {value}"
    return "can't be auto: other colours are derived from it" if value == "auto" else None


def _check_colour(value: Any) -> str | None:
    """Check a colour that may have a strength behind it; ``auto`` contrasts with its ground."""
    if not isinstance(value, str):
        return _check_base_colour(value)
    colour, _, strength = value.partition(" ")
    if strength and not _STRENGTH.fullmatch(strength):
        return f"has a strength that is none of 0% to 100%: {value}"
    return None if colour == "auto" else _check_base_colour(colour)


def _check_text_style(value: Any) -> str | None:
    if isinstance(value, str) and value and set(value.split()) <= _TEXT_STYLES:
        return None
    return f"has to be some of {', '.join(sorted(_TEXT_STYLES))}"


def _check_syntax(value: Any) -> str | None:
    from pygments.styles import STYLE_MAP, get_all_styles

    # Styles that other packages bring are looked for only where it has to be: that takes longer than all themes.
    if value in ("ansi_dark", "ansi_light") or value in STYLE_MAP or value in set(get_all_styles()):
        return None
    return f"is no style of Pygments: {value}"


def mend_for(check: Callable[[Any], str | None]) -> str:
    """Return what to do about a value that ``check`` refuses."""
    return _MENDS[check]


_COLOUR_MEND = 'Write a colour in quotes, "#5fb3d9", or a name, ansi_cyan'
_MENDS: Mapping[Callable[[Any], str | None], str] = {
    _check_text: "Write a text",
    _check_switch: "Write true or false",
    _check_base_colour: _COLOUR_MEND,
    _check_colour: _COLOUR_MEND,
    _check_text_style: "Write bold or none",
    _check_syntax: "Write one that `pygmentize -L styles` lists, or ansi_dark",
}
