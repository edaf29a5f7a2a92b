"""Markdown lightly rendered: headings, lists, emphasis, code; everything else stands as it was written.

A few expressions on each line: a whole Markdown parser costs more at start and for each cell than the rest of a
notebook. What they do not know is shown as it is, so nothing is ever lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rich.style import Style
from rich.text import Text

from orchest_tui.terminal_text import plain_lines
from orchest_tui.ui.wrapping import wrapped

Highlight = Callable[[str, str], list[Text]]
"""From code and the name of its language to lines."""

_FENCE = re.compile(r" {0,3}(```+|~~~+)\s*([\w+-]*)")
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"(\s*)([-*+]|\d{1,4}[.)])\s+(.*)$")
_QUOTE = re.compile(r" {0,3}>\s?(.*)$")
_RULE = re.compile(r" {0,3}([-*_])(?:\s*\1){2,}\s*$")
_TABLE = re.compile(r"\s*\|")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|!\[(?P<picture>[^\]]*)\]\([^)]*\)"
    r"|\[(?P<link>[^\]]+)\]\((?P<target>[^)\s]+)[^)]*\)"
    r"|(?P<mark>\*\*|__)(?=\S)(?P<strong>.+?)(?<=\S)(?P=mark)"
    r"|(?<!\w)(?P<sign>[*_])(?=\S)(?P<weak>[^*_]+?)(?<=\S)(?P=sign)(?!\w)"
)
_CODE = Style(bold=True, dim=True)


def markdown_lines(text: str, width: int, highlight: Highlight) -> list[Text]:
    """Return Markdown as lines of at most ``width`` cells; code and tables may be longer.

    Args:
        text: The Markdown, foreign.
        width: Cells of a line.
        highlight: Colours code.
    """
    lines: list[Text] = []
    paragraph: list[str] = []

    def end_paragraph() -> None:
        if paragraph:
            lines.extend(wrapped(inline(" ".join(paragraph)), width))
            paragraph.clear()

    source = iter(plain_lines(text))
    for line in source:
        fence = _FENCE.match(line)
        block = None if fence else _block(line, width)
        if fence or block is not None or not line.strip():
            end_paragraph()
        if fence:
            lines += [Text("  ").append_text(code) for code in highlight(_fenced(source, fence[1]), fence[2])]
        elif block is not None:
            lines += block
        elif line.strip():
            paragraph.append(line.strip())
        else:
            lines.append(Text(""))
    end_paragraph()
    while lines and not lines[-1].plain.strip():
        lines.pop()
    return lines


def _fenced(source: Iterator[str], fence: str) -> str:
    """Return the code up to the closing fence, and take it from ``source``."""
    code = []
    for line in source:
        if line.strip().startswith(fence):
            break
        code.append(line)
    return "\n".join(code)


def _block(line: str, width: int) -> list[Text] | None:
    """Return a line that is a block of its own, None for one that belongs to a paragraph."""
    if heading := _HEADING.match(line):
        text = inline(heading[2])
        text.stylize("bold underline" if len(heading[1]) == 1 else "bold")
        return wrapped(text, width)
    if _RULE.match(line):
        return [Text("─" * max(1, width), "dim")]
    if item := _ITEM.match(line):
        mark = "•" if item[2] in "-*+" else item[2]
        indent = " " * min(len(item[1].expandtabs()), 12)
        return wrapped(Text(f"{indent}{mark} ").append_text(inline(item[3])), width, indent=indent + "  ")
    if quote := _QUOTE.match(line):
        return [Text("│ ", "dim").append_text(part) for part in wrapped(inline(quote[1]), width - 2)]
    return [Text(line)] if _TABLE.match(line) else None


def inline(text: str) -> Text:
    """Return a paragraph's text with its emphasis, code and links."""
    made = Text()
    place = 0
    for found in _INLINE.finditer(text):
        made.append(text[place : found.start()])
        place = found.end()
        if found["code"] is not None:
            made.append(found["code"], _CODE)
        elif found["picture"] is not None:
            made.append(f"(picture{': ' if found['picture'] else ''}{found['picture']})", "dim")
        elif found["link"] is not None:
            made.append(found["link"], "underline")
            if found["target"] != found["link"]:
                made.append(f" ({found['target']})", "dim")
        elif found["strong"] is not None:
            made.append(found["strong"], "bold")
        else:
            made.append(found["weak"], "italic")
    return made.append(text[place:])
