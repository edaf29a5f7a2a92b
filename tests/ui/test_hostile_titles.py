"""A thousand steps whose titles are foreign text: what stands in the cells of a small screen."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.conftest import ENVIRONMENT
from tests.ui.screens import opened_app, screen_lines, until

STEPS = 1000
TITLES = {
    "[b]x[/]": "[b]x[/]",
    "🚲🚲🚲": "🚲🚲🚲",
    "データ": "データ",
    "データの読み込みと検証と集計": "データの読み込み…",
    "مرحبا": "مرحبا",
    "e\u202evil\u2066": "evil",
    "a\x1b[2Jb": "ab",
    "\x1b]0;title\x07go": "go",
    "a\r\nb\tc\x00\x9b": "a b c",
    "e\u0301a": "e\u0301a",
    "x" * 300: "x" * 17 + "…",
}
"""Title → what of it is seen behind a number, in the eighteen cells that the tree has for it at 80 by 24."""


def uuid_of(number: int) -> str:
    return str(uuid.UUID(int=number + 1))


def title_of(number: int) -> tuple[str, str]:
    """Return a step's title, and what is seen of it."""
    title = list(TITLES)[number % len(TITLES)]
    return f"{number:04} {title}", f"{number:04} {TITLES[title]}"


@pytest.fixture
def hostile(project: Path) -> Path:
    """The project with a thousand steps."""
    file = project / "main.orchest"
    document = json.loads(file.read_text())
    document["steps"] = {
        uuid_of(number): {
            "uuid": uuid_of(number), "title": title_of(number)[0], "file_path": "load.py", "environment": ENVIRONMENT,
            "incoming_connections": [], "parameters": {}, "kernel": {"name": "python", "display_name": "Python 3"},
        }
        for number in range(STEPS)
    }  # fmt: skip
    file.write_text(json.dumps(document))
    return project


def assert_cells(lines: list[str]) -> None:
    """Fail where a line has not exactly its cells, or holds what a terminal would not print."""
    assert [cell_len(line) for line in lines] == [80] * 24
    assert all(line.isprintable() for line in lines)
    assert not set("\u202e\u2066") & set("".join(lines))


async def test_every_row_of_the_tree_shows_its_title_in_its_cells(hostile: Path) -> None:
    seen = set()
    async with opened_app(hostile, (80, 24)) as (app, pilot, screen):
        tree = screen.step_tree
        assert [row.step for row in tree.rows] == [uuid_of(number) for number in range(STEPS)]
        for key in ("g", "ctrl+d", "ctrl+d", "ctrl+d", "G", "ctrl+u", "ctrl+u", "ctrl+u"):
            await pilot.press(key)
            await pilot.pause()
            lines = screen_lines(app)
            assert_cells(lines)
            top, height = tree.scroll_offset.y, tree.scrollable_content_region.height
            for number, line in enumerate(lines[2 : 2 + height], top):
                assert f"◌ {title_of(number)[1]} " in line
                seen.add(number)
    assert {0, STEPS - 1} < seen
    assert {number % len(TITLES) for number in seen} == set(range(len(TITLES)))


async def test_map_properties_and_why_keep_to_their_cells(hostile: Path) -> None:
    async with opened_app(hostile, (80, 24)) as (app, pilot, screen):
        screen.detail.show_tab("properties")
        for number in range(len(TITLES)):
            shown = title_of(number)[1].removesuffix("…")
            await until(
                pilot, lambda shown=shown: any(f"title       {shown}" in each for each in screen_lines(app)), "it"
            )
            assert_cells(screen_lines(app))
            await pilot.press("d")
            await until(pilot, lambda shown=shown: any(f"Why: {shown}" in each for each in screen_lines(app)), "why")
            assert_cells(screen_lines(app))
            await pilot.press("escape", "j")
        await pilot.press("m", "g")
        await until(pilot, lambda: any("─ Map" in line for line in screen_lines(app)), "the map")
        await pilot.pause()
        assert_cells(screen_lines(app))
        text = "\n".join(screen_lines(app))
        assert all(f"◌ {title_of(number)[1].removesuffix('…')}" in text for number in range(len(TITLES)))
