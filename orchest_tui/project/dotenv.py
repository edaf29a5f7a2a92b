r"""Reading ``.env`` files.

The grammar is what docker, python-dotenv and the shells have in common: ``NAME=value``, one a line, ``export`` before
it allowed; ``#`` starts a comment at the start of a line or after white space; a value in single quotes is taken as
written, one in double quotes knows the escapes ``\n \r \t \" \\ \$``, and both may go over several lines.
Nothing is expanded: ``$OTHER`` stays as it is.
"""

from __future__ import annotations

import re

from orchest_tui.project.problems import Problems

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([^\s=#'\"]+)[ \t]*=[ \t]*")
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PLAIN = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


def parse_dotenv(text: str, problems: Problems) -> dict[str, str]:
    """Return the variables of a ``.env`` file, the last one of a name.

    Args:
        text: The file's content.
        problems: Receives what is wrong, by line; no text of the file is repeated but names.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    variables: dict[str, str] = {}
    at = 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = max(blank.end(), at + 1)
            continue
        place = f"line {text.count(chr(10), 0, at) + 1}"
        name = _NAME.match(text, at)
        if name is None:
            problems.error(place, "is not NAME=value", "Write NAME=value or put a # before it", code="bad-dotenv")
            at = _next_line(text, at)
            continue
        value, at = _value(text, name.end())
        if value is None:
            what = f"the quotes of {name[1]} are not closed, or something follows them"
            problems.error(place, what, "Close the quotes and put only a comment after them", code="bad-dotenv")
        else:
            variables[name[1]] = value
    return variables


def _value(text: str, at: int) -> tuple[str | None, int]:
    """Return the value that starts at ``at``, None for a broken one, and where the next line starts."""
    if quoted := _SINGLE.match(text, at) or _DOUBLE.match(text, at):
        rest = _BLANK.match(text, quoted.end())
        if rest is None:
            return None, _next_line(text, quoted.end())
        value = quoted[1]
        if quoted.re is _DOUBLE:
            value = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), value)
        return value, rest.end()
    if text[at : at + 1] in {"'", '"'}:
        return None, _next_line(text, at)
    plain = _PLAIN.match(text, at)
    return _COMMENT.sub("", plain[0] if plain else "").strip(), _next_line(text, at)


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
