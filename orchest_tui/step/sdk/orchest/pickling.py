"""Turning a value into parts and back: a protocol-5 pickle stream, and beside it the buffers that need no copy.

Functions, closures and classes of the step's own script travel by value (cloudpickle), what stands in an importable
module by reference. Arrays always come back writable. Big arrays and Arrow data become buffers of their own, which the
reader maps; an array of Python strings becomes Arrow buffers (``strings.py``).
"""

from __future__ import annotations

import operator
import pickle
import sys
from typing import Any, NamedTuple

import cloudpickle

from . import classes, strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

_SMALL = 4096
"""Bytes: a buffer below this goes into the stream, where it costs less than a part of its own."""

_PROTOCOL = 5
_HOST_PACKAGE = "orchest_tui.step.sdk.orchest."
_STEP_PACKAGE = "orchest."


class Part(NamedTuple):
    """One part of a segment.

    Attributes:
        kind: ``pickle``, ``buffer`` or ``arrow``.
        pieces: Its bytes, in order.
        length: How many bytes they are together.
    """

    kind: str
    pieces: list[bytes | memoryview]
    length: int


class _Stream:
    """A file to pickle into that keeps what it is given, so that big ``bytes`` are not copied."""

    def __init__(self) -> None:
        self.pieces: list[bytes | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> int:
        view = memoryview(data)
        self.pieces.append(view)
        return len(view)


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Pickles with buffers out of band and says which of them are Arrow's."""

    def __init__(self, stream: _Stream) -> None:
        super().__init__(stream, protocol=_PROTOCOL, buffer_callback=self._keep)
        self.buffers: list[Part] = []
        self._arrow: list[pickle.PickleBuffer] = []

    def _keep(self, buffer: pickle.PickleBuffer) -> bool:
        """Take a buffer out of band (false) unless it is small or scattered."""
        try:
            view = buffer.raw()
        except BufferError:  # not contiguous: pickle says so in its own words
            return True
        if len(view) < _SMALL:
            return True
        kind = "arrow" if any(buffer is one for one in self._arrow) else "buffer"
        self.buffers.append(Part(kind, [view], len(view)))
        return False

    def reducer_override(self, value: Any) -> Any:
        """Reduce what travels better in our way than in its own."""
        numpy = sys.modules.get("numpy")
        if numpy is not None and type(value) is numpy.ndarray:
            return self._reduce_array(value)
        arrow = sys.modules.get("pyarrow")
        if arrow is not None and type(value) in (arrow.Table, arrow.RecordBatch):
            return _compacted(value).__reduce_ex__(_PROTOCOL)
        if isinstance(value, type):
            classes.give_stable_identity(value)
        return super().reducer_override(value)

    def _reduce_array(self, array: Any) -> Any:
        if array.dtype.kind == "O":
            reduced = strings.reduce_array(array)
            if reduced is None:
                return NotImplemented
            restore, arguments = reduced
            self._arrow[:] = [one for one in arguments if isinstance(one, pickle.PickleBuffer)]
            return restore, arguments
        if array.dtype.hasobject or not array.size:
            return NotImplemented
        return _reduce_plain_array(array)


def _reduce_plain_array(array: Any) -> Any:
    """Reduce an array without objects so that its memory is taken as it is, and comes back writable."""
    import numpy

    if array.nbytes >= _SMALL:
        if array.dtype.kind in "mM":  # no buffer may hold these; their bits may
            return operator.methodcaller("view", array.dtype), (array.view("i8"),)
        if not (array.flags.c_contiguous or array.flags.f_contiguous):
            return numpy.ascontiguousarray(array).__reduce_ex__(_PROTOCOL)
    if array.flags.writeable or not (array.flags.c_contiguous or array.flags.f_contiguous):
        return NotImplemented
    flat = numpy.asarray(_WritableAlias(array.ravel(order="K").view("u1")))
    order = "C" if array.flags.c_contiguous else "F"
    return flat.view(array.dtype).reshape(array.shape, order=order).__reduce_ex__(_PROTOCOL)


class _WritableAlias:
    """Bytes of an array declared writable, only to be pickled as such; nothing writes to them here.

    A read-only array often is so by accident (pandas hands out its columns like that), and its reader has a copy of
    its own anyway.
    """

    def __init__(self, flat: Any) -> None:
        self._flat = flat
        self.__array_interface__ = {**flat.__array_interface__, "data": (flat.ctypes.data, False)}


def _compacted(table: Any) -> Any:
    """Return an Arrow table or batch without what lies outside of it: a slice refers to all of its parent's memory."""
    if table.get_total_buffer_size() <= 2 * table.nbytes + _SMALL:
        return table
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)
    reader = pyarrow.ipc.open_stream(sink.getvalue())
    return reader.read_all() if isinstance(table, pyarrow.Table) else reader.read_next_batch()


def dump(value: object) -> list[Part]:
    """Return ``value`` as the parts of a segment; they refer to the value's own memory.

    Raises:
        Exception: Whatever a value raises that can't be pickled: PicklingError, TypeError, AttributeError, or anything
            that its own reducing methods raise.
    """
    stream = _Stream()
    pickler = _Pickler(stream)
    pickler.dump(value)
    length = sum(len(piece) for piece in stream.pieces)
    return [Part("pickle", stream.pieces, length), *pickler.buffers]


class _Unpickler(pickle.Unpickler):
    """Finds what was pickled under names that differ here."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        if module_name.startswith(_HOST_PACKAGE):
            module_name = _STEP_PACKAGE + module_name[len(_HOST_PACKAGE) :]
        if module_name.startswith(_STEP_PACKAGE):  # this package, whatever it is called here
            module_name = __name__.rpartition(".")[0] + module_name[len(_STEP_PACKAGE) - 1 :]
        try:
            return super().find_class(module_name, global_name)
        except ModuleNotFoundError:
            # numpy 2 renamed its core; steps in environments with different versions still understand each other
            if module_name.startswith("numpy._core"):
                return super().find_class("numpy.core" + module_name[len("numpy._core") :], global_name)
            raise


def load(stream: BinaryIO, buffers: Iterable[memoryview]) -> object:
    """Return the value of a stream that ``dump`` made, given its buffers in order.

    Raises:
        Exception: Whatever unpickling raises.
    """
    return _Unpickler(stream, buffers=buffers).load()
