"""A notebook's file as bounded data of known types, whatever stands in it.

A notebook may be hostile, or hold hundreds of megabytes of outputs. Reading JSON keeps Python's lock, and with it the
screen, so a large file is reduced by this module run as a program of its own: it takes the file's name and writes the
reduced notebook. Standard library only.
"""

from __future__ import annotations

import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

MOST_CELLS = 2000
MOST_OUTPUTS = 100
MOST_SOURCE = 64 * 1024
MOST_TEXT = 64 * 1024
MOST_LINES = 400
MOST_PICTURE = 4 * 1024 * 1024
MOST_PICTURES = 12 * 1024 * 1024
MOST_BYTES = 512 * 1024 * 1024
"""Limits: cells, outputs of a cell, characters of a source and of an output, lines of an output, base64 of one picture
and of all; bytes of a file that is read at all."""


def reduced_file(path: str) -> dict[str, Any]:
    """Return the notebook at ``path`` reduced, or ``{"problem": text}``."""
    try:
        file = Path(path)
        if file.stat().st_size > MOST_BYTES:
            return {"problem": f"It has {file.stat().st_size / 1e6:,.0f} MB: too large to be shown."}
        return reduced(json.loads(file.read_bytes().decode("utf-8", "replace")))
    except OSError as error:
        return {"problem": f"{Path(path).name} can't be read: {error.strerror or error}."}
    except (ValueError, RecursionError, MemoryError):
        return {"problem": "This is no notebook: its file is no JSON."}


def reduced(document: object) -> dict[str, Any]:
    """Return the cells of a notebook of format 4, or ``{"problem": text}``.

    A cell is ``kind`` (``code``, ``markdown`` or ``raw``), ``source``, ``count`` (int or None), ``tags`` and
    ``outputs``; an output has ``kind`` (``stdout``, ``stderr``, ``text``, ``markdown``, ``error``, ``picture`` or
    ``note``) and ``text``. ``left_out`` counts the cells that are too many.
    """
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        old = isinstance(document, dict) and isinstance(document.get("worksheets"), list)
        return {"problem": "This notebook is of format 3; a run converts it." if old else "This is no notebook."}
    cells = [cell for cell in document["cells"] if isinstance(cell, dict)]
    room = [MOST_PICTURES]
    return {
        "language": _language(document.get("metadata")),
        "cells": [_cell(cell, room) for cell in cells[:MOST_CELLS]],
        "left_out": max(0, len(cells) - MOST_CELLS),
    }


def _language(metadata: object) -> str:
    """Return the language of the code, in lower case; Python where the notebook does not say."""
    if isinstance(metadata, dict):
        for holder, name in (("kernelspec", "language"), ("language_info", "name")):
            found = metadata.get(holder)
            if isinstance(found, dict) and isinstance(found.get(name), str) and found[name]:
                return str(found[name][:40].lower())
    return "python"


def _cell(cell: dict[str, Any], room: list[int]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    count = cell.get("execution_count")
    outputs = cell.get("outputs") if kind == "code" else None
    found = [output for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []
    made = [_output(output, room) for output in found[:MOST_OUTPUTS]]
    if len(found) > MOST_OUTPUTS:
        made.append(_made("note", f"{len(found) - MOST_OUTPUTS:,} more outputs"))
    return {
        "kind": kind if kind in ("code", "markdown") else "raw",
        "source": joined(cell.get("source"))[:MOST_SOURCE],
        "count": count if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 10**6 else None,
        "tags": [tag[:80] for tag in tags[:20] if isinstance(tag, str)] if isinstance(tags, list) else [],
        "outputs": made,
    }


def _made(kind: str, text: str) -> dict[str, str]:
    return {"kind": kind, "text": text}


def _output(output: dict[str, Any], room: list[int]) -> dict[str, str]:
    kind = output.get("output_type")
    if kind == "stream":
        return _made("stderr" if output.get("name") == "stderr" else "stdout", _shortened(joined(output.get("text"))))
    if kind == "error":
        traceback = output.get("traceback")
        lines = "\n".join(map(joined, traceback)) if isinstance(traceback, list) else ""
        words = f"{joined(output.get('ename'))}: {joined(output.get('evalue'))}"
        return _made("error", _shortened(lines or words))
    data = output.get("data")
    return _bundle(data, room) if isinstance(data, dict) else _made("note", "an output of an unknown kind")


def _bundle(data: dict[str, Any], room: list[int]) -> dict[str, str]:
    """Return the richest form of a value that a terminal can show."""
    if "image/png" in data:
        png = joined(data["image/png"])
        if len(png) <= min(MOST_PICTURE, room[0]):
            room[0] -= len(png)
            return _made("picture", png)
        return _made("note", f"a picture of {len(png) * 3 / 4 / 1e6:.1f} MB")
    for name, kind in (("text/markdown", "markdown"), ("text/plain", "text"), ("text/latex", "text")):
        if name in data:
            return _made(kind, _shortened(joined(data[name])))
    if "text/html" in data:
        return _made("text", _shortened(text_of_html(joined(data["text/html"])[: 16 * MOST_TEXT])))
    if "application/json" in data:
        return _made("text", _shortened(json.dumps(data["application/json"], indent=1, ensure_ascii=False)))
    return _made("note", ", ".join(str(name)[:80] for name in list(data)[:5]) or "nothing")


def joined(text: object) -> str:
    """Return the text of a notebook's multi-line string, a text or a list of them, as UTF-8 can have it."""
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else ""


def _shortened(text: str) -> str:
    """Return a text with its middle left out where it is long: how it began and how it ended matter most."""
    lines = text.rstrip("\n").split("\n")
    if len(lines) > MOST_LINES:
        half = MOST_LINES // 2
        lines = [*lines[:half], f"… {len(lines) - 2 * half:,} lines …", *lines[-half:]]
    short = "\n".join(lines)
    if len(short) > MOST_TEXT:
        half = MOST_TEXT // 2
        short = f"{short[:half]}\n… {len(short) - 2 * half:,} characters …\n{short[-half:]}"
    return short


class _Words(HTMLParser):
    """Collects what a page says."""

    _SILENT = frozenset({"script", "style", "head", "title"})
    _LINES = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "ul", "ol"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Begin a line where a page would."""
        del attrs
        self._silent += tag in self._SILENT
        if tag in self._LINES:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append("  ")

    def handle_endtag(self, tag: str) -> None:
        """End a line where a page would, and speak again after a script."""
        if tag in self._LINES:
            self.parts.append("\n")
        if tag in self._SILENT and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        """Take words."""
        if not self._silent:
            self.parts.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))


def text_of_html(html: str) -> str:
    """Return what a page says, without its looks."""
    words = _Words()
    words.feed(html)
    words.close()
    lines = "".join(words.parts).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


if __name__ == "__main__":
    sys.stdout.buffer.write(json.dumps(reduced_file(sys.argv[1])).encode("ascii"))
