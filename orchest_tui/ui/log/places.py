"""Files and lines that an error in a log names: Python's tracebacks, IPython's, and ``file.ext:12`` elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from orchest_tui.ui.log.ansi import text_of
from orchest_tui.ui.log.model import LogModel
from orchest_tui.ui.log.search import ERRORS

_MOST = 200
"""Lines of one error that are looked at, up and down."""

_FAR = 1000
"""Lines from the end in which the last error is looked for where none was jumped to."""

_PLACE = re.compile(
    r'File "(?P<python>[^"]+)", line (?P<python_line>\d+)'
    r"|(?P<shell>[^\s:\"'()]+): line (?P<shell_line>\d+):"
    r"|(?P<other>[^\s:\"'()]+\.[A-Za-z]\w*):(?P<other_line>\d+)"
)
_GOES_ON = re.compile(r"\s|$|Traceback|File |Cell |-{3,}|During handling|The above exception|at ")
"""How lines of a traceback begin, but for the last one, which names the error."""


class Place(NamedTuple):
    """A line of a file.

    Attributes:
        path: The file as the log names it: for whoever wrote the log, not always for this machine.
        line: The line, from 1.
    """

    path: str
    line: int


def error_places(model: LogModel) -> list[Place]:
    """Return the places that the current error names, the innermost first; of the last one where none is current."""
    start = model.look.current
    if start is None:
        start = _last_error(model)
    return [] if start is None else places(_error_lines(model, start))


def places(lines: Iterable[str]) -> list[Place]:
    """Return the places in the lines of an error, the last first."""
    found = []
    for line in lines:
        for match in _PLACE.finditer(line):
            kind = str(match.lastgroup).removesuffix("_line")
            found.append(Place(match[kind], int(match[f"{kind}_line"])))
    return found[::-1]


def _last_error(model: LogModel) -> int | None:
    """Return the last line that tells of an error, if it is not too far from the end."""
    line = model.lines.last()
    for _ in range(_FAR):
        if line is None or ERRORS.pattern.search(_text(model, line)):
            return line
        line = model.lines.before(line)
    return None


def _error_lines(model: LogModel, start: int) -> list[str]:
    """Return the lines of the error that the one at ``start`` belongs to."""
    found = [_text(model, start)]
    above = None if "Traceback" in found[0] else model.lines.before(start)
    for _ in range(_MOST):
        if above is None or not _GOES_ON.match(_text(model, above)):
            break
        found.insert(0, _text(model, above))
        above = model.lines.before(above)
    names_the_error = len(found) > 1 and not _GOES_ON.match(found[-1])
    below = None if names_the_error else model.lines.after(start)
    for _ in range(_MOST):
        if below is None:
            break
        found.append(_text(model, below))
        if not _GOES_ON.match(found[-1]):
            break
        below = model.lines.after(below)
    return found


def _text(model: LogModel, line: int) -> str:
    return text_of(model.painter.line(line))
