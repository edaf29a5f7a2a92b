"""The tab Data: what a step handed over, as tables, text and pictures, with what it was made from."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from orchest_tui.cache.entry import OutputEntry
from orchest_tui.human import human_bytes, human_time
from orchest_tui.terminal_text import plain, plain_lines
from orchest_tui.ui.half_blocks import PictureError, half_blocks, read_png

_WIDEST = 24
_PLACES = {"memory": "in memory", "disk": "on disk", "legacy": "in the project", "evicted": "evicted"}


def output_lines(entries: Sequence[OutputEntry], width: int, *, pictures: bool) -> list[Text]:
    """Return the outputs of one step as lines.

    Args:
        entries: The outputs.
        width: Cells of a line.
        pictures: Whether the terminal shows half blocks in colour.
    """
    if not entries:
        return [Text("The step has handed over nothing.", "dim")]
    lines: list[Text] = []
    for entry in entries:
        lines += [*_head(entry), *_body(entry.preview, width, pictures=pictures), *_origin(entry), Text("")]
    return lines[:-1]


def _head(entry: OutputEntry) -> list[Text]:
    preview = entry.preview
    name = "(unnamed)" if entry.name is None else plain(entry.name)
    words = [_shape(preview), human_bytes(entry.bytes), _PLACES[entry.location], human_time(entry.created)]
    head = Text(name, "bold")
    head.append(
        f"  {plain(str(preview.get('type', '')))}  " + ", ".join(word for word in words if word), "not bold dim"
    )
    return [head]


def _shape(preview: Mapping[str, Any]) -> str:
    shape = preview.get("shape")
    if isinstance(shape, list | tuple) and shape:
        return " x ".join(str(length) for length in shape)
    return f"{preview['length']} items" if isinstance(preview.get("length"), int) else ""


def _body(preview: Mapping[str, Any], width: int, *, pictures: bool) -> list[Text]:
    """Return picture, table or text, whichever tells most."""
    if isinstance(preview.get("png"), str):
        if not pictures:
            return [*_text(preview), Text("(a picture; this terminal can't show it)", "dim")]
        try:
            picture = read_png(base64.b64decode(preview["png"], validate=True))
        except (PictureError, binascii.Error) as error:
            return [*_text(preview), Text(f"(its picture can't be shown: {plain(str(error))})", "dim")]
        return half_blocks(picture, min(width, 100), 30)
    if isinstance(preview.get("columns"), list) and isinstance(preview.get("head"), list):
        return table_lines(preview["columns"], preview["head"], preview.get("index"), preview.get("dtypes"))
    return _text(preview)


def _text(preview: Mapping[str, Any]) -> list[Text]:
    return [Text(line) for line in plain_lines(str(preview.get("text", "")))]


def table_lines(columns: Sequence[Any], head: Sequence[Any], index: Any, dtypes: Any) -> list[Text]:
    """Return the first rows of a table with aligned columns.

    Args:
        columns: The columns' names.
        head: The first rows, each a list of strings.
        index: The rows' labels, None for none.
        dtypes: The columns' types, by name or in order; may be missing.
    """
    labels = [""] + [plain(str(label)) for label in index] if isinstance(index, list) else []
    rows = [[plain(str(cell)) for cell in row] for row in head if isinstance(row, list)]
    names = [plain(str(name)) for name in columns]
    table = [names, *(row[: len(names)] + [""] * (len(names) - len(row)) for row in rows)]
    if labels:
        table = [[label, *row] for label, row in zip(labels + [""] * len(table), table, strict=False)]
    widths = [min(_WIDEST, max(cell_len(row[place]) for row in table)) for place in range(len(table[0]))]
    lines = [
        Text("  ".join(set_cell_size(cell, cells) for cell, cells in zip(row, widths, strict=True)).rstrip())
        for row in table
    ]
    lines[0].stylize("bold")
    kinds = [str(kind) for kind in (dtypes.values() if isinstance(dtypes, dict) else dtypes or ())]
    if kinds:
        lines.append(Text("types: " + plain(", ".join(kinds)), "dim"))
    return lines


def _origin(entry: OutputEntry) -> list[Text]:
    """Return from what the output was made."""
    made = [f"run {plain(entry.run)}"] if entry.run else []
    parameters = entry.provenance.get("parameters")
    if isinstance(parameters, dict) and parameters:
        made.append(", ".join(f"{plain(str(name))}={plain(str(value))}" for name, value in parameters.items()))
    return [Text("made by " + ", ".join(made), "dim")] if made else []
