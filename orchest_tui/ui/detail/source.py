"""The tab Source: the step's file, highlighted, with line numbers, and the line that failed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from orchest_tui.terminal_text import plain_lines
from orchest_tui.ui.gutter import GutterText

MAX_BYTES = 512 * 1024
_TRACE = re.compile(r'File "[^"]*?([^/"]+)", line (\d+)')
_TAIL_BYTES = 64 * 1024


def source_lines(path: Path, theme: str, failing: int | None = None) -> list[Text]:
    """Return the file's lines, highlighted.

    Args:
        path: The step's file.
        theme: A Pygments style.
        failing: The line to be marked, from 1.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return [Text(f"{path.name} can't be read: {error.strerror or error}.", "dim")]
    text = content[:MAX_BYTES].decode("utf-8", "replace")
    more = [Text(f"(only the first {MAX_BYTES // 1024} KiB are shown)", "dim")] if len(content) > MAX_BYTES else []
    return [*_numbered(highlighted(text, _lexer(path), theme), failing), *more]


def highlighted(text: str, lexer: str, theme: str) -> list[Text]:
    """Return the lines of ``text`` with the colours of a lexer; control characters are left out."""
    from rich.syntax import Syntax

    harmless = "\n".join(plain_lines(text))
    coloured = Syntax("", lexer, theme=theme, background_color="default").highlight(harmless)
    return list(coloured.split("\n", allow_blank=False))


def _numbered(lines: list[Text], failing: int | None) -> Iterator[Text]:
    digits = len(str(len(lines)))
    for number, line in enumerate(lines, 1):
        if number == failing:
            yield GutterText(f"{number:{digits}}>", "bold red", line)
        else:
            yield GutterText(f"{number:{digits}} ", "dim", line)


def failing_line(log: Path, file_name: str) -> int | None:
    """Return the line of ``file_name`` that the last traceback of a log names, None where there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            tail = stream.read().decode("utf-8", "replace")
    except OSError:
        return None
    lines = [int(match[2]) for match in _TRACE.finditer(tail) if match[1] == file_name]
    return lines[-1] if lines else None


def _lexer(path: Path) -> str:
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        return str(get_lexer_for_filename(path.name).aliases[0])
    except (ClassNotFound, IndexError):
        return "text"
