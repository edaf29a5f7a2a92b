"""The map on a screen: cell by cell, at several sizes, alive, and with keys."""

from __future__ import annotations

import pytest
from textual.color import Color

from orchest_tui.engine.state import StepView
from orchest_tui.ui.map import StepMap
from tests.ui.map.maps import DIAMOND, drive

SIZES = [(80, 24), (120, 35), (200, 60)]

DOWN = [
    "┌───────────┐",
    "│ ◌ load    │",
    "└─────┬─────┘",
    "      ├────┐",
    "      │ ┌──▼────────┐",
    "      │ │ ◌ clean   │",
    "      │ └─────┬─────┘",
    "      └┐     ┌┴───────┐",
    "    ┌──▼─────▼──┐  ┌──▼────────┐",
    "    │ ◌ train   │  │ ◌ plot    │",
    "    └─────┬─────┘  └─────┬─────┘",
    "          └───┐     ┌────┘",
    "           ┌──▼─────▼──┐",
    "           │ ◌ report  │",
    "           └───────────┘",
]
RIGHT = [
    "┌───────────┐                   ┌───────────┐",
    "│ ◌ load    ├─┬─────────────────▶           │   ┌───────────┐",
    "└───────────┘ │ ┌───────────┐ ┌─▶ ◌ train   ├───▶           │",
    "              └─▶ ◌ clean   ├─┤ └───────────┘ ┌─▶ ◌ report  │",
    "                └───────────┘ │ ┌───────────┐ │ └───────────┘",
    "                              └─▶ ◌ plot    ├─┘",
    "                                └───────────┘",
]
LIST = [
    " ◌ load    → clean, train",
    " ◌ clean   ← load  → plot, train",
    " ◌ plot    ← clean  → report",
    " ◌ train   ← clean, load  → report",
    " ◌ report  ← train, plot",
]


@pytest.mark.parametrize("size", SIZES)
def test_every_layout_at_every_size(size):
    async def check(app, pilot):
        assert app.text() == DOWN
        await pilot.press("o")
        await pilot.pause()
        assert app.text() == RIGHT
        await pilot.press("o")
        await pilot.pause()
        assert app.text() == LIST
        await pilot.press("o")
        await pilot.pause()
        assert app.text() == DOWN

    drive(size, check)


@pytest.mark.parametrize(
    ("size", "shape"), [((80, 24), "down"), ((200, 8), "right"), ((80, 5), "list"), ((20, 24), "list")]
)
def test_the_layout_suits_the_screen(size, shape):
    async def check(app, pilot):
        assert app.map.shape == shape

    drive(size, check)


def test_the_layout_follows_a_resize_until_the_user_chooses():
    async def check(app, pilot):
        await pilot.resize_terminal(100, 8)
        await pilot.pause()
        assert app.map.shape == "right"
        await pilot.press("o")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.map.shape == "list"

    drive((80, 24), check)


def test_in_ascii():
    async def check(app, pilot):
        assert app.text()[:8] == [
            ".-----------.",
            "| -- load   |",
            "'-----*-----'",
            "      *----.",
            "      | .--v--------.",
            "      | | -- clean  |",
            "      | '-----*-----'",
            "      '.     .*-------.",
        ]
        assert all(row.isascii() for row in app.text())
        await pilot.press("o", "o")
        await pilot.pause()
        assert app.text()[1] == " -- clean   <- load  -> plot, train"

    drive((80, 24), check, unicode=False)


def test_states_are_shown_as_they_change():
    async def check(app, pilot):
        done = StepView("load", "load", status="SUCCESS", fresh=True, seconds=3.21)
        states = {
            "load": done,
            "clean": StepView("clean", "clean", status="SUCCESS", fresh=False, seconds=75),
            "plot": StepView("plot", "plot", status="FAILURE", seconds=0.4),
            "train": StepView("train", "train", status="STARTED", fraction=0.34),
            "report": StepView("report", "report", status="PENDING"),
        }
        app.map.show_steps(states)
        await pilot.pause()
        rows = app.text()
        assert rows[1:3] == ["│ ✔ load    │", "└3.2s─┬─────┘"]
        assert rows[5:7] == ["      │ │ ⟳ clean   │", "      │ └75s──┬─────┘"]
        assert rows[9:11] == ["    │ ● train   │  │ ✘ plot    │", "    └34%──┬─────┘  └0.4s─┬─────┘"]
        assert rows[13] == "           │ ○ report  │"
        app.map.show_steps({**states, "train": StepView("train", "train", status="ABORTED")}, reused={"load"})
        await pilot.pause()
        assert app.text()[1] == "│ ↺ load    │"
        assert app.text()[9:11] == ["    │ ⊘ train   │  │ ✘ plot    │", "    └─────┬─────┘  └0.4s─┬─────┘"]

    drive((80, 24), check)


def test_what_did_not_change_is_not_painted_again(monkeypatch):
    async def check(app, pilot):
        states = {step: StepView(step, step, status="PENDING") for step in DIAMOND}
        app.map.show_steps(states)
        await pilot.pause()
        refreshed = []
        monkeypatch.setattr(app.map, "refresh", lambda *regions, **_: refreshed.extend(regions))
        app.map.show_steps(dict(states))
        assert refreshed == []
        app.map.show_steps({**states, "plot": StepView("plot", "plot", status="STARTED")})
        [region] = refreshed
        assert (region.x, region.y, region.width, region.height) == (19, 8, 13, 3)

    drive((80, 24), check)


def test_the_cursor_walks_along_the_connections():
    async def check(app, pilot):
        assert app.map.cursor == "load"
        await pilot.press("j", "j", "l", "j", "k", "enter", "G", "g")
        await pilot.pause()
        places = [step for kind, step in app.heard if kind == "at"]
        assert places == ["clean", "train", "plot", "report", "plot", "report", "load"]
        assert [step for kind, step in app.heard if kind == "chosen"] == ["plot"]

    drive((80, 24), check)


def test_the_cursor_stands_out_and_so_do_its_lines():
    async def check(app, pilot):
        app.map.move_cursor("plot")
        await pilot.pause()
        ground = app.style_at(79, 23).bgcolor
        cursor = app.style_at(21, 9)
        assert cursor.bgcolor != ground
        near, other = app.style_at(20, 7), app.style_at(6, 7)
        assert (near.bold, bool(other.bold)) == (True, False)
        assert Color.from_rich_color(near.color) != Color.from_rich_color(other.color)

    drive((80, 24), check)


def test_every_segment_has_a_style():
    async def check(app, pilot):
        for keys in ((), ("o",), ("o",)):
            await pilot.press(*keys)
            await pilot.pause()
            for row in range(24):
                assert all(segment.style is not None for segment in app.map.render_line(row))

    drive((80, 24), check)


def test_the_mouse_puts_the_cursor_and_chooses():
    async def check(app, pilot):
        await pilot.click(StepMap, offset=(22, 9))
        await pilot.pause()
        assert app.map.cursor == "plot"
        await pilot.click(StepMap, offset=(60, 20))
        assert app.map.cursor == "plot"
        await pilot.click(StepMap, offset=(8, 9), times=2)
        await pilot.pause()
        assert app.heard[-1] == ("chosen", "train")

    drive((80, 24), check)


def test_a_graph_wider_than_the_screen_is_a_viewport_that_follows_the_cursor():
    parents = {"root": (), **{f"wide {number}": ("root",) for number in range(12)}}

    async def check(app, pilot):
        app.map._wanted = "down"
        app.map._lay_out()
        app.map.move_cursor("wide 11")
        await pilot.pause()
        assert any("│ ◌ wide 11 │" in row for row in app.text())
        left = app.map.scroll_offset.x
        assert left > 0
        for step in ("wide 0", "root"):
            app.map.move_cursor(step)
            await pilot.pause()
            assert any(f"◌ {step} " in row for row in app.text())
            assert app.map.scroll_offset.x < left

    drive((60, 12), check, parents=parents)


def test_boxes_across_the_edge_are_cut_at_the_edge():
    parents = {"漢字漢字漢字漢字": (), "b": ()}

    async def check(app, pilot):
        app.map._wanted = "down"
        app.map._lay_out()
        await pilot.pause()
        app.map.scroll_to(x=5, animate=False, immediate=True)
        await pilot.pause()
        # The cut goes through the first character: half of it is a blank.
        assert app.text() == ["────────────────┐  ┌", " 字漢字漢字漢字 │  │", "────────────────┘  └"]

    drive((20, 8), check, parents=parents)


def test_strange_titles_keep_the_boxes_whole():
    titles = {"a": "[b]load[/b]", "b": "漢字 emoji 🎉", "c": "x\x1b[2Jy\n" + "long " * 9}

    async def check(app, pilot):
        assert app.text() == [
            "         ┌───────────────┐",
            "         │ ◌ [b]load[/b] │",
            "         └───────┬───────┘",
            "                 │",
            "        ┌────────▼────────┐",
            "        │ ◌ 漢字 emoji 🎉 │",
            "        └────────┬────────┘",
            "                 │",
            "┌────────────────▼───────────────┐",
            "│ ◌ xy long long long long long… │",
            "└────────────────────────────────┘",
        ]

    drive((80, 24), check, parents={"a": (), "b": ("a",), "c": ("b",)}, titles=titles)


def test_the_cursor_outlives_a_changed_graph():
    async def check(app, pilot):
        app.map.move_cursor("plot")
        app.map.show_graph({"plot": "Plot", "new": "New"}, {"plot": ["gone"], "new": ["plot"]})
        await pilot.pause()
        assert app.map.cursor == "plot"
        assert app.text()[1] == "│ ◌ Plot    │"
        app.map.show_graph({"other": "Other"}, {})
        assert app.map.cursor == "other"
        app.map.show_graph({}, {})
        await pilot.press("j", "enter", "G")
        await pilot.pause()
        assert (app.map.cursor, app.text()) == (None, [])

    drive((80, 24), check)


def test_a_cycle_is_shown_without_the_connection_that_closes_it():
    async def check(app, pilot):
        assert [row for row in app.text() if "◌" in row] == ["│ ◌ a       │", "│ ◌ b       │"]
        await pilot.press("j", "j", "k")
        await pilot.pause()
        assert app.map.cursor == "a"

    drive((80, 24), check, parents={"a": ("b",), "b": ("a",)})


def test_a_thousand_steps_are_a_list_at_once_and_drawn_when_asked_for():
    parents = {f"s{n}": tuple(f"s{(n * 7 + k * 13) % n}" for k in range(n % 3)) if n else () for n in range(1000)}

    async def check(app, pilot):
        assert app.map.shape == "list"
        await pilot.press("G")
        await pilot.pause()
        assert app.text()[-1].startswith(" ◌ s9")
        await pilot.press("o", "g")
        await pilot.pause()
        assert app.map.shape == "down"
        assert any("◌ s0 " in row for row in app.text())

    drive((120, 35), check, parents=parents)
