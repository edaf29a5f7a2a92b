"""Pinned logs in the app: they stay while the cursor goes elsewhere, fold, grow, and follow newer runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchest_tui.ui.pins import PinnedLog
from orchest_tui.ui.pipeline.screen import PipelineScreen
from tests.engine.workshop import Workshop, step_uuid
from tests.ui.screens import SIZES, opened_app, screen_lines, screen_text, until

sizes = pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x35", "200x60"])

SAYS = """
    print("{title} begins")
    for number in range(100):
        print("{title} line", number)
"""


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Three steps that have run, one that has not."""
    workshop = Workshop(tmp_path / "project")
    for title in ("Load", "Fit", "Plot"):
        workshop.step(title, SAYS.format(title=title))
    workshop.run()
    workshop.step("Never", "print('no')")
    return workshop


def heights(screen: PipelineScreen) -> dict[int, int]:
    return {log.number: log.outer_size.height if log.display else 0 for log in screen.detail.pins.logs}


def row_with(screen: PipelineScreen, *texts: str) -> int:
    """Return the number of the first line of the screen that has all ``texts``."""
    return next(
        place
        for place, line in enumerate(screen_lines(screen.app))
        if all(text in line for text in texts)  # type: ignore[arg-type]
    )


@sizes
async def test_a_pinned_log_stays_while_the_cursor_goes_on(workshop: Workshop, size: tuple[int, int]) -> None:
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await pilot.press("1", "j")
        await until(pilot, lambda: "1 Load  run 1  FOLLOW  L 101/101 100%" in screen_text(app), "the pinned log")
        await until(pilot, lambda: "Fit  run 1  FOLLOW  L 101/101" in screen_text(app), "the log of the next step")
        assert "Load line 99" in screen_text(app)
        assert row_with(screen, "Fit line 99") < row_with(screen, "1 Load") < row_with(screen, "Load line 99")
        await pilot.press("k", "1")
        await until(pilot, lambda: "1 Load" not in screen_text(app), "the end of pinning")
        assert not screen.detail.pins.logs
        assert screen.step_tree.has_focus


@sizes
async def test_a_burst_of_keys_pins_the_steps_that_it_passes(workshop: Workshop, size: tuple[int, int]) -> None:
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await pilot.press("1", "j", "2", "j", "3", "j")
        await until(
            pilot,
            lambda: all(
                each in screen_text(app) for each in ("─ 1 Load", "─ 2 Fit", "─ 3 Plot", "has not run yet. r runs")
            ),
            "three pinned logs",
        )
        rows = [row_with(screen, f"─ {number} ") for number in (1, 2, 3)]
        assert rows == sorted(rows)
        total = screen.detail.content_size.height
        assert sum(heights(screen).values()) < total // 2 + 1
        if size == (80, 24):
            assert heights(screen) == {1: 7, 2: 1, 3: 1}
        if size == (200, 60):
            assert min(heights(screen).values()) >= 6


async def test_another_step_is_exchanged_and_a_step_moves(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("1", "j", "1")
        await until(pilot, lambda: "1 Fit  run 1" in screen_text(app), "the exchange")
        assert "1 Load" not in screen_text(app)
        await pilot.press("3")
        await until(pilot, lambda: "3 Fit  run 1" in screen_text(app), "the move")
        assert [(log.number, log.step) for log in screen.detail.pins.logs] == [(3, step_uuid("Fit"))]


async def test_pinning_faster_than_panes_are_made(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, screen):
        for number in (1, 2, 3, 3, 1, 1, 2):
            screen.action_command(f"view.pin_{number}")
        await until(pilot, lambda: "2 Load  run 1" in screen_text(app), "the last one")
        assert [log.number for log in screen.detail.pins.logs] == [2]
        assert len(screen.query(PinnedLog)) == 1


@sizes
async def test_the_focus_goes_round_the_panes_both_ways(workshop: Workshop, size: tuple[int, int]) -> None:
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await pilot.press("1", "j", "2")
        await until(pilot, lambda: "2 Fit" in screen_text(app), "the pinned logs")
        first, second = screen.detail.pins.logs

        def place() -> str:
            for name, pane in (
                ("tree", screen.step_tree),
                ("tab", screen.detail.step_log),
                ("1", first),
                ("2", second),
            ):
                if pane.has_focus_within or pane.has_focus:
                    return name
            return "nowhere"

        walked = []
        for key in ("tab", "tab", "tab", "tab", "shift+tab", "shift+tab", "shift+tab", "shift+tab"):
            await pilot.press(key)
            await pilot.pause()
            walked.append(place())
        assert walked == ["tab", "1", "2", "tree", "2", "1", "tab", "tree"]
        await pilot.press("shift+tab")
        await until(pilot, lambda: heights(screen)[2] > heights(screen)[1] > 0, "the focused one's growth")
        await pilot.press("escape")
        await pilot.pause()
        assert screen.step_tree.has_focus
        await until(pilot, lambda: heights(screen)[2] <= heights(screen)[1] + 1, "its shrinking")


@sizes
async def test_a_pinned_log_gets_the_whole_screen(workshop: Workshop, size: tuple[int, int]) -> None:
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await pilot.press("1", "j", "2", "tab", "tab", "f")
        await until(pilot, lambda: "2 Fit" not in screen_text(app) and "Steps" not in screen_text(app), "full screen")
        assert row_with(screen, "─ 1 Load") == 2, "right below the border"
        assert heights(screen)[1] == size[1] - 4
        await pilot.press("tab")
        await until(pilot, lambda: "─ 2 Fit" in screen_text(app) and "1 Load" not in screen_text(app), "the next pane")
        await pilot.press("tab")
        await until(pilot, lambda: "Steps" in screen_text(app) and "Map" not in screen_text(app), "the tree alone")
        await pilot.press("tab")
        await until(
            pilot, lambda: "Fit  run 1" in screen_text(app) and "─ " not in "".join(screen_lines(app)[2:-2]), "tab"
        )
        await pilot.press("escape", "escape")
        await until(pilot, lambda: "─ 1 Load" in screen_text(app) and "Steps" in screen_text(app), "all of it again")


async def test_keys_of_a_log_work_in_a_pinned_one(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("1", "j", "tab", "tab", "g")
        await until(pilot, lambda: "1 Load  run 1  PAUSED" in screen_text(app), "the pause")
        assert "Load begins" in screen_text(app)
        assert screen.scope().value == "log"
        await pilot.press("1")
        await until(pilot, lambda: not screen.detail.pins.logs, "its end by its own key")
        await pilot.pause()
        assert screen.step_tree.has_focus


async def test_a_pinned_log_follows_the_newest_run_of_its_step(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("1", "j")
        await until(pilot, lambda: "1 Load  run 1" in screen_text(app), "the pinned log")
        workshop.write("Load.py", "print('quite new')")
        await pilot.press("k", "r", "j")
        await until(pilot, lambda: "1 Load  run 2" in screen_text(app), "the new run")
        await until(pilot, lambda: "quite new" in screen_text(app), "its log")
        await until(pilot, lambda: not screen.session.running, "its end")


async def test_a_step_that_is_deleted_is_pinned_no_longer(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await pilot.press("1", "j", "2")
        await until(pilot, lambda: "2 Fit" in screen_text(app), "the pinned logs")
        del workshop.definition["steps"][step_uuid("Load")]
        workshop.save()
        await until(pilot, lambda: [log.number for log in screen.detail.pins.logs] == [2], "one pinned log")
        await until(pilot, lambda: "1 Load" not in screen_text(app) and "2 Fit" in screen_text(app), "the other one")


@sizes
async def test_panes_survive_any_size(workshop: Workshop, size: tuple[int, int]) -> None:
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await pilot.press("1", "j", "2", "j", "3", "tab", "tab")
        for other in ((40, 10), (200, 60), (72, 12), size):
            await pilot.resize_terminal(*other)
            await pilot.pause()
            assert screen.detail.pins.logs[0].has_focus_within
        await until(pilot, lambda: "─ 1 Load" in screen_text(app), "the pinned logs")
        for other in ((20, 5), (12, 3), size):
            await pilot.resize_terminal(*other)
            await pilot.pause()
        await until(pilot, lambda: screen.focused is not None and "─ 1 Load" in screen_text(app), "all of it again")
