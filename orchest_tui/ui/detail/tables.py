"""The first rows of a table, an array or a collection, with aligned columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from orchest_tui.terminal_text import plain

_WIDEST = 32
_NUMBERS = ("int", "uint", "float", "double", "decimal", "complex")


def table_lines(preview: Mapping[str, Any]) -> list[Text]:
    """Return the first rows of a value: names, types and rows of its columns, and how many rows and columns there are.

    Nothing of the preview is taken for granted but that ``head`` is a list of lists.

    Args:
        preview: What the step's process said about the value; see ``orchest.previews``.
    """
    rows = [[plain(str(cell)) for cell in row] for row in preview["head"]]
    width = max((len(row) for row in rows), default=0)
    names = [plain(str(name)) for name in _listed(preview.get("columns"))][:width]
    kinds = [plain(str(kind)) for kind in _listed(preview.get("dtypes"))]
    if len(kinds) == 1:
        kinds *= width  # an array has one type
    elif names:
        kinds = kinds[:width]
    right = [kind.lower().startswith(_NUMBERS) for kind in kinds]
    heads = [(names, "bold")] if names else []
    if names and kinds:
        heads.append((kinds, "dim"))
    labels = [plain(str(label)) for label in _listed(preview.get("index"))]
    lines = _aligned(rows, heads, labels, right, width)
    return [*lines, *_rest(preview, len(rows), width)]


def _listed(value: object) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list | tuple) else ()


def _aligned(
    rows: list[list[str]], heads: list[tuple[list[str], str]], labels: list[str], right: list[bool], width: int
) -> list[Text]:
    """Return heads and rows with every column as wide as its widest cell, up to a limit."""
    table = [*(head for head, _ in heads), *rows]
    table = [[*row, *[""] * (width - len(row))] for row in table]
    columns = [min(_WIDEST, max(cell_len(row[place]) for row in table)) for place in range(width)]
    right = [*right, *[False] * width]
    numbers = [*[""] * len(heads), *labels, *[""] * len(rows)]
    label_cells = min(_WIDEST, max(map(cell_len, labels), default=0))
    lines = []
    for place, row in enumerate(table):
        cells = [_cell(text, cells, right=on_right) for text, cells, on_right in zip(row, columns, right, strict=False)]
        line = Text(no_wrap=True, end="")
        if labels:
            line.append(_cell(numbers[place], label_cells) + "  ", "dim")
        line.append("  ".join(cells).rstrip())
        if place < len(heads):
            line.stylize(heads[place][1])
        lines.append(line)
    return lines


def _cell(text: str, cells: int, *, right: bool = False) -> str:
    """Return a cell's text in so many cells; one that is cut ends in an ellipsis."""
    if cell_len(text) > cells:
        return set_cell_size(text, cells - 1) + "…"
    return " " * (cells - cell_len(text)) + text if right else set_cell_size(text, cells)


def _rest(preview: Mapping[str, Any], rows: int, columns: int) -> list[Text]:
    """Return how much there is beyond what is shown."""
    length, shape = preview.get("length"), preview.get("shape")
    more = []
    if isinstance(length, int) and length > rows:
        more.append(f"{length:,} rows in all")
    if isinstance(shape, list | tuple) and len(shape) > 1 and isinstance(shape[1], int) and shape[1] > columns:
        more.append(f"{shape[1]:,} columns in all")
    return [Text("… " + ", ".join(more), "dim")] if more else []
