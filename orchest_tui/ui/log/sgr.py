"""Colours as programs write them: SGR parameters (ECMA-48 8.3.117, and xterm's extended colours) to Rich styles.

Concealed text is shown, nothing blinks, and text in its own background's colour loses that colour: a log can't hide
what it says.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.color import Color
from rich.style import Style

_BASIC = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_EXTENDED = {38, 48, 58}
"""Parameters that a colour follows: the text's, the one behind it, the underline's (which is not shown)."""

_COLOUR_DIGITS = {0, 1, 2, 3, 4, 5, 6, 7, 9}
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike", 21: "underline"}
_OFF = {
    22: {"bold", "dim"}, 23: {"italic"}, 24: {"underline"}, 27: {"reverse"}, 29: {"strike"},
}  # fmt: skip
_ALIKE = 24
"""Largest difference of red, green and blue by which two colours count as the same to the eye (of 255)."""


class Rendition(NamedTuple):
    """How the text that follows looks.

    Attributes:
        foreground: The text's colour; nothing for the default.
        background: The colour behind it; nothing for the default.
        effects: Names of Rich style attributes that are on.
    """

    foreground: Color | None = None
    background: Color | None = None
    effects: frozenset[str] = frozenset()


PLAIN = Rendition()


@lru_cache(2048)
def after_sgr(rendition: Rendition, parameters: str) -> Rendition:
    """Return what ``rendition`` becomes by an SGR sequence with ``parameters`` (``1;38;5;208``, ``38:2::1:2:3``)."""
    groups = [
        [int(number or 0) if len(number) < 6 else 0 for number in part.split(":")] for part in parameters.split(";")
    ]
    position = 0
    while position < len(groups):
        group = groups[position]
        code = group[0]
        position += 1
        if code in _EXTENDED:
            if len(group) == 1:
                width = {5: 2, 2: 4}.get(groups[position][0], 1) if position < len(groups) else 0
                group = [code, *(following[0] for following in groups[position : position + width])]
                position += width
            rendition = _with_extended(rendition, group)
        elif code != 4 or len(group) == 1 or group[1] != 0:
            rendition = _with_code(rendition, code)
        else:  # 4:0 is "no underline"
            rendition = _with_code(rendition, 24)
    return rendition


@lru_cache(2048)
def style_of(rendition: Rendition) -> Style:
    """Return the Rich style of ``rendition``."""
    foreground = rendition.foreground
    if foreground is not None and rendition.background is not None and _alike(foreground, rendition.background):
        foreground = None
    return Style(color=foreground, bgcolor=rendition.background, **dict.fromkeys(rendition.effects, True))  # type: ignore[arg-type]


@lru_cache(2048)
def legible(style: Style, base: Style) -> Style:
    """Return ``base`` with ``style`` on it, without a text colour that can't be told from the background."""
    whole = base + style
    if style.color is None and style.bgcolor is None:
        return whole
    if whole.color is not None and whole.bgcolor is not None and _alike(whole.color, whole.bgcolor):
        kept = style.without_color
        return base + kept
    return whole


def _with_code(rendition: Rendition, code: int) -> Rendition:
    """Return ``rendition`` after one parameter that stands alone; unknown ones change nothing."""
    if code == 0:
        return PLAIN
    if code in _ON:
        return rendition._replace(effects=rendition.effects | {_ON[code]})
    if code in _OFF:
        return rendition._replace(effects=rendition.effects - _OFF[code])
    if code // 10 in {3, 9} and code % 10 in _COLOUR_DIGITS:
        return rendition._replace(foreground=_basic(code))
    if code // 10 in {4, 10} and code % 10 in _COLOUR_DIGITS:
        return rendition._replace(background=_basic(code - 10))
    return rendition


def _with_extended(rendition: Rendition, group: list[int]) -> Rendition:
    """Return ``rendition`` after an extended colour: ``[38, 5, number]`` or ``[38, 2, …, red, green, blue]``."""
    colour = None
    if len(group) >= 3 and group[1] == 5 and group[2] <= 255:
        colour = Color.from_ansi(group[2])
    # With colons, a colour space may stand before the three components (ITU T.416), and tolerances after them.
    components = group[3:6] if len(group) >= 6 else group[2:5]
    if len(components) == 3 and group[1] == 2 and max(components) <= 255:
        colour = Color.from_rgb(*components)
    if colour is None or group[0] == 58:
        return rendition
    return rendition._replace(foreground=colour) if group[0] == 38 else rendition._replace(background=colour)


@lru_cache(32)
def _basic(code: int) -> Color | None:
    """Return one of the sixteen colours by its foreground code (30 to 37, 90 to 97); nothing for the default (39)."""
    if code % 10 == 9:
        return None
    return Color.parse(_BASIC[code - 30] if code < 90 else f"bright_{_BASIC[code - 90]}")


def _alike(one: Color, other: Color) -> bool:
    """Return whether text of one colour can't be read on the other."""
    pairs = zip(one.get_truecolor(), other.get_truecolor(), strict=True)
    return one == other or (not (one.is_default or other.is_default) and all(abs(a - b) < _ALIKE for a, b in pairs))
