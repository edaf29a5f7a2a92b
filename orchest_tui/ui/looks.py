"""How statuses look: a glyph with its ASCII twin, a word, a colour of the theme. Colour never tells anything alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style
from textual.color import Color, ColorParseError

if TYPE_CHECKING:
    from textual.app import App

    from orchest_tui.engine.state import StepView


class Look(NamedTuple):
    """One status.

    Attributes:
        glyph: One cell.
        ascii: The same where there is no Unicode.
        word: For people.
        colour: Name of a theme variable, empty for the text's own.
    """

    glyph: str
    ascii: str
    word: str
    colour: str


STATUSES = {
    "SUCCESS": Look("✔", "+", "ok", "success"),
    "FAILURE": Look("✘", "x", "failed", "error"),
    "ABORTED": Look("⊘", "-", "stopped", "warning"),
    "STARTED": Look("●", "*", "running", "accent"),
    "PENDING": Look("○", "o", "waiting", "secondary"),
    None: Look("·", ".", "never run", "text-muted"),
}

ASCII_TWINS = str.maketrans(
    {"…": "~", "·": "-", "▸": ">", "→": "->", "←": "<-", "▶": ">", "█": "#", "▌": ">", "✔": "+", "≈": "~", "─": "-"}
)


def shown(text: str, *, unicode: bool) -> str:
    """Return the program's own ``text`` with symbols that the terminal has."""
    return text if unicode else text.translate(ASCII_TWINS)


def status_glyph(status: str | None, *, unicode: bool) -> str:
    """Return the glyph of a status."""
    look = STATUSES[status]
    return look.glyph if unicode else look.ascii


def freshness_word(step: StepView) -> str:
    """Return one word for a step's freshness: fresh, stale, above (something above is stale), new."""
    if step.fresh:
        return "above" if step.upstream_stale else "fresh"
    return "new" if step.fresh is None else "stale"


def theme_style(app: App[object], variable: str) -> Style:
    """Return a theme variable as the foreground of a Rich style; no colour where the theme has no such variable."""
    try:
        return Style.from_color(Color.parse(app.theme_variables[variable]).rich_color)
    except (KeyError, ColorParseError):  # "auto" colours have no colour of their own
        return Style.null()


def status_style(app: App[object], status: str | None) -> Style:
    """Return the colour of a status in the theme."""
    return theme_style(app, STATUSES[status].colour)
