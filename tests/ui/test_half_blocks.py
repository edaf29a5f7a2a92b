"""PNG thumbnails as half blocks."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.ui.half_blocks import PictureError, half_blocks, read_png

RED, BLUE = b"\xff\0\0", b"\0\0\xff"


def png(rows: list[bytes], width: int, *, colour: int = 2, filters: bytes = b"", palette: bytes = b"") -> bytes:
    """Return a PNG of eight bits; ``filters`` names each line's filter, whose bytes ``rows`` then are."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    kinds = filters or bytes(len(rows))
    data = b"".join(bytes([kind]) + row for kind, row in zip(kinds, rows, strict=True))
    header = struct.pack(">IIBBBBB", width, len(rows), 8, colour, 0, 0, 0)
    extra = chunk(b"PLTE", palette) if palette else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def test_two_pixels_make_a_cell() -> None:
    [line] = half_blocks(read_png(png([RED, BLUE], 1)), 10, 10)
    assert line.plain == "▀"
    style = line.spans[0].style
    assert (style.color.triplet, style.bgcolor.triplet) == ((255, 0, 0), (0, 0, 255))


def test_filters_are_undone() -> None:
    sub = bytes([10, 10, 10, 5, 5, 5])
    up = bytes([1, 1, 1, 1, 1, 1])
    average = bytes([0, 0, 0, 0, 0, 0])
    fourth = bytes([2, 2, 2, 0, 0, 0])
    picture = read_png(png([sub, up, average, fourth], 2, filters=b"\1\2\3\4"))
    assert [picture.pixel(x, y)[0] for y in range(4) for x in range(2)] == [10, 15, 11, 16, 5, 10, 7, 10]


def test_kinds_of_pixels() -> None:
    assert read_png(png([b"\x80"], 1, colour=0)).pixel(0, 0) == (128, 128, 128)
    assert read_png(png([b"\1"], 1, colour=3, palette=RED + BLUE)).pixel(0, 0) == (0, 0, 255)
    assert read_png(png([RED + b"\0"], 1, colour=6)).pixel(0, 0) == (255, 255, 255)


def test_the_picture_fits_and_keeps_its_proportions() -> None:
    lines = half_blocks(read_png(png([RED * 300] * 200, 300)), 60, 30)
    assert (len(lines[0].plain), len(lines)) == (60, 20)


def test_a_bomb_is_refused() -> None:
    header = png([b"\0"], 1, colour=0).replace(struct.pack(">II", 1, 1), struct.pack(">II", 60000, 60000))
    with pytest.raises(PictureError, match="pixels"):
        read_png(header)


@given(st.binary(max_size=200), st.integers(0, 60))
def test_broken_bytes_are_told(noise: bytes, place: int) -> None:
    good = png([RED, BLUE], 1)
    broken = good[:place] + noise + good[place + len(noise) :]
    try:
        picture = read_png(broken)
    except PictureError:
        return
    assert picture.width * picture.height > 0
