"""PNG files (ISO/IEC 15948) as pixels, in Python alone.

They come from a step's process or a notebook, so every length is checked and nothing larger than ``MAX_PIXELS`` is
unpacked. A picture of 640 x 480 takes about 0.2 s at the worst: read it in a thread.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

MAX_PIXELS = 2_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Colour type → values of a pixel."""

_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""Colour type → bits that a value may have."""


class PictureError(ValueError):
    """The bytes are no picture that can be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels as rows of RGB triples, three bytes each."""

    width: int
    height: int
    rows: tuple[bytes, ...]

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """Return one pixel."""
        red, green, blue = self.rows[y][3 * x : 3 * x + 3]
        return red, green, blue


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    depth: int
    colour: int
    interlaced: int

    @property
    def stride(self) -> int:
        """Bytes of a line without its filter's number."""
        return (self.width * _CHANNELS[self.colour] * self.depth + 7) // 8


def png_size(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels of the picture in ``data``, after a check that it is whole.

    Raises:
        PictureError: It is no PNG, one of no or very many pixels, or damaged.
    """
    header, _, _ = _unpack(data)
    return header.width, header.height


def read_png(data: bytes) -> Picture:
    """Return the picture in ``data``; transparency is laid on white.

    Raises:
        PictureError: It is no PNG, of a kind that is not known here, too large, or damaged.
    """
    header, found, raw = _unpack(data)
    if header.interlaced:
        raise PictureError("interlaced PNG is not known here")
    to_rgb = _converter(header, found.get(b"PLTE", b""), found.get(b"tRNS", b""))
    step = max(1, _CHANNELS[header.colour] * header.depth // 8)
    return Picture(header.width, header.height, tuple(map(to_rgb, _unfiltered(raw, header.stride, step))))


def _unpack(data: bytes) -> tuple[_Header, dict[bytes, bytes], bytes]:
    """Return the header, the other chunks by kind, and the lines before their filters are undone."""
    found: dict[bytes, bytes] = {}
    packed = []
    for kind, content in _chunks(data):
        if kind == b"IDAT":
            packed.append(content)
        else:
            found.setdefault(kind, content)
    header = _header(found.get(b"IHDR", b""))
    size = (header.stride + 1) * header.height
    try:
        # Seven interlaced passes have a few lines more, each with a byte for its filter.
        raw = zlib.decompressobj().decompress(b"".join(packed), size * (2 if header.interlaced else 1))
    except zlib.error as error:
        raise PictureError(str(error)) from error
    if len(raw) < size:
        raise PictureError("it is cut off")
    return header, found, raw


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(_SIGNATURE):
        raise PictureError("it is no PNG")
    place = len(_SIGNATURE)
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        end = place + 8 + length
        if zlib.crc32(data[place + 4 : end]).to_bytes(4, "big") != data[end : end + 4]:
            raise PictureError("it is damaged")
        yield data[place + 4 : place + 8], data[place + 8 : end]
        place = end + 4


def _header(content: bytes) -> _Header:
    if len(content) != 13:
        raise PictureError("it has no header")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", content)
    if depth not in _DEPTHS.get(colour, ()):
        raise PictureError(f"PNG of {depth} bits, colour type {colour} is not known here")
    if not 0 < width * height <= MAX_PIXELS:
        raise PictureError(f"it has {width} x {height} pixels")
    return _Header(width, height, depth, colour, interlaced)


# -- filters (chapter 9 of the standard) ----------------------------------------------------------------------------


def _unfiltered(raw: bytes, stride: int, step: int) -> Iterator[bytes]:
    """Yield the lines with their filter undone.

    Args:
        raw: The lines, each after the number of its filter.
        stride: Bytes of a line.
        step: Bytes from a value to the same one of the next pixel.
    """
    above = bytes(stride)
    for start in range(0, len(raw), stride + 1):
        kind, line = raw[start], raw[start + 1 : start + 1 + stride]
        if kind in {2, 4} and not any(line):
            line = above  # nothing differs from the line above; a white margin is mostly this
        elif kind == 2:
            line = bytes([(value + up) & 255 for value, up in zip(line, above, strict=True)])
        elif kind in _UNDO:
            undo, undone = _UNDO[kind], bytearray(stride)
            for at in range(min(step, stride)):
                undone[at::step] = bytes(undo(line[at::step], above[at::step]))
            line = bytes(undone)
        elif kind:
            raise PictureError(f"there is no filter {kind}")
        yield line
        above = line


def _left(line: bytes, above: bytes) -> list[int]:  # noqa: ARG001 (one of several)
    return [value & 255 for value in accumulate(line)]


def _average(line: bytes, above: bytes) -> list[int]:
    found = []
    left = 0
    for value, up in zip(line, above, strict=True):
        left = (value + ((left + up) >> 1)) & 255
        found.append(left)
    return found


def _nearest(line: bytes, above: bytes) -> list[int]:
    found = []
    left = corner = 0
    for value, up in zip(line, above, strict=True):
        to_left = up - corner  # distances of left + up - corner from each of the three
        to_up = left - corner
        to_corner = to_left + to_up
        if to_left < 0:
            to_left = -to_left
        if to_up < 0:
            to_up = -to_up
        if to_corner < 0:
            to_corner = -to_corner
        if to_left > to_up or to_left > to_corner:
            left = up if to_up <= to_corner else corner
        corner = up
        left = (value + left) & 255
        found.append(left)
    return found


_UNDO: Mapping[int, Callable[[bytes, bytes], list[int]]] = {1: _left, 3: _average, 4: _nearest}
"""Filters that undo the values of one channel, given those of the line above."""


# -- colours --------------------------------------------------------------------------------------------------------


def _converter(header: _Header, palette: bytes, transparency: bytes) -> Callable[[bytes], bytes]:
    """Return what makes RGB of an unfiltered line."""
    width = header.width
    channels = _CHANNELS[header.colour]
    if header.colour == 3:
        tables = _palette_tables(palette, transparency)
    else:
        scale = 255 // ((1 << header.depth) - 1) if header.depth < 8 else 1
        tables = (bytes(min(255, value * scale) for value in range(256)),) * 3

    def convert(line: bytes) -> bytes:
        if header.depth == 16:
            line = line[::2]
        elif header.depth < 8:
            line = _unpacked(line, header.depth, width)
        if channels == 3:
            return line
        alpha = line[channels - 1 :: channels] if channels in {2, 4} else b""
        planes = [line[at::channels] for at in range(3)] if channels == 4 else [line[::channels]] * 3
        rgb = bytearray(3 * width)
        for at, (plane, table) in enumerate(zip(planes, tables, strict=True)):
            rgb[at::3] = plane.translate(table)
        if alpha and alpha.count(255) != width:
            for at in range(3):
                rgb[at::3] = bytes(
                    (value * cover + 255 * (255 - cover)) // 255 for value, cover in zip(rgb[at::3], alpha, strict=True)
                )
        return bytes(rgb)

    return convert


def _palette_tables(palette: bytes, transparency: bytes) -> tuple[bytes, ...]:
    """Return for red, green and blue what each number of a palette stands for; unknown ones are black."""
    covers = transparency.ljust(256, b"\xff")
    return tuple(
        bytes(
            (value * cover + 255 * (255 - cover)) // 255
            for value, cover in zip(palette[at : 3 * 256 : 3].ljust(256, b"\0"), covers, strict=False)
        )
        for at in range(3)
    )


def _unpacked(line: bytes, depth: int, width: int) -> bytes:
    """Return one byte for each value of fewer than eight bits."""
    mask = (1 << depth) - 1
    shifts = range(8 - depth, -1, -depth)
    return bytes((value >> shift) & mask for value in line for shift in shifts)[:width]
