"""The tab Source: the step's file, highlighted, with line numbers; a notebook as its cells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound
from rich.syntax import Syntax
from rich.text import Text

from orchest_tui.terminal_text import plain_lines

MAX_BYTES = 512 * 1024


def source_lines(path: Path, theme: str) -> list[Text]:
    """Return the file's lines, highlighted.

    Args:
        path: The step's file.
        theme: A Pygments style.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return [Text(f"{path.name} can't be read: {error.strerror or error}.", "dim")]
    text = content[:MAX_BYTES].decode("utf-8", "replace")
    more = [Text(f"(only the first {MAX_BYTES // 1024} KiB are shown)", "dim")] if len(content) > MAX_BYTES else []
    if path.suffix == ".ipynb":
        return [*notebook_lines(text, theme), *more]
    return [*_numbered(highlighted(text, _lexer(path), theme)), *more]


def highlighted(text: str, lexer: str, theme: str) -> list[Text]:
    """Return the lines of ``text`` with the colours of a lexer; control characters are left out."""
    harmless = "\n".join(plain_lines(text))
    coloured = Syntax("", lexer, theme=theme, background_color="default").highlight(harmless)
    return list(coloured.split("\n", allow_blank=False))


def _numbered(lines: list[Text]) -> Iterator[Text]:
    digits = len(str(len(lines)))
    for number, line in enumerate(lines, 1):
        yield Text(f"{number:{digits}} ", "dim", no_wrap=True, end="").append_text(line)


def _lexer(path: Path) -> str:
    try:
        return str(get_lexer_for_filename(path.name).aliases[0])
    except (ClassNotFound, IndexError):
        return "text"


def notebook_lines(text: str, theme: str) -> list[Text]:
    """Return a notebook's cells with their text outputs (nbformat 4)."""
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError):
        return [Text("This is no notebook of format 4.", "dim")]
    lines: list[Text] = []
    for number, cell in enumerate(cells if isinstance(cells, list) else [], 1):
        if isinstance(cell, dict):
            lines += _cell(number, cell, theme)
    return lines


def _cell(number: int, cell: dict[str, Any], theme: str) -> list[Text]:
    is_code = cell.get("cell_type") == "code"
    count = f" [{cell['execution_count']}]" if is_code and isinstance(cell.get("execution_count"), int) else ""
    lines = [Text(f"cell {number}{count}", "dim bold")]
    lines += highlighted(_joined(cell.get("source")), "python" if is_code else "markdown", theme)
    for output in cell.get("outputs") or ():
        if isinstance(output, dict):
            lines += [Text("  " + line, "dim") for line in plain_lines(_output_text(output).rstrip("\n"))]
    return [*lines, Text("")]


def _output_text(output: dict[str, Any]) -> str:
    if "text" in output:
        return _joined(output["text"])
    if output.get("output_type") == "error":
        return _joined([f"{line}\n" for line in output.get("traceback") or ()])
    data = output.get("data")
    if not isinstance(data, dict):
        return ""
    return _joined(data["text/plain"]) if "text/plain" in data else f"({', '.join(map(str, data))})"


def _joined(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")
