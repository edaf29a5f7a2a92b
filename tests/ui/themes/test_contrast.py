"""Whatever stands on the screen can be read in every packaged theme: contrasts of the cells themselves (WCAG 2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color

from orchest_tui.ui.app import OrchestApp
from orchest_tui.ui.themes.files import packaged_folder
from tests.ui import scenes
from tests.ui.scene import Clock
from tests.ui.scenes import SceneMaker
from tests.ui.staging import press, settled, staged_app, stop_time
from tests.ui.themes.contrast import contrast

THEMES = sorted(path.stem for path in packaged_folder().glob("*.yaml") if path.stem != "terminal-16")
TEXT, SIGN = 4.5, 3.0
DIM = 0.5
"""How much of its colour a dim text keeps in terminals that mix it with the ground."""


def cells(app: OrchestApp) -> Iterator[tuple[str, float]]:
    """Yield each text on the screen with the contrast to its ground."""
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            if segment.text.strip() and segment.style is not None:
                yield segment.text.strip(), _contrast(segment)


def _contrast(segment: Segment) -> float:
    style = segment.style
    assert style is not None
    assert style.color is not None, segment
    assert style.bgcolor is not None, segment
    front, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
    if style.reverse:
        front, ground = ground, front
    if style.dim:
        front = ground.blend(front, DIM)
    return contrast(front, ground)


def is_sign(text: str) -> bool:
    """Whether a text is drawn, not written: borders, lines of the tree and the map, signs of states."""
    return all(not character.isalnum() and unicodedata.category(character) in {"So", "Sm", "Zs"} for character in text)


@pytest.mark.parametrize(
    ("scene", "keys"), [(scenes.failed, ("j",)), (scenes.stale, ("space", "tab")), (scenes.running, ("m",))]
)
async def test_texts_and_signs_stand_out(
    scene: SceneMaker, keys: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    stop_time(monkeypatch, clock)
    faint = {}
    async with staged_app(scene(tmp_path, clock), monkeypatch) as (app, pilot):
        await press(pilot, keys)
        for theme in THEMES:
            app.theme = theme
            await settled(pilot)
            for text, ratio in cells(app):
                least = SIGN if is_sign(text) else TEXT
                if ratio < least and not set(text) <= set("╭╮╰╯│─ "):
                    faint[theme, text] = round(ratio, 1)
    assert not faint, "\n".join(f"{theme}: {text!r} {ratio}" for (theme, text), ratio in faint.items())
