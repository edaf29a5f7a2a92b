"""Outputs on disk as Orchest's own SDK writes and reads them, so that both can work in one pipeline.

A step's folder has ``HEAD``, one line without its end: ``<UTC, ISO 8601, seconds>; <serialization>; <name>``, with
``unnamed`` for an output without a name; and the payload, ``<step uuid>.<serialization>``. The serialization is
``PICKLE`` (protocol 4, which the Pythons of Orchest's images read), ``ARROW_TABLE`` or ``ARROW_BATCH`` (Arrow IPC
streams). The format has room for one output of a step.
"""

from __future__ import annotations

import io
import os
import sys
import time
from enum import Enum
from typing import Any, NamedTuple

from . import writing
from .config import Config
from .error import DiskOutputNotFoundError, InvalidMetaDataError, SerializationError

_PICKLE_PROTOCOL = 4
_MAX_HEAD = 64 << 10


class Serialization(Enum):
    """What a payload on disk is; the values are part of Orchest's interface."""

    ARROW_TABLE = 0
    ARROW_BATCH = 1
    PICKLE = 2


class Stored(NamedTuple):
    """An output on disk.

    Attributes:
        path: Its payload.
        name: None for an unnamed one.
        serialization: What the payload is.
        bytes: Its size.
    """

    path: str
    name: str | None
    serialization: Serialization
    bytes: int


def serialization_of(value: object) -> Serialization:
    """Return how Orchest serialises ``value``."""
    arrow = sys.modules.get("pyarrow")
    if arrow is not None and isinstance(value, arrow.Table):
        return Serialization.ARROW_TABLE
    if arrow is not None and isinstance(value, arrow.RecordBatch):
        return Serialization.ARROW_BATCH
    return Serialization.PICKLE


def write(value: object, name: str | None, step: str, serialization: Serialization, keep: bool = False) -> Stored:
    """Write ``value`` as the step's output on disk, in place of the last one.

    Args:
        value: The value.
        name: The output's name.
        step: The step's uuid.
        serialization: What to write it as.
        keep: Also keep the payload under a name of its own (a hard link), where the next output of the step does not
            replace it; the returned path is that one then.

    Raises:
        SerializationError: ``value`` is nothing that ``serialization`` can hold.
        NoRoomError: The disk is full.
        OSError: The folder can't be written.
        Exception: Whatever pickling the value raises.
    """
    payload = _serialized(value, serialization)
    folder = Config.get_step_data_dir(step)
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{step}.{serialization.name}")
    size = writing.write_file([payload], path).bytes
    head = Config.__METADATA_SEPARATOR__.join(
        (
            time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
            serialization.name,
            Config._RESERVED_UNNAMED_OUTPUTS_STR if name is None else name,
        )
    )
    writing.write_file([head.encode("utf-8")], os.path.join(folder, "HEAD"))
    return Stored(_linked(path, name) if keep else path, name, serialization, size)


def _linked(path: str, name: str | None) -> str:
    """Return another path of the same file, one for each output name."""
    import hashlib

    digest = "_" if name is None else hashlib.sha256(name.encode("utf-8")).hexdigest()[:16]
    stem, kind = os.path.splitext(path)
    own = f"{stem}.{digest}{kind}"
    beside = writing.temporary_name(own)
    try:
        os.link(path, beside)
    except OSError:  # a file system without links
        import shutil

        shutil.copyfile(path, beside)
    os.replace(beside, own)
    return own


def _serialized(value: object, serialization: Serialization) -> memoryview:
    if serialization is Serialization.PICKLE:
        import cloudpickle

        stream = io.BytesIO()
        cloudpickle.Pickler(stream, protocol=_PICKLE_PROTOCOL).dump(value)
        return stream.getbuffer()
    if serialization is not serialization_of(value):
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise SerializationError(f"A {kind} can't be written as {serialization.name}: leave serialization out.")
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    table: Any = value
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)
    return memoryview(sink.getvalue())


def find(step: str) -> Stored | None:
    """Return the step's output on disk, None where it has none.

    Raises:
        InvalidMetaDataError: Its description can't be understood.
        DiskOutputNotFoundError: It is described, but its payload is gone.
    """
    folder = Config.get_step_data_dir(step)
    head = os.path.join(folder, "HEAD")
    try:
        with open(head, encoding="utf-8") as file:
            fields = file.read(_MAX_HEAD).split(Config.__METADATA_SEPARATOR__)
        _, kind, name = fields
        serialization = Serialization[kind]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise InvalidMetaDataError(f"The description of an output on disk, {head}, can't be understood.") from error
    path = os.path.join(folder, f"{step}.{serialization.name}")
    try:
        size = os.stat(path).st_size
    except OSError as error:
        raise DiskOutputNotFoundError(f"The output on disk {path} is gone.") from error
    unnamed = name == Config._RESERVED_UNNAMED_OUTPUTS_STR
    return Stored(path, None if unnamed else name, serialization, size)


def read(path: str, serialization: str | None) -> object:
    """Return the value of a payload.

    Raises:
        OSError: It can't be opened; FileNotFoundError where it is gone.
        Exception: Whatever unpickling or Arrow raises.
    """
    if serialization in (None, Serialization.PICKLE.name):
        from .pickling import load

        with open(path, "rb") as file:
            return load(file, ())
    import pyarrow

    with pyarrow.memory_map(path) as source, pyarrow.ipc.open_stream(source) as reader:
        return reader.read_all() if serialization == Serialization.ARROW_TABLE.name else reader.read_next_batch()
