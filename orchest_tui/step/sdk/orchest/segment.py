"""Segments: the file format of outputs, and its only home.

A segment is one value, laid out so that its reader maps it instead of copying it. Little-endian throughout::

    magic      8 bytes   ``ORCSEG01``
    length     u32       of the header in bytes
    reserved   u32       0
    header     JSON, UTF-8
    padding    zeros, up to a multiple of 64
    parts      one after the other, each starting at a multiple of 64, zeros between them

The header is an object with ``version`` (1), ``name`` (null when unnamed), ``step``, ``created`` (Unix seconds),
``python`` (``3.11``), ``type`` (qualified name of the value's type) and ``parts``: objects with ``kind``, ``offset``
and ``length`` in bytes. In the file an offset counts from the first part, so that it does not depend on the header's
size; ``read_header`` gives offsets from the start of the file. The first part is a protocol-5 ``pickle`` stream, the
others are its out-of-band buffers in order: ``buffer``, or ``arrow`` where they belong to an array of strings.

Reading a header imports next to nothing and never unpickles, so that the host may do it.
"""

from __future__ import annotations

import json
import os
import stat
import struct
import sys
import time
from operator import index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .pickling import Part
    from .writing import Written

VERSION = 1
SUFFIX = ".seg"

_MAGIC = b"ORCSEG01"
_PREFIX = struct.Struct("<8sII")
_ALIGNMENT = 64
_MAX_HEADER = 64 << 20
_SAFE_NAME_LENGTH = 60


class SegmentError(ValueError):
    """A file is no whole segment; the message tells why, without its path."""


def file_name(name: str | None) -> str:
    """Return a new file name for an output: ``<safe name>.<random>.seg``, ``_`` for an unnamed one."""
    if name is None:
        safe = "_"
    else:
        kept = (char if (char.isascii() and char.isalnum()) or char == "_" else "-" for char in name)
        safe = "".join(kept)[:_SAFE_NAME_LENGTH] or "-"
    return f"{safe}.{os.urandom(8).hex()}{SUFFIX}"


def write_segment(  # noqa: PLR0913 - what a segment is, and where it may go
    value: object,
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    step: str = "",
    spill: str | os.PathLike[str] | None = None,
    recycle: Sequence[str] = (),
) -> Written:
    """Write ``value`` as a segment: whole under ``path``, or not at all.

    Args:
        value: Anything that cloudpickle can pickle.
        path: The file to make or replace.
        name: The output's name, None for an unnamed one.
        step: The uuid of the step that hands it over.
        spill: The file to make instead where ``path``'s file system has no room, None for nowhere.
        recycle: Names of files in ``path``'s folder that nobody needs any more; a big segment takes over the memory of
            the one that fits best, which is gone then.

    Raises:
        NoRoomError: It fits neither place.
        OSError: A folder can't be written.
        Exception: Whatever pickling the value raises.
    """
    from .pickling import dump
    from .writing import write_file

    parts = dump(value)
    kind = type(value)
    header = {
        "version": VERSION,
        "name": name,
        "step": step,
        "created": time.time(),
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "type": f"{kind.__module__}.{kind.__qualname__}",
    }
    return write_file(
        _lay_out(header, parts),
        os.fspath(path),
        None if spill is None else os.fspath(spill),
        recycle,
    )


def _lay_out(header: dict[str, Any], parts: Sequence[Part]) -> list[bytes | memoryview]:
    """Return the pieces of the file, in order."""
    described = []
    payload: list[bytes | memoryview] = []
    end = 0
    for part in parts:
        offset = _aligned(end)
        payload.append(bytes(offset - end))
        payload.extend(part.pieces)
        end = offset + part.length
        described.append({"kind": part.kind, "offset": offset, "length": part.length})
    text = json.dumps({**header, "parts": described}).encode()
    start = _PREFIX.pack(_MAGIC, len(text), 0) + text
    return [start + bytes(_aligned(len(start)) - len(start)), *payload]


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT


def read_header(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return a segment's header, with the parts' offsets counted from the start of the file.

    Every part lies within the file. ``step``, ``name`` and ``type`` are as the writer put them and may lie.

    Raises:
        SegmentError: It is no whole segment.
        OSError: It can't be opened; FileNotFoundError where it is not there.
    """
    descriptor = _open(path)
    try:
        return _parse_header(descriptor)
    finally:
        os.close(descriptor)


def read_segment(path: str | os.PathLike[str]) -> object:
    """Return the value of a segment, its buffers mapped copy-on-write: writable, and no change reaches the file.

    The mapping lives as long as anything of the value uses it; the file may be removed or replaced meanwhile.

    Raises:
        SegmentError: It is no whole segment.
        OSError: It can't be opened; FileNotFoundError where it is not there.
        Exception: Whatever unpickling raises: a module that is missing here, a class that is gone.
    """
    from .pickling import load

    descriptor = _open(path)
    with open(descriptor, "rb") as file:
        parts = _parse_header(descriptor)["parts"]
        if not parts or parts[0]["kind"] != "pickle":
            raise SegmentError("its first part is no pickle")
        buffers = list(_map_parts(descriptor, parts[1:]))
        file.seek(parts[0]["offset"])
        return load(file, buffers)


def _open(path: str | os.PathLike[str]) -> int:
    """Open a file that others may have put there: no link is followed, a pipe does not block.

    Raises:
        SegmentError: It is no regular file.
        OSError: It can't be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SegmentError("it is not a regular file")
    return descriptor


def _parse_header(descriptor: int) -> dict[str, Any]:
    """Return the checked header of the file that is open as ``descriptor``.

    Raises:
        SegmentError: It is no whole segment.
    """
    size = os.fstat(descriptor).st_size
    prefix = os.pread(descriptor, _PREFIX.size, 0)
    if len(prefix) < _PREFIX.size or not prefix.startswith(_MAGIC):
        raise SegmentError("it is not a segment")
    _, length, _ = _PREFIX.unpack(prefix)
    start = _aligned(_PREFIX.size + length)
    if start > size or length > _MAX_HEADER:
        raise SegmentError("its header is cut short")
    try:
        header = json.loads(os.pread(descriptor, length, _PREFIX.size))
        version = header["version"]
        parts = [(part["kind"], index(part["offset"]), index(part["length"])) for part in header["parts"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SegmentError("its header can't be understood") from error
    if version != VERSION:
        raise SegmentError(f"it has format version {version!r}, this program reads {VERSION}")
    for _, offset, extent in parts:
        if offset < 0 or extent < 0 or start + offset + extent > size:
            raise SegmentError("it is cut short")
    header["parts"] = [{"kind": kind, "offset": start + offset, "length": extent} for kind, offset, extent in parts]
    return dict(header)


def _map_parts(descriptor: int, parts: Sequence[dict[str, Any]]) -> Iterator[memoryview]:
    """Yield the parts as writable views of one private mapping; the views keep it alive."""
    if not parts:
        return
    import mmap

    # a private mapping bigger than the machine's memory is fine as long as only little of it is written to
    flags = mmap.MAP_PRIVATE | getattr(mmap, "MAP_NORESERVE", 0)
    view = memoryview(mmap.mmap(descriptor, 0, flags=flags, prot=mmap.PROT_READ | mmap.PROT_WRITE))
    for part in parts:
        yield view[part["offset"] : part["offset"] + part["length"]]
