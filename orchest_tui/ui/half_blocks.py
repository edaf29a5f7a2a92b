"""A small PNG as coloured half blocks: two pixels in one cell.

Reads what the SDK's thumbnails are: PNG (ISO/IEC 15948) of eight bits a channel, not interlaced. They come from a
step's process, so every length is checked and nothing larger than ``MAX_PIXELS`` is unpacked.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from rich.color import Color
from rich.style import Style
from rich.text import Text

MAX_PIXELS = 2_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Colour type → bytes of a pixel."""


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


def read_png(data: bytes) -> Picture:
    """Return the picture in ``data``; transparency is laid on white.

    Raises:
        PictureError: It is no PNG, of a kind that is not known here, or too large.
    """
    header, palette, packed = b"", b"", b""
    for kind, content in _chunks(data):
        if kind == b"IHDR":
            header = content
        elif kind == b"PLTE":
            palette = content
        elif kind == b"IDAT":
            packed += content
    if len(header) != 13:
        raise PictureError("it has no header")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if depth != 8 or colour not in _CHANNELS or interlaced:
        raise PictureError(f"PNG of {depth} bits, colour type {colour} is not known here")
    if not 0 < width * height <= MAX_PIXELS:
        raise PictureError(f"it has {width} x {height} pixels")
    channels = _CHANNELS[colour]
    size = (width * channels + 1) * height
    try:
        raw = zlib.decompressobj().decompress(packed, size)
    except zlib.error as error:
        raise PictureError(str(error)) from error
    if len(raw) != size:
        raise PictureError("it is cut off")
    rows = tuple(_rgb(line, colour, palette) for line in _unfiltered(raw, width * channels, channels))
    return Picture(width, height, rows)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(_SIGNATURE):
        raise PictureError("it is no PNG")
    place = len(_SIGNATURE)
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += length + 12


def _unfiltered(raw: bytes, stride: int, channels: int) -> Iterator[bytes]:
    """Yield the lines with their filter undone (chapter 9 of the standard)."""
    above = bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        line = bytearray(raw[start + 1 : start + 1 + stride])
        kind = raw[start]
        for at in range(stride) if kind else ():
            left = line[at - channels] if at >= channels else 0
            up = above[at]
            corner = above[at - channels] if at >= channels else 0
            line[at] = (line[at] + _predicted(kind, left, up, corner)) & 255
        yield bytes(line)
        above = line


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    match kind:
        case 1:
            return left
        case 2:
            return up
        case 3:
            return (left + up) // 2
        case 4:
            guess = left + up - corner
            return min((left, up, corner), key=lambda value: abs(guess - value))
        case _:
            raise PictureError(f"there is no filter {kind}")


def _rgb(line: bytes, colour: int, palette: bytes) -> bytes:
    """Return a line's pixels as RGB."""
    if colour == 2:
        return line
    if colour == 3:
        return b"".join(palette[3 * index : 3 * index + 3].ljust(3, b"\0") for index in line)
    if colour in {0, 4}:
        return bytes(value for value in line[:: _CHANNELS[colour]] for _ in range(3))
    mixed = bytearray()
    for at in range(0, len(line), 4):
        alpha = line[at + 3]
        mixed += bytes((value * alpha + 255 * (255 - alpha)) // 255 for value in line[at : at + 3])
    return bytes(mixed)


def half_blocks(picture: Picture, columns: int, rows: int) -> list[Text]:
    """Return the picture in at most ``columns`` by ``rows`` cells, its proportions kept."""
    scale = min(columns / picture.width, 2 * rows / picture.height, 1.0)
    width, height = max(1, int(picture.width * scale)), max(2, int(picture.height * scale) // 2 * 2)
    lines = []
    for y in range(0, height, 2):
        line = Text(no_wrap=True, end="")
        for x in range(width):
            upper = Color.from_rgb(*_mean(picture, x, y, width, height))
            lower = Color.from_rgb(*_mean(picture, x, y + 1, width, height))
            line.append("▀", Style(color=upper, bgcolor=lower))
        lines.append(line)
    return lines


def _mean(picture: Picture, x: int, y: int, width: int, height: int) -> tuple[int, int, int]:
    """Return the mean colour of the pixels that one half of a cell stands for; at most 16 of them are looked at."""
    left, right = x * picture.width // width, max((x + 1) * picture.width // width, x * picture.width // width + 1)
    top, bottom = (
        y * picture.height // height,
        max((y + 1) * picture.height // height, y * picture.height // height + 1),
    )
    seen = [
        picture.pixel(min(column, picture.width - 1), min(row, picture.height - 1))
        for column in range(left, right, max(1, (right - left) // 4))
        for row in range(top, bottom, max(1, (bottom - top) // 4))
    ]
    red, green, blue = (sum(channel) // len(seen) for channel in zip(*seen, strict=True))
    return red, green, blue
