"""Arrays of Python strings as Arrow buffers: ten times faster than pickling each of them.

Only arrays whose elements all *are* ``str`` or None travel so, and they come back as they were: an object array of the
same shape and order, of ``str`` and None. A subclass of ``str``, a NaN or a lone surrogate leaves the array to pickle.
Writing needs pyarrow; reading does without it, more slowly.
"""

from __future__ import annotations

import operator
import pickle
import sys
from typing import Any

_WORTHWHILE = 1000
"""Elements: below this, pickle is as fast."""

_WORTH_IMPORT = 200_000
"""Elements: below this, importing pyarrow would take longer than it saves."""


def reduce_array(array: Any) -> tuple[Any, tuple[Any, ...]] | None:
    """Return how to pickle an object array of strings (a function and its arguments), None where it is not one.

    The arguments are shape, order (``C`` or ``F``), and the buffers of an Arrow large string array: 64-bit offsets,
    UTF-8 data, and the validity bitmap, None where there is no None.
    """
    pyarrow = _arrow(array.size) if array.size >= _WORTHWHILE else None
    if pyarrow is None:
        return None
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    elements = array.ravel(order=order).tolist()
    if not _all_exact(elements):
        return None
    try:
        column = pyarrow.array(elements, type=pyarrow.large_string())
    except UnicodeEncodeError:
        return None
    validity, offsets, data = column.buffers()
    buffers = [None if one is None else pickle.PickleBuffer(one) for one in (offsets, data, validity)]
    return restore_array, (array.shape, order, *buffers)


def _all_exact(elements: list[Any]) -> bool:
    """Tell whether every element is ``str`` or None, not merely an instance of one."""
    if type(elements[0]) not in (str, type(None)):
        return False
    count = operator.countOf(map(type, elements), str)
    return count == len(elements) or count + operator.countOf(map(type, elements), type(None)) == len(elements)


def _arrow(count: int) -> Any:
    """Return pyarrow if it is worth it for ``count`` strings; None where it is not, or can't be imported.

    An environment may lack it, or have a release that does not fit its numpy.
    """
    if "pyarrow" not in sys.modules and count < _WORTH_IMPORT:
        return None
    try:
        import pyarrow
    except ImportError:
        return None
    return pyarrow


def restore_array(shape: tuple[int, ...], order: Any, offsets: Any, data: Any, validity: Any) -> Any:
    """Return the object array that ``reduce_array`` took apart."""
    import numpy

    count = 1
    for extent in shape:
        count *= extent
    pyarrow = _arrow(count)
    if pyarrow is not None:
        flat = _decode_with_arrow(pyarrow, count, offsets, data, validity)
    else:
        flat = numpy.empty(count, dtype=object)
        flat[:] = _decode(count, offsets, data, validity)
    return flat.reshape(shape, order=order)


def _decode_with_arrow(pyarrow: Any, count: int, offsets: Any, data: Any, validity: Any) -> Any:
    buffers = [None if one is None else pyarrow.py_buffer(one) for one in (validity, offsets, data)]
    column = pyarrow.Array.from_buffers(pyarrow.large_string(), count, buffers)
    column.validate(full=True)  # decoding trusts the offsets, a damaged file must not crash the step
    return column.to_numpy(zero_copy_only=False)


def _decode(count: int, offsets: Any, data: Any, validity: Any) -> list[str | None]:
    ends = memoryview(offsets).cast("B").cast("q")
    text = memoryview(data)
    present = None if validity is None else memoryview(validity).cast("B")
    return [
        None
        if present is not None and not present[index >> 3] >> (index & 7) & 1
        else str(text[ends[index] : ends[index + 1]], "utf-8")
        for index in range(count)
    ]
