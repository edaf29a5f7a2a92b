"""Progress bars in a log: how far the last one is, from the log's last bytes.

A bar is a line that is not finished and that a carriage return begins anew again and again: tqdm, rich, pip, curl and
their like. Bars that go over several lines (tqdm's nested ones, an image's layers) move the cursor up and down between
them; of those the topmost counts. The bytes were written by anyone, so whatever they are, there is an answer.
"""

from __future__ import annotations

import re

from .messages import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEXT = 40
SAME = 0.015
"""How far a percentage and "done of total" may be apart and mean the same (percentages are rounded)."""

_CONTROL = re.compile(r"\x1b\[([0-?]*)[ -/]*([@-~])|[\r\n]")
_UP, _DOWN = "A", "B"

_PERCENT = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,9})?) ?%( ?[|\[])?")
_NUMBER = r"(\d{1,15}(?:\.\d{1,9})?) ?((?:[kKMGTP]i?)?[bB]?)"
_OF = re.compile(rf"(?<![\w./:-]){_NUMBER} ?(?:/|of) ?{_NUMBER}(?![\w./-])")
_CURL = re.compile(r" *(\d{1,3}) +[\d.]+[kMGTP]? +\d{1,3} +[\d.]+[kMGTP]? .*[\d-]:[\d-]{2}:[\d-]{2} ")
_DOTS = re.compile(r"(?:\A|\n) *\d+[KM] [ .,]*(\d{1,3})% [^\n]*\n *(?:\d+(?:[KM](?: [^\n]*)?)?)?\Z")
"""wget's rows of dots, where standard error is no terminal: the last one that is full has the percentage."""

MAX_ROWS = 100
"""Rows that the cursor goes up or down at once."""

_POWERS = {letter: place for place, letter in enumerate("kMGTP", 1)}


class Bar:
    """How far something is.

    Attributes:
        fraction: From 0 to 1.
        text: What was done of how much (``34/100``); empty where only a percentage is told.
        inner: Whether it is part of something larger whose own bar the bytes do not show any more.
    """

    __slots__ = ("fraction", "inner", "text")

    def __init__(self, fraction: float, text: str = "", *, inner: bool = False) -> None:
        self.fraction = min(max(fraction, 0.0), 1.0)
        self.text = text
        self.inner = inner


class BarWatch:
    """Turns looks at a log's end into messages about progress."""

    def __init__(self) -> None:
        self._shown: tuple[float, str] | None = None
        self._outer = False

    def look(self, tail: bytes) -> Progress | None:
        """Return what there is to tell now that the log ends with ``tail``, None where that is nothing new."""
        bar = read_bar(tail)
        if bar is not None and bar.inner and self._outer:
            return None
        self._outer = bar is not None and not bar.inner
        shown = None if bar is None else (round(bar.fraction, 3), bar.text)
        if shown == self._shown:
            return None
        self._shown = shown
        return Progress() if shown is None else Progress(fraction=shown[0], text=shown[1])


def read_bar(tail: bytes) -> Bar | None:
    """Return the progress bar at a log's end, None where there is none.

    Args:
        tail: The log's last bytes; it may begin within a line, even within a character.
    """
    text = tail.decode("utf-8", "replace")
    dots = _DOTS.search(text)
    if dots is not None:
        return Bar(int(dots[1]) / 100)
    if "\r" not in text:
        return None
    rows, row = _live_rows(text)
    for place in sorted(rows):
        before, now = rows[place]
        # Of a state that is only half written the one before tells more; one of blanks takes the bar away.
        bar = read_line(now) or (read_line(before) if now.strip() else None)
        if bar is not None:
            bar.inner = place > row
            return bar
    return None


def read_line(line: str) -> Bar | None:
    """Return what one line of text, without control sequences, says about progress."""
    percents = [match for match in _PERCENT.finditer(line) if float(match[1]) <= 100]
    percent = next((match for match in percents if match[2]), percents[0] if percents else None)
    told = None if percent is None else float(percent[1]) / 100
    for fraction, words in _done_of_total(line):
        if told is None or abs(fraction - told) <= SAME:
            return Bar(fraction, words)
    if told is None:
        curl = _CURL.match(line)
        told = int(curl[1]) / 100 if curl else None
    return None if told is None else Bar(told)


def _done_of_total(line: str) -> Iterator[tuple[float, str]]:
    """Yield each "done of total" of a line as fraction and text; one unit may stand for both."""
    for match in _OF.finditer(line):
        done, done_unit, total, total_unit = match.groups()
        whole = float(total) * _factor(total_unit)
        part = float(done) * _factor(done_unit or total_unit)
        if 0 <= part <= whole and whole > 0:
            yield part / whole, match[0].strip()[:MAX_TEXT]


def _factor(unit: str) -> float:
    base = 1024.0 if "i" in unit else 1000.0
    return base ** _POWERS.get(unit[:1].replace("K", "k"), 0)


def _live_rows(text: str) -> tuple[dict[int, tuple[str, str]], int]:
    """Return the lines that are being rewritten, by row, and the row in which the cursor is.

    That is the last line, if it has a carriage return, and those to which or from which the cursor went back up, unless
    it has gone on below all of them. Each has its last two states. Rows are counted from where the text begins.
    """
    states: dict[int, tuple[str, str]] = {}
    live: set[int] = set()
    row = lowest = bottom = start = 0
    returned = begins = went_up = False
    for control in _CONTROL.finditer(text + "\x1b[m"):
        words = text[start : control.start()]
        start = control.end()
        if words:
            before, now = states.get(row, ("", ""))
            states[row] = (now, words) if begins else (before, now + words)
            begins = False
        if control[0] == "\r":
            returned = begins = True
        elif control[0] == "\n":
            row, returned, begins = row + 1, False, True
        elif control[2] in (_UP, _DOWN):
            count = min(int(control[1]), MAX_ROWS) if control[1].isdecimal() else 1
            if control[2] == _UP:
                went_up, bottom = True, lowest
                live.update(range(row - count, row))
            row += count if control[2] == _DOWN else -count
        lowest = max(lowest, row)
        if went_up:
            live.add(row)
    if row > bottom:
        live.clear()
    if returned:
        live.add(row)
    return {place: state for place, state in states.items() if place in live}, row
