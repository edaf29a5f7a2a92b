"""Lines with a gutter: a number or a mark in front of what the line says."""

from __future__ import annotations

from rich.text import Text


class GutterText(Text):
    """A line with a gutter that is no part of what it says.

    Args:
        gutter: The gutter.
        style: The gutter's style.
        text: What the line says.
    """

    def __init__(self, gutter: str, style: str, text: Text) -> None:
        super().__init__(no_wrap=True, end="")
        self.gutter = len(gutter)
        self.append(gutter, style or None)
        self.append_text(text)


def said(line: Text) -> str:
    """Return what a line says, without its gutter."""
    return line.plain[line.gutter if isinstance(line, GutterText) else 0 :].rstrip()
