"""What a log holds is shown as a terminal would show it, and does nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style

from orchest_tui.ui.log.ansi import cut, parse_line, restyled, row_ends, text_of
from orchest_tui.ui.log.sgr import legible

from .hostile import CORPUS, MARKS


def is_harmless(text: str) -> bool:
    """Return whether a terminal does nothing with ``text`` but show it from left to right."""
    return not any(unicodedata.category(character) == "Cc" for character in text) and not any(
        mark.decode() in text for mark in MARKS
    )


def test_no_known_sequence_does_or_hides_anything() -> None:
    for sequence in CORPUS:
        shown = text_of(parse_line(b"before " + sequence + b" after"))
        assert is_harmless(shown), sequence
        assert "before" in shown, sequence
        assert "after" in shown, sequence


def test_no_known_sequence_hides_by_its_style() -> None:
    base = Style.parse("#e0e0e0 on #101010")
    for sequence in [*CORPUS, b"\x1b[30;40m", b"\x1b[38;2;16;16;16m", b"\x1b[38;5;233m", b"\x1b[97;107m", b"\x1b[5;8m"]:
        for span in parse_line(sequence + b"secret"):
            style = legible(span.style, base)
            assert not style.conceal, sequence
            assert not style.blink, sequence
            assert style.link is None, sequence
            assert style.color is not None
            assert style.bgcolor is not None
            assert style.color.get_truecolor() != style.bgcolor.get_truecolor(), sequence


@given(
    st.lists(st.binary(max_size=20) | st.sampled_from(CORPUS) | st.sampled_from([b"\r", b"\t", b"\x1b[K"]), max_size=12)
)
def test_any_bytes_are_harmless(parts: list[bytes]) -> None:
    assert is_harmless(text_of(parse_line(b"".join(parts))))


@given(st.text(st.characters(exclude_categories=["C", "Z", "M"]), max_size=60))
def test_printable_text_is_shown_as_it_stands(text: str) -> None:
    assert text_of(parse_line(text.encode())) == text


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b" 10%\r 50%\r100%", "100%"),
        (b"100% done\r 50%", " 50% done"),
        (b"long state\r\x1b[Kshort", "short"),
        (b"long state\x1b[2K\rshort", "short"),
        (b"never redrawn\x1b[2K", "never redrawn"),
        (b"a\tb\r\tc", "a       c"),
        ("模型\rx".encode(), "x 型"),
        ("ab\r模".encode(), "模"),
        (b"windows\r", "windows"),
        ("e\u0301a\rx".encode(), "xa"),
        (b"a\tb", "a       b"),
        (b"\x1b[1mab\t\x1b[0mc", "ab      c"),
        (b"\x1b]0;no end of this title", "0;no end of this title"),
    ],
)
def test_lines_are_shown_as_a_terminal_shows_them(data: bytes, shown: str) -> None:
    assert text_of(parse_line(data)) == shown


def test_combining_marks_do_not_pile_up() -> None:
    assert text_of(parse_line(("a" + "\u0301" * 200 + "b").encode())) == "a" + "\u0301" * 4 + "b"
    assert text_of(parse_line(("a\rb" + "\u0301" * 200).encode())).count("\u0301") == 4


@pytest.mark.parametrize(
    ("parameters", "style"),
    [
        (b"31", "red"), (b"1;4;97", "bold underline bright_white"), (b"38;5;208", Style(color=Color.from_ansi(208))),
        (b"38;2;1;2;3", "#010203"), (b"38:2::1:2:3", "#010203"), (b"38:2:1:2:3;1", "bold #010203"),
        (b"48;5;4", "on color(4)"), (b"58;5;9;31", "red"), (b"31;39", ""), (b"1;22", ""), (b"4:3", "underline"),
        (b"4:0", ""), (b"0", ""), (b"", ""),
        (b"38", ""), (b"38;5", ""), (b"38;2;1;2", ""), (b"38;5;999", ""), (b"99999999999", ""), (b"38;7;1", "bold"),
    ],
)  # fmt: skip
def test_colours_are_those_of_the_standard(parameters: bytes, style: str | Style) -> None:
    wanted = style if isinstance(style, Style) else Style.parse(style)
    (span,) = parse_line(b"\x1b[" + parameters + b"mx")
    assert span.style == wanted


def test_text_in_the_colour_of_what_is_behind_it_is_seen() -> None:
    base = Style.parse("#e0e0e0 on #101010")
    (span,) = parse_line(b"\x1b[38;2;17;16;15mghost")
    assert legible(span.style, base).color == base.color
    (span,) = parse_line(b"\x1b[32mgreen")
    assert legible(span.style, base).color == Color.parse("green")


lines = st.lists(
    st.tuples(st.text("ab模é ", max_size=8), st.sampled_from([b"\x1b[31m", b"\x1b[1m", b"\x1b[0m"])), max_size=6
)


@given(lines, st.integers(2, 12))
def test_a_wrapped_line_loses_nothing_and_fits(parts: list[tuple[str, bytes]], width: int) -> None:
    line = parse_line(b"".join(style + text.encode() for text, style in parts))
    text = text_of(line)
    ends = row_ends(text, width)
    rows = [text_of(cut(line, start, end)) for start, end in zip([0, *ends], ends, strict=False)]
    assert "".join(rows) == text
    assert all(cell_len(row) <= width for row in rows)
    assert all(rows[:-1])


@given(lines, st.data())
def test_marking_a_range_changes_no_character(parts: list[tuple[str, bytes]], data: st.DataObject) -> None:
    line = parse_line(b"".join(style + text.encode() for text, style in parts))
    text = text_of(line)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    marked = restyled(line, [(start, end)], Style(reverse=True))
    assert text_of(marked) == text
    assert "".join(span.text for span in marked if span.style.reverse) == text[start:end]
