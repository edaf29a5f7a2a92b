"""PNG thumbnails as half blocks."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.ui.pictures.half_blocks import grey_steps, half_blocks, shrunk
from orchest_tui.ui.pictures.png import PictureError, read_png

RED, BLUE = b"\xff\0\0", b"\0\0\xff"


def png(
    rows: list[bytes], width: int, *, colour: int = 2, depth: int = 8, filters: bytes = b"", palette: bytes = b""
) -> bytes:
    """Return a PNG; ``filters`` names each line's filter, whose bytes ``rows`` then are."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    kinds = filters or bytes(len(rows))
    data = b"".join(bytes([kind]) + row for kind, row in zip(kinds, rows, strict=True))
    header = struct.pack(">IIBBBBB", width, len(rows), depth, colour, 0, 0, 0)
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


def test_every_pixel_counts_in_a_mean() -> None:
    row = b"\xff\xff\xff" * 7 + b"\0\0\0"
    assert shrunk(read_png(png([row] * 4, 8)), 2, 1).rows == (bytes([255] * 3 + [191] * 3),)


def test_without_colours_ink_is_dense_and_paper_empty() -> None:
    white, black = b"\xff\xff\xff", b"\0\0\0"
    [line] = grey_steps(read_png(png([white + black] * 2, 2)), 10, 10)
    assert line.plain == " @"


def predicted(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def filtered(rows: list[bytes], kinds: bytes, step: int) -> list[bytes]:
    """Return lines with filters applied, value by value as the standard has it."""
    above, found = bytes(len(rows[0])), []
    for row, kind in zip(rows, kinds, strict=True):
        line = bytearray()
        for at, value in enumerate(row):
            left = row[at - step] if at >= step else 0
            corner = above[at - step] if at >= step else 0
            up = above[at]
            line.append((value - (0, left, up, (left + up) // 2, predicted(left, up, corner))[kind]) & 255)
        found.append(bytes(line))
        above = row
    return found


@given(st.data(), st.integers(1, 6), st.integers(1, 5))
def test_any_filters_give_back_the_pixels(data: st.DataObject, width: int, height: int) -> None:
    rows = [data.draw(st.binary(min_size=3 * width, max_size=3 * width)) for _ in range(height)]
    kinds = bytes(data.draw(st.integers(0, 4)) for _ in range(height))
    assert list(read_png(png(filtered(rows, kinds, 3), width, filters=kinds)).rows) == rows


@pytest.mark.parametrize(("depth", "packed", "values"), [
    (1, b"\xa0", [255, 0, 255]), (2, b"\xe4", [255, 170, 85]), (4, b"\xf0\x80", [255, 0, 136]),
    (16, b"\x12\x34\xff\xff\0\0", [0x12, 255, 0]),
])  # fmt: skip
def test_other_depths(depth: int, packed: bytes, values: list[int]) -> None:
    picture = read_png(png([packed], 3, colour=0, depth=depth))
    assert [picture.pixel(x, 0)[0] for x in range(3)] == values


def test_a_bomb_is_refused() -> None:
    small = png([b"\0"], 1, colour=0)
    header = b"IHDR" + struct.pack(">II", 60000, 60000) + small[24:29]
    with pytest.raises(PictureError, match="pixels"):
        read_png(small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:])


def test_a_damaged_one_is_told() -> None:
    good = png([RED, BLUE], 1)
    with pytest.raises(PictureError, match="damaged"):
        read_png(good[:20] + b"\7" + good[21:])


@given(st.binary(max_size=200), st.integers(0, 60))
def test_broken_bytes_are_told(noise: bytes, place: int) -> None:
    good = png([RED, BLUE], 1)
    broken = good[:place] + noise + good[place + len(noise) :]
    try:
        picture = read_png(broken)
    except PictureError:
        return
    assert picture.width * picture.height > 0
