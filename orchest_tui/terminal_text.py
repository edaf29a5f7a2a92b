"""Text from steps, files and other people, made harmless before a terminal sees it.

A log or a title may hold any byte. What reaches the terminal is printable text, line ends, tabs and, where wanted,
colours: nothing that moves the cursor, sets the title, writes the clipboard, switches the character set, rings, or
hides text. Sequences are those of ECMA-48 and of xterm's ctlseqs document.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

_MAX_STRING = 4096
"""Characters after which an unterminated control string counts as text, so that it can't swallow the log's rest."""

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Explicit direction marks: they reorder what is shown, so that it reads as something else."""

_HARMFUL = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)(?P<intermediate>[ -/]*)(?P<final>[@-~])"
    rf"|\x1b[\]PX^_][^\x07\x1b\n]{{0,{_MAX_STRING}}}(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC up to BEL or ST
    r"|\x1b[ -/]*[0-~]?"
    rf"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BIDI}]"
)
_UNFINISHED = re.compile(
    rf"(?:\x1b(?:\[[0-?]{{0,64}}[ -/]{{0,8}}|[\]PX^_][^\x07\x1b\n]{{0,{_MAX_STRING}}}\x1b?|[ -/]{{0,8}})?|\r)\Z"
)
_LINE_BREAKS = re.compile(r"[\r\n\t\x0b\x0c\x85\u2028\u2029]+")
_CONCEAL = "8"
_EXTENDED_COLOURS = {"38", "48", "58"}


def plain(text: str) -> str:
    """Return ``text`` as one line without any control character; for titles, file names and reasons."""
    return _HARMFUL.sub("", _LINE_BREAKS.sub(" ", text))


def plain_lines(text: str) -> list[str]:
    """Return the lines of ``text`` without control characters, tabs as spaces; for previews."""
    return [_HARMFUL.sub("", line.expandtabs(8)) for line in text.split("\n")]


class Piece(NamedTuple):
    """Harmless text, and the control function (a CSI sequence) that stood behind it.

    Attributes:
        text: Text without control characters but carriage returns, line feeds and tabs.
        final: The sequence's last character (``m`` sets colours, ``K`` erases in the line); empty where none follows.
        parameters: Its parameters: digits, colons and semicolons only.
    """

    text: str
    final: str
    parameters: str


def pieces(text: str) -> Iterator[Piece]:
    """Split ``text`` at its control sequences, for those who show it cell by cell.

    Sequences that are not plain control functions (private ones, those with intermediate characters, strings) are
    left out altogether; so no piece can do harm, whatever the caller makes of it.
    """
    start = 0
    held = ""
    for sequence in _HARMFUL.finditer(text):
        held += text[start : sequence.start()]
        start = sequence.end()
        if sequence["final"] and not sequence["intermediate"] and not sequence["parameters"].strip("0123456789;:"):
            yield Piece(held, sequence["final"], sequence["parameters"])
            held = ""
    yield Piece(held + text[start:], "", "")


class LogFilter:
    """Turns a log's bytes, as they come, into text that a terminal can be given.

    A carriage return shows what a terminal would show at the end of the chunk: of a progress bar's many states, the
    last one. Sequences and characters that are cut in two by a chunk's end are held back until the rest comes.

    Args:
        colours: Whether colours (SGR sequences) stay; concealed text is shown in any case.
        redraw: Whether a state of a progress bar may overwrite the state that an earlier chunk showed (a terminal);
            otherwise it goes on a line of its own.
    """

    def __init__(self, *, colours: bool, redraw: bool) -> None:
        self._colours = colours
        self._overwrite = "\r\x1b[K" if redraw else "\n"
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._line_open = False

    def feed(self, chunk: bytes) -> str:
        """Return the harmless text of ``chunk``."""
        text = self._held + self._decoder.decode(chunk)
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        return self._clean(text[:cut])

    def finish(self) -> str:
        """Return what was held back, with an end of line and colours switched off where that is needed."""
        text = self._clean(self._held + self._decoder.decode(b"", final=True))
        self._held = ""
        if self._line_open:
            text += "\n"
            self._line_open = False
        return text + "\x1b[0m" if self._colours else text

    def _clean(self, text: str) -> str:
        """Return whole sequences' text, made harmless."""
        lines = text.replace("\r\n", "\n").split("\n")
        return "\n".join(self._line(line, last=index == len(lines) - 1) for index, line in enumerate(lines))

    def _line(self, line: str, *, last: bool) -> str:
        """Return one line, or one piece of a line whose start was shown before or whose end is still to come."""
        states = [_HARMFUL.sub(self._kept, state) for state in line.split("\r")]
        shown = next((state for state in reversed(states) if state), "")
        if len(states) > 1 and shown and self._line_open and shown is not states[0]:
            shown = self._overwrite + shown
        elif len(states) == 1:
            shown = states[0]
        self._line_open = last and (self._line_open or bool(shown))
        return shown

    def _kept(self, sequence: re.Match[str]) -> str:
        """Return what stays of a control sequence: its colours, or nothing."""
        if not self._colours or sequence["final"] != "m" or sequence["intermediate"]:
            return ""
        parameters = sequence["parameters"]
        if parameters.strip("0123456789;:"):
            return ""
        return f"\x1b[{_without_conceal(parameters)}m"


def _without_conceal(parameters: str) -> str:
    """Return SGR ``parameters`` without "conceal"; an 8 inside an extended colour (``38;5;8``) is a colour."""
    numbers = parameters.split(";")
    kept: list[str] = []
    index = 0
    while index < len(numbers):
        number = numbers[index]
        width = 1
        if number in _EXTENDED_COLOURS and index + 1 < len(numbers):
            width = {"5": 3, "2": 5}.get(numbers[index + 1], 1)
        if number.split(":")[0].lstrip("0") != _CONCEAL:
            kept.extend(numbers[index : index + width])
        index += width
    # Without a parameter SGR means "reset"; a sequence that only concealed has to keep some other meaning.
    return ";".join(kept) if kept else "28"
