"""Digests of payloads: equal values have equal digests, whatever the name, the run or the time.

xxh3-128 at memory speed. The file is read into a small buffer that stays in the processor's cache, which is as fast as
a mapping of it; and unlike a mapping it can't kill the engine with SIGBUS when a step truncates its own file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from orchest_tui.cache.entry import Kind, OutputError

_CHUNK = 1 << 20


def payload_digest(path: Path, kind: Kind) -> str:
    """Return the xxh3-128 of a payload as 32 hex digits.

    Of a segment the parts count, each with its kind and length, and neither the header (name, time) nor the padding
    between them; a legacy payload counts whole.

    Raises:
        FileNotFoundError: The file is gone.
        OutputError: It is no regular file, no whole segment, or can't be read.
    """
    import xxhash

    digest = xxhash.xxh3_128()
    with open_payload(path) as file:
        size = os.fstat(file.fileno()).st_size
        parts = [("legacy", 0, size)] if kind == "legacy" else _segment_parts(path, size)
        for label, offset, length in parts:
            digest.update(f"{label}:{length};".encode())
            for chunk in _chunks(file, path, offset, length):
                digest.update(chunk)
    return digest.hexdigest()


def open_payload(path: Path) -> FileIO:
    """Open a payload that a step's process made, without following a link or waiting for a pipe's other end.

    Raises:
        FileNotFoundError: The file is gone.
        OutputError: It is no regular file or can't be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise OutputError(f"The output {path} can't be opened: {error.strerror}.") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OutputError(f"The output {path} is not a regular file.")
    return os.fdopen(descriptor, "rb", buffering=0)


def _segment_parts(path: Path, size: int) -> list[tuple[str, int, int]]:
    """Return kind, offset and length of a segment's parts."""
    from orchest_tui.cache.files import segment_header

    parts = [(str(part["kind"]), int(part["offset"]), int(part["length"])) for part in segment_header(path)["parts"]]
    if sum(length for _, _, length in parts) > size:
        raise _not_whole(path)
    return parts


def _chunks(file: FileIO, path: Path, offset: int, length: int) -> Iterator[memoryview]:
    """Yield ``length`` bytes of the file from ``offset`` on, each piece valid until the next."""
    buffer = memoryview(bytearray(min(_CHUNK, length)))
    file.seek(offset)
    while length:
        count = file.readinto(buffer[:length])
        if not count:
            raise _not_whole(path)
        yield buffer[:count]
        length -= count


def _not_whole(path: Path) -> OutputError:
    return OutputError(f"The output {path} is not whole.", "Run its step again.")
