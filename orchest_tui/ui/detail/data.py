"""The tab Data: what a step handed over, as tables, text and pictures, with what it was made from."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from orchest_tui.cache.entry import OutputEntry
from orchest_tui.human import human_bytes
from orchest_tui.terminal_text import plain, plain_lines
from orchest_tui.ui.detail.tables import table_lines
from orchest_tui.ui.pictures import Gallery
from orchest_tui.ui.wrapping import wrapped

_PLACES = {"memory": "in memory", "disk": "on disk", "legacy": "in the project", "evicted": "evicted"}
_LABEL = 12


def output_lines(entries: Sequence[OutputEntry], width: int, gallery: Gallery, height: int = 30) -> list[Text]:
    """Return the outputs of one step as lines; those of tables may be longer than ``width``.

    Args:
        entries: The outputs.
        width: Cells of a line.
        gallery: Makes lines of pictures.
        height: Lines that a picture may take.
    """
    if not entries:
        return [Text("The step has handed over nothing.", "dim")]
    lines: list[Text] = []
    for entry in entries:
        body = _body(entry.preview, width, gallery, height)
        lines += [*_head(entry, width), *body, *_origin(entry, width), Text("")]
    return lines[:-1]


def _head(entry: OutputEntry, width: int) -> list[Text]:
    """Return the output's name and what is known of it, broken where the pane is narrow."""
    preview = entry.preview
    words = [_kind(preview), _shape(preview), human_bytes(entry.bytes), _PLACES[entry.location]]
    head = Text("(unnamed)" if entry.name is None else plain(entry.name), "bold")
    head.append("  " + ", ".join(word for word in words if word), "not bold dim")
    return wrapped(head, width, indent="  ")


def _kind(preview: Mapping[str, Any]) -> str:
    """Return the value's type, of an array that of its elements too."""
    kind, kinds = plain(str(preview.get("type", ""))), preview.get("dtypes")
    single = isinstance(kinds, list) and len(kinds) == 1 and "columns" not in preview
    return f"{kind} of {plain(str(kinds[0]))}" if single and kinds else kind


def _shape(preview: Mapping[str, Any]) -> str:
    shape = preview.get("shape")
    if isinstance(shape, list | tuple) and shape:
        return " x ".join(f"{extent:,}" if isinstance(extent, int) else "?" for extent in shape)
    length = preview.get("length")
    return f"{length:,} items" if isinstance(length, int) else ""


def _body(preview: Mapping[str, Any], width: int, gallery: Gallery, height: int) -> list[Text]:
    """Return picture, table or text, whichever tells most."""
    if isinstance(preview.get("png"), str):
        return [*_text(preview), *gallery.lines(preview["png"], width, height)]
    head = preview.get("head")
    if isinstance(head, list) and head and all(isinstance(row, list) for row in head):
        return table_lines(preview)
    return _text(preview)


def _text(preview: Mapping[str, Any]) -> list[Text]:
    return [Text(line) for line in plain_lines(str(preview.get("text", "")))]


def _origin(entry: OutputEntry, width: int) -> list[Text]:
    """Return from what the output was made, and when."""
    made = entry.provenance
    moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.created))
    facts = [("made", f"{moment}{f', run {plain(entry.run)}' if entry.run else ''}")]
    if isinstance(made.get("file"), str) and made["file"]:
        facts.append(("code", f"{plain(made['file'])} {_short(made.get('digest'))}".rstrip()))
    inputs = made.get("inputs")
    if isinstance(inputs, list):
        facts.append(("from", ", ".join(_input(item) for item in inputs if isinstance(item, list)) or "no inputs"))
    parameters = made.get("parameters")
    if isinstance(parameters, dict) and parameters:
        told = ", ".join(f"{plain(str(name))} = {plain(str(value))}" for name, value in parameters.items())
        facts.append(("parameters", told))
    if made.get("environment_name"):
        facts.append(("environment", f"{plain(str(made['environment_name']))} {_short(made.get('environment'))}"))
    lines = []
    for label, words in facts:
        text = Text(f"{label:{_LABEL}}", "dim").append(words, "not dim")
        lines += wrapped(text, width, indent=" " * _LABEL)
    return lines


def _input(item: Sequence[Any]) -> str:
    """Return one input in words: step, output and run."""
    title, name, run = (*item, None, None, None)[:3]
    output = "" if name is None else f" {plain(str(name))}"
    return f"{plain(str(title))}{output}" + (f" (run {plain(str(run))})" if run else "")


def _short(digest: object) -> str:
    """Return the beginning of a digest, by which versions can be told apart."""
    return f"({plain(digest)[:8]})" if isinstance(digest, str) and digest else ""
