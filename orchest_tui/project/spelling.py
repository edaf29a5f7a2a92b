"""Guessing what a mistyped word was meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(text: str, known: Iterable[str]) -> str | None:
    """Return the one of ``known`` that ``text`` is most likely meant to be."""
    from difflib import get_close_matches

    lowered = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(text.casefold(), lowered, n=1)
    return lowered[close[0]] if close else None
