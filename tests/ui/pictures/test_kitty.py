"""kitty's graphics protocol against what its documentation publishes."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.segment import Segment
from textual.strip import Strip

from orchest_tui.ui.abilities import Abilities, detect_abilities
from orchest_tui.ui.pictures import Gallery, Way, picture_way
from orchest_tui.ui.pictures.kitty import (
    CHUNK,
    COLOURS,
    MARKS,
    PLACEHOLDER,
    Placement,
    deletion,
    picture_number,
    placeholder_lines,
    transmission,
)
from tests.ui.pictures.test_half_blocks import RED, png

COMMAND = re.compile(r"\x1b_G(?P<control>[^;\x1b]*)(?:;(?P<payload>[^\x1b]*))?\x1b\\")


def commands(sent: str) -> list[tuple[dict[str, str], str]]:
    """Return control data and payload of every command, and fail for anything that is none."""
    assert COMMAND.sub("", sent) == ""
    return [
        (dict(item.split("=") for item in found["control"].split(",")), found["payload"] or "")
        for found in COMMAND.finditer(sent)
    ]


def test_the_marks_are_the_protocols() -> None:
    assert len(MARKS) == 297
    assert len(set(MARKS)) == 297
    assert (MARKS[0], MARKS[1], MARKS[2], MARKS[-1]) == ("\u0305", "\u030d", "\u030e", "\U0001d244")
    assert tuple(sorted(MARKS)) == MARKS


def test_the_documented_grid_of_two_by_two() -> None:
    lines = placeholder_lines(Placement(b"", COLOURS[0], 2, 2))
    assert [line.plain for line in lines] == [
        "\U0010eeee\u0305\u0305\U0010eeee\u0305\u030d",
        "\U0010eeee\u030d\u0305\U0010eeee\u030d\u030d",
    ]
    assert {line.cell_len for line in lines} == {2}


def test_a_picture_that_fits_one_command() -> None:
    assert transmission(Placement(b"\x89PNG", COLOURS[0], 3, 2, 42)) == (
        "\x1b_Ga=T,U=1,f=100,q=2,i=42,c=3,r=2,m=0;iVBORw==\x1b\\"
    )
    assert deletion(42) == "\x1b_Ga=d,d=I,q=2,i=42\x1b\\"


@given(st.integers(0, 20_000))
def test_chunks_are_as_the_protocol_wants_them(size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    parts = commands(transmission(Placement(data, COLOURS[0], 3, 2, 7)))
    assert base64.b64decode("".join(payload for _, payload in parts)) == data
    assert all(len(payload) == CHUNK for _, payload in parts[:-1])
    assert [control["m"] for control, _ in parts] == ["1"] * (len(parts) - 1) + ["0"]
    assert parts[0][0] | {"m": ""} == {"a": "T", "U": "1", "f": "100", "q": "2", "i": "7", "c": "3", "r": "2", "m": ""}
    # "Subsequent chunks must have only the m and optionally q keys."
    assert all(set(control) == {"m", "q"} and control["q"] == "2" for control, _ in parts[1:])


@pytest.mark.parametrize(("system", "most"), [("truecolor", 2**24), ("256", 2**8)])
def test_a_colour_is_one_number_that_the_terminal_reads_from_what_is_written(system: str, most: int) -> None:
    numbers = [picture_number(colour, system) for colour in COLOURS]
    assert len({*numbers}) == len(COLOURS)
    assert all(number is not None and 0 < number < most for number in numbers)
    depth = {"truecolor": ColorSystem.TRUECOLOR, "256": ColorSystem.EIGHT_BIT}[system]
    for colour, number in zip(COLOURS, numbers, strict=True):
        written = colour.downgrade(depth).get_ansi_codes()
        kind, *values = map(int, written[1:])
        assert number == (values[0] if kind == 5 else values[0] << 16 | values[1] << 8 | values[2])


def test_sixteen_colours_name_no_picture() -> None:
    assert picture_number(COLOURS[0], "standard") is None


def test_a_row_that_is_cut_keeps_every_cell_whole() -> None:
    [line] = placeholder_lines(Placement(b"", COLOURS[0], 5, 1))
    strip = Strip([Segment(part.text, part.style) for part in line.render(None)])  # type: ignore[arg-type]
    assert strip.cell_length == 5
    assert strip.crop(1, 3).text == PLACEHOLDER + MARKS[0] + MARKS[1] + PLACEHOLDER + MARKS[0] + MARKS[2]
    assert [part.text for part in strip.divide([2, 5])] == [strip.crop(0, 2).text, strip.crop(2, 5).text]


# -- which terminal has it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "known"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-ghostty"}, True),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, True),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "KITTY_WINDOW_ID": "1"}, False),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, False),
        ({"TERM": "screen-256color", "STY": "1.x", "KITTY_WINDOW_ID": "1"}, False),
        ({"TERM": "xterm-kitty", "ZELLIJ": "0"}, False),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1", "VTE_VERSION": "7600"}, False),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1", "TERM_PROGRAM": "vscode"}, False),
        ({"TERM": "alacritty", "KITTY_WINDOW_ID": "1"}, False),
    ],
)
def test_the_terminal_is_known_by_its_environment(variables: dict[str, str], known: bool) -> None:
    assert detect_abilities(variables).kitty_graphics is known


@pytest.mark.parametrize(
    ("wanted", "abilities", "system", "way"),
    [
        ("auto", Abilities(), "truecolor", Way.BLOCKS),
        ("auto", Abilities(kitty_graphics=True), "truecolor", Way.KITTY),
        ("auto", Abilities("256", kitty_graphics=True), "256", Way.KITTY),
        ("auto", Abilities(kitty_graphics=True), "standard", Way.BLOCKS),
        ("kitty", Abilities(), "truecolor", Way.KITTY),
        ("kitty", Abilities(multiplexer="tmux"), "truecolor", Way.BLOCKS),
        ("blocks", Abilities(kitty_graphics=True), "truecolor", Way.BLOCKS),
        ("none", Abilities(kitty_graphics=True), "truecolor", Way.NONE),
        ("auto", Abilities("none"), None, Way.GREYS),
        ("kitty", Abilities(unicode=False), "truecolor", Way.GREYS),
    ],
)
def test_the_way_that_is_taken(wanted: str, abilities: Abilities, system: str | None, way: Way) -> None:
    assert picture_way(wanted, abilities, system) is way


# -- the gallery ----------------------------------------------------------------------------------------------------


def encoded(shade: int = 255, side: int = 8) -> str:
    return base64.b64encode(png([bytes([shade, 0, 0]) * side] * side, side)).decode()


class Terminal:
    """Collects what a gallery writes."""

    def __init__(self) -> None:
        self.sent = ""

    def show(self, gallery: Gallery, lines: list[object]) -> list[dict[str, str]]:
        self.sent = ""
        for line in lines:
            gallery.show(line, "truecolor", self.write)  # type: ignore[arg-type]
        return [control for control, _ in commands(self.sent)]

    def write(self, text: str) -> None:
        self.sent += text


def number_of(line: object) -> int:
    colour = line.spans[0].style.color  # type: ignore[attr-defined]
    red, green, blue = colour.get_truecolor()
    return int(red << 16 | green << 8 | blue)


def test_a_picture_is_sent_once_when_it_is_first_drawn() -> None:
    gallery, terminal = Gallery(Way.KITTY), Terminal()
    lines = gallery.lines(encoded(), 20, 10)
    [sent] = terminal.show(gallery, [*lines])
    assert (sent["c"], sent["r"]) == (str(lines[0].cell_len), str(len(lines)))
    assert int(sent["i"]) == number_of(lines[0])
    assert terminal.show(gallery, [*lines]) == []
    assert gallery.lines(encoded(), 20, 10) is lines


def test_after_another_program_had_the_terminal_it_is_sent_again() -> None:
    gallery, terminal = Gallery(Way.KITTY), Terminal()
    lines = gallery.lines(encoded(), 20, 10)
    terminal.show(gallery, [*lines])
    gallery.forget()
    assert len(terminal.show(gallery, [*lines])) == 1


def test_at_the_end_the_terminal_keeps_none() -> None:
    gallery, terminal = Gallery(Way.KITTY), Terminal()
    seen, unseen = gallery.lines(encoded(1), 20, 10), gallery.lines(encoded(2), 20, 10)
    terminal.show(gallery, [*seen])
    terminal.sent = ""
    gallery.clear(terminal.write)
    assert terminal.sent == deletion(number_of(seen[0]))
    assert number_of(unseen[0]) != number_of(seen[0])


def test_a_picture_whose_colour_went_to_another_is_sent_again_when_it_comes_back() -> None:
    gallery, terminal = Gallery(Way.KITTY), Terminal()
    first = gallery.lines(encoded(0), 20, 10)
    terminal.show(gallery, [*first])
    others = [gallery.lines(encoded(shade), 20, 10) for shade in range(1, len(COLOURS) + 1)]
    [taker] = [lines for lines in others if number_of(lines[0]) == number_of(first[0])]
    assert len(terminal.show(gallery, [*taker])) == 1
    assert len(terminal.show(gallery, [*first])) == 1


def test_over_a_network_a_large_picture_is_shown_in_blocks() -> None:
    noise = [bytes((x * y * 7919 + x) % 251 for x in range(3 * 200)) for y in range(200)]
    large = base64.b64encode(png(noise, 200)).decode()
    assert len(large) > 64 * 1024
    assert "▀" in Gallery(Way.KITTY, remote=True).lines(large, 20, 10)[0].plain
    assert PLACEHOLDER in Gallery(Way.KITTY).lines(large, 20, 10)[0].plain


@pytest.mark.parametrize("way", [Way.KITTY, Way.BLOCKS, Way.GREYS])
@pytest.mark.parametrize("wrong", ["", "?", "AAAA", "iVBORw0KGgo=", "\ud800", encoded()[:60]])
def test_what_is_no_picture_is_told(way: Way, wrong: str) -> None:
    [line] = Gallery(way).lines(wrong, 20, 10)
    assert "can't be shown" in line.plain


@pytest.mark.parametrize("way", Way)
def test_a_picture_keeps_to_its_room(way: Way) -> None:
    tall = base64.b64encode(png([RED * 10] * 1000, 10)).decode()
    wide = base64.b64encode(png([RED * 1000] * 2, 1000)).decode()
    for picture in (tall, wide):
        lines = Gallery(way).lines(picture, 30, 12)
        assert 0 < len(lines) <= 12
        assert all(line.cell_len <= 30 for line in lines)


def test_all_colours_are_told_from_each_other() -> None:
    assert len(COLOURS) > 150
    assert all(isinstance(colour, Color) for colour in COLOURS)
