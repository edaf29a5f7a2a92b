"""Previews: what the screen shows of an output, told by the process that has the value.

The engine never unpickles, so this is all that it knows of a value. A preview is a dict of JSON data:

* ``type``: qualified name of the type; ``text``: the value in words, bounded; ``bytes``: the payload's size;
* ``shape``: list of int, for anything array-like; ``length``: number of elements or rows;
* ``columns``, ``dtypes``: names and types of a table's first hundred columns; of an array its one type in ``dtypes``;
* ``head``: first rows, lists of strings, one for each of the first columns; ``index``: their labels, where a table has
  any but numbers from 0;
* ``png``: base64 of a small picture of a figure or image.

It is at most 48 KiB of JSON and, but for pictures, is made in a few milliseconds: only the beginning of a value is
looked at, and no ``__repr__`` of a class that is not known to be cheap is called. One that fails says so and never
fails the output.
"""

from __future__ import annotations

import json
import sys
from itertools import islice
from typing import Any

from .bounded_repr import bounded_repr, cut, shape_of, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BYTES = 47 * 1024
"""Of a preview's JSON; a little below the 48 KiB that a reader accepts, for what the sender adds."""

_ROWS = 20
_COLUMNS = 40
_NAMED_COLUMNS = 100
_CELL = 80
_TEXT = 4096
_LINES = 40
_LEAST_WORTH = ("png", "head", "index", "columns", "dtypes", "text")


def preview(value: object) -> dict[str, Any]:
    """Return the preview of ``value``; never raises an ``Exception``."""
    described: dict[str, Any] = {"type": cut(type_name(value), _CELL * 2)}
    try:
        described.update(_describe(value))
    except Exception as error:  # a preview runs the values' own code, and is not worth failing a step for
        described["text"] = f"(no preview: {type(error).__name__})"
    return _bounded(described)


def _bounded(described: dict[str, Any]) -> dict[str, Any]:
    """Return the preview without what is too much of it."""
    for key in _LEAST_WORTH:
        if len(json.dumps(described)) <= MAX_BYTES:
            break
        described.pop(key, None)
    return described


def _describe(value: object) -> dict[str, Any]:
    for package, names, describe in _KNOWN:
        module = sys.modules.get(package)
        kinds = tuple(kind for kind in (getattr(module, name, None) for name in names) if isinstance(kind, type))
        if kinds and isinstance(value, kinds):
            return describe(value)
    if isinstance(value, str):
        return {"text": _first_lines(value), "length": len(value)}
    described: dict[str, Any] = {"text": bounded_repr(value, _TEXT)}
    shape = shape_of(value)
    if shape is not None:
        described["shape"] = shape
        if hasattr(value, "dtype"):
            described["dtypes"] = [cut(str(value.dtype), _CELL)]
    if isinstance(value, (list, tuple, dict, set, frozenset, bytes, bytearray)):
        described["length"] = len(value)
    if isinstance(value, (list, tuple)) and value and shape is None:
        described.update(_sequence(value))
    if isinstance(value, dict):
        described["columns"] = ["key", "type", "value"]
        described["head"] = [
            [_cell(key), type_name(item), cut(bounded_repr(item), _CELL)] for key, item in islice(value.items(), _ROWS)
        ]
    return described


def _sequence(value: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    """Return the first elements as rows: of equal short rows or records their cells, else type and value of each."""
    first = list(islice(value, _ROWS))
    if all(type(item) is dict and 0 < len(item) <= _COLUMNS for item in first):
        names = list(dict.fromkeys(name for item in first for name in item))
        if all(type(name) is str for name in names) and len(names) <= _COLUMNS:
            rows = [[_cell(item[name]) if name in item else "" for name in names] for item in first]
            return {"columns": [_cell(name) for name in names], "head": rows}
    if all(type(item) in (list, tuple) and 0 < len(item) <= _COLUMNS for item in first):
        width = len(first[0])
        if all(len(item) == width for item in first):
            return {"head": [[_cell(cell) for cell in item] for item in first]}
    return {
        "columns": ["type", "value"],
        "head": [[type_name(item), cut(bounded_repr(item), _CELL)] for item in first],
        "index": [str(place) for place in range(len(first))],
    }


def _first_lines(text: str) -> str:
    beginning = text[: _TEXT * 2]
    return cut("\n".join(beginning.split("\n", _LINES)[:_LINES]), _TEXT)


def _cell(value: object) -> str:
    """Return what stands in a table's cell."""
    if isinstance(value, str):
        return cut(value[: _CELL * 2], _CELL)
    if type(value) is float:
        return f"{value:.6g}"
    return cut(bounded_repr(value, _CELL * 2), _CELL)


def _table(rows: int, columns: Iterable[tuple[object, object]], cells: Iterable[Iterable[object]]) -> dict[str, Any]:
    """Return the preview of a table.

    Args:
        rows: How many it has.
        columns: Names and types of all its columns.
        cells: The first rows of the first columns.
    """
    listed = list(columns)
    return {
        "text": f"{rows:,} rows x {len(listed):,} columns",
        "shape": [rows, len(listed)],
        "length": rows,
        "columns": [_cell(name) for name, _ in listed[:_NAMED_COLUMNS]],
        "dtypes": [cut(str(kind), _CELL) for _, kind in listed[:_NAMED_COLUMNS]],
        "head": [[_cell(cell) for cell in row] for row in cells],
    }


def _pandas_frame(frame: Any) -> dict[str, Any]:
    head = frame.iloc[:_ROWS, :_COLUMNS]
    described = _table(
        len(frame),
        zip(frame.columns, frame.dtypes),
        zip(*(head.iloc[:, position].tolist() for position in range(head.shape[1]))),
    )
    return {**described, **_pandas_index(frame.index)}


def _pandas_series(series: Any) -> dict[str, Any]:
    described = _table(len(series), [(series.name, series.dtype)], ([item] for item in series.iloc[:_ROWS].tolist()))
    return {**described, "shape": [len(series)], "text": f"{len(series):,} values", **_pandas_index(series.index)}


def _pandas_index(index: Any) -> dict[str, Any]:
    if type(index).__name__ == "RangeIndex":
        return {}
    return {"index": [_cell(label) for label in index[:_ROWS].tolist()]}


def _arrow_table(table: Any) -> dict[str, Any]:
    head = table.slice(0, _ROWS).select(list(range(min(table.num_columns, _COLUMNS))))
    schema = [(field.name, field.type) for field in table.schema]
    return _table(table.num_rows, schema, zip(*(column.to_pylist() for column in head.columns)))


def _polars_frame(frame: Any) -> dict[str, Any]:
    head = frame[:_ROWS, : min(frame.width, _COLUMNS)]
    return _table(frame.height, zip(frame.columns, frame.dtypes), head.rows())


def _numpy_array(array: Any) -> dict[str, Any]:
    described: dict[str, Any] = {"shape": list(array.shape), "dtypes": [cut(str(array.dtype), _CELL)]}
    if array.ndim == 0:
        return {**described, "text": _cell(array.item())}
    corner = array[(slice(0, _ROWS),) + (slice(0, _COLUMNS),) * (array.ndim - 1)]
    while corner.ndim > 2:  # the first page of a book of tables
        corner = corner[0]
    rows = corner.tolist() if corner.ndim == 2 else [[item] for item in corner.tolist()]
    text = " x ".join(f"{extent:,}" for extent in array.shape)
    return {**described, "text": text, "length": len(array), "head": [[_cell(item) for item in row] for row in rows]}


def _picture(value: Any) -> dict[str, Any]:
    from . import thumbnails

    return thumbnails.describe(value)


_KNOWN = (
    ("pandas", ("DataFrame",), _pandas_frame),
    ("pandas", ("Series",), _pandas_series),
    ("numpy", ("ndarray",), _numpy_array),
    ("pyarrow", ("Table", "RecordBatch"), _arrow_table),
    ("polars", ("DataFrame",), _polars_frame),
    ("matplotlib.figure", ("Figure",), _picture),
    ("PIL.Image", ("Image",), _picture),
)
"""Package (looked at only where the step has imported it), names of types in it, and who describes them."""
