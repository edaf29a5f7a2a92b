"""The app as a person meets it: what the screen shows and what the keys do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchest_tui.project.layout import user_settings_file
from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.palette import CommandProvider
from orchest_tui.ui.screens.dialogs import Ask, Reading
from tests.conftest import CLEAN, LOAD, REPORT
from tests.ui.screens import SIZES, opened_app, screen_lines, screen_text, until


@pytest.mark.parametrize("size", SIZES)
async def test_a_project_that_never_ran(project: Path, size: tuple[int, int]) -> None:
    async with opened_app(project, size) as (app, _, _):
        lines = screen_lines(app)
        assert "weather ▸ Weather" in lines[0]
        assert "[Logs] Data Source Params Runs Prop" in lines[1]
        assert [lines[row].index(title) for row, title in ((2, "Load"), (3, "Clean"), (4, "Report"))] == [5, 7, 9]
        assert "new" in lines[2]
        assert lines[-1].rstrip().endswith("? help")
        assert len(lines) == size[1]


async def test_on_a_narrow_screen_one_pane_alone_is_shown(project: Path) -> None:
    async with opened_app(project, (50, 16)) as (app, pilot, _):
        assert "Steps" in screen_text(app)
        assert "Properties" not in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "Steps" not in screen_text(app)
        assert "[Logs]" in screen_text(app)


async def test_ascii_only(project: Path) -> None:
    async with opened_app(project, abilities=Abilities(colours="none", unicode=False)) as (app, _, _):
        assert screen_text(app).isascii()
        assert "weather > Weather" in screen_text(app)


async def test_the_cursor_moves_and_the_tabs_follow(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        await pilot.press("j", "j", "]", "]")
        await until(pilot, lambda: "print('Report')" in screen_text(app), "the source of Report")
        assert screen.step_tree.cursor == REPORT
        await pilot.press("g")
        await until(pilot, lambda: "print('Load')" in screen_text(app), "the source of Load")
        await pilot.press("G", "[", "[", "[")
        await until(pilot, lambda: "report.py" in screen_text(app), "the properties of Report")


async def test_marks_ranges_and_all(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        await pilot.press("space")
        assert screen.step_tree.marked == {LOAD}
        assert screen.step_tree.cursor == CLEAN
        await pilot.press("v", "j", "v")
        assert screen.step_tree.marked == {LOAD, CLEAN, REPORT}
        await pilot.pause()
        assert "3 marked" in screen_text(app)
        await pilot.press("A")
        assert screen.step_tree.marked == set()


async def test_folding_keeps_the_cursor_where_it_can_be_seen(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        await pilot.press("h")
        await pilot.pause()
        assert "Load [+2]" in screen_text(app)
        await pilot.press("l", "l")
        assert screen.step_tree.cursor == CLEAN
        await pilot.press("h", "h")
        assert screen.step_tree.cursor == LOAD


async def test_the_filter_is_fuzzy_and_escape_drops_it(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        await pilot.press("slash", "r", "p", "t")
        await until(pilot, lambda: [row.step for row in screen.step_tree.rows] == [REPORT], "the filter")
        await pilot.press("enter")
        assert "1 of 3" in screen_text(app)
        await pilot.press("escape")
        assert len(screen.step_tree.rows) == 3
        assert screen.step_tree.cursor == REPORT


async def test_why_and_help_are_told(project: Path) -> None:
    async with opened_app(project) as (app, pilot, _):
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, Reading), "the dialog")
        assert "It has not run yet." in screen_text(app)
        await pilot.press("escape", "question_mark")
        await until(pilot, lambda: "Keys" in screen_text(app), "the help")
        assert "Step tree" in screen_text(app)
        assert "space" in screen_text(app)


async def test_the_map_shows_the_same_step_as_the_tree(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        await pilot.press("j", "m")
        await until(pilot, lambda: "─ Map ─" in screen_text(app), "the map")
        assert screen.step_map.cursor == CLEAN
        await pilot.press("G")
        await until(pilot, lambda: screen.step_tree.cursor == REPORT, "the tree's cursor")
        await pilot.press("escape")
        await until(pilot, lambda: "─ Steps ─" in screen_text(app), "the tree")


async def test_tree_and_map_show_a_state_with_the_same_sign_and_colour(project: Path) -> None:
    def colours_of(sign: str) -> set[object]:
        strips = app.screen._compositor.render_strips()
        return {piece.style.color for strip in strips for piece in strip if piece.text.strip() == sign and piece.style}

    async with opened_app(project) as (app, pilot, _):
        [in_tree] = colours_of("◌")
        await pilot.press("m")
        await until(pilot, lambda: "─ Map ─" in screen_text(app), "the map")
        await pilot.pause()
        assert in_tree in colours_of("◌")


async def test_the_palette_has_what_is_possible_now(project: Path) -> None:
    async with opened_app(project) as (app, _, _):
        provider = CommandProvider(app.screen)
        names = [str(hit.display) async for hit in provider.discover()]
        assert "Run what is stale" in names
        assert not any(name.startswith("Stop") for name in names)
        assert [str(hit.text) async for hit in provider.search("mark stale")] == ["Mark what is stale"]


async def test_the_run_menu_previews_and_escape_runs_nothing(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        await pilot.press("j", "R")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the menu")
        await pilot.pause()
        text = screen_text(app)
        assert "esc back" in text
        assert "Clean alone     1 step, without data of Load" in text
        assert "from here down  2 steps, without data of Load" in text
        await pilot.press("escape")
        await pilot.pause()
        assert screen.session.state.run is None


async def test_the_actions_tell_what_they_are_for(project: Path) -> None:
    async with opened_app(project) as (app, pilot, _):
        await pilot.press("x")
        await until(pilot, lambda: "Run the step" in screen_text(app), "the actions on one step")
        await pilot.press("escape", "space", "space", "x")
        await until(pilot, lambda: "Run the 2 marked steps" in screen_text(app), "the actions on the marked steps")


async def test_the_whole_screen_names_the_step_and_the_way_back(project: Path) -> None:
    async with opened_app(project) as (app, pilot, _):
        await pilot.press("j", "]", "tab")
        await until(pilot, lambda: "f full" in screen_text(app), "the hint")
        await pilot.press("f")
        await until(pilot, lambda: "─ Clean  Logs [Data] Source" in screen_text(app), "the step's title")
        assert "esc back" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: "Clean  Logs" not in screen_text(app), "the tree")


async def test_the_tree_tells_no_place_after_the_map_where_all_of_it_is_shown(project: Path) -> None:
    async with opened_app(project) as (app, pilot, _):
        await pilot.press("m")
        await until(pilot, lambda: "─ Map ─" in screen_text(app), "the map")
        await pilot.press("j", "m")
        await until(pilot, lambda: "─ Steps ─" in screen_text(app), "the tree")
        await pilot.pause()
        assert "2/3" not in screen_text(app)


async def test_a_refusal_tells_what_is_in_the_way(project: Path) -> None:
    async with opened_app(project) as (app, pilot, _):
        await pilot.press("s")
        await until(pilot, lambda: "Stop: nothing runs." in screen_text(app), "the refusal")


async def test_a_parameter_is_edited_and_saved(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        screen.detail.show_tab("params")
        await until(pilot, lambda: "+ a new parameter" in screen_text(app), "the parameters")
        await pilot.press("tab", "enter", *"rows = 5", "enter")
        file = project / "main.orchest"
        await until(pilot, lambda: json.loads(file.read_text())["steps"][LOAD]["parameters"] == {"rows": 5}, "saving")
        await until(pilot, lambda: "rows = 5 is saved." in screen_text(app), "the notice")
        await until(pilot, lambda: "enter change" in screen_text(app), "the hint")
        await pilot.press("g", "enter", "ctrl+u", *"rows = five", "enter")
        await until(pilot, lambda: 'rows = "five" is saved; it was 5.' in screen_text(app), "what became of a number")


async def test_the_footer_can_be_clicked(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        await pilot.click(screen.footer, offset=(8, 0))
        await until(pilot, lambda: isinstance(app.screen, Ask), "the run menu")


async def test_a_definition_that_is_edited_outside_is_shown(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        await pilot.press("j", "space")
        file = project / "main.orchest"
        document = json.loads(file.read_text())
        document["steps"][LOAD]["title"] = "[bold]Fetch 🚲"
        del document["steps"][REPORT]
        file.write_text(json.dumps(document))
        await until(pilot, lambda: "[bold]Fetch" in screen_text(app), "the new title")
        assert len(screen.step_tree.rows) == 2
        assert screen.step_tree.marked == {CLEAN}


async def test_problems_are_shown_and_the_rest_stays_usable(project: Path) -> None:
    (project / "clean.py").unlink()
    async with opened_app(project) as (app, pilot, _):
        await until(pilot, lambda: "1 problem (W)" in screen_text(app), "the count")
        await pilot.press("W")
        await until(pilot, lambda: isinstance(app.screen, Reading), "the problems")
        assert "clean.py" in screen_text(app)


async def test_a_user_keymap_is_used_and_its_errors_told_at_once(project: Path) -> None:
    file = user_settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("keymap:\n  step.why: W\n  step.wy: x\n  run.live: r\n")
    async with opened_app(project) as (app, pilot, _):
        await until(pilot, lambda: len(app._notifications) == 1, "the notice")
        [told] = app._notifications
        assert "step.why" in told.message
        assert "run.selected" in told.message
        await pilot.press("W")
        await until(pilot, lambda: isinstance(app.screen, Reading), "the dialog")


async def test_nothing_is_drawn_while_nothing_changes(project: Path) -> None:
    """Once what opening brought with it is drawn, that is: then fifteen looks in a row draw nothing."""
    async with opened_app(project) as (app, pilot, screen):
        await until(pilot, lambda: "cache" in screen_text(app), "the machine's figures")
        drawn: list[object] = []
        before = app._display
        app._display = lambda *arguments: drawn.append(arguments) or before(*arguments)  # type: ignore[method-assign]
        for _ in range(20):
            drawn.clear()
            for _ in range(15):
                screen.state_watch.tick()
                await pilot.pause()
            if not drawn:
                break
        app._display = before  # type: ignore[method-assign]
        assert drawn == []


async def test_a_busy_terminal_gets_the_newest_state_once_it_is_free(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = True
    async with opened_app(project) as (app, pilot, screen):
        await until(pilot, lambda: "cache" in screen_text(app), "the machine's figures")
        monkeypatch.setattr("orchest_tui.ui.pipeline.state_watch.terminal_is_busy", lambda _: busy)
        shown, before = screen_lines(app), screen.session.state
        document = json.loads((project / "main.orchest").read_text())
        for title in ("Fetch", "Gather"):
            document["steps"][LOAD]["title"] = title
            (project / "main.orchest").write_text(json.dumps(document))
            await until(
                pilot, lambda title=title: screen.session.opened.pipeline.steps[LOAD].title == title, "reading it"
            )
        await until(pilot, lambda: screen.session.state is not before, "another state")
        for _ in range(15):
            screen.state_watch.tick()
        await pilot.pause()
        assert screen_lines(app) == shown
        busy = False
        await until(pilot, lambda: "Gather" in screen_text(app), "the newest title")


async def test_quitting_without_a_run_asks_nothing(project: Path) -> None:
    async with opened_app(project) as (app, pilot, screen):
        await pilot.press("q")
        await until(pilot, lambda: not screen.session.is_open, "the end")
        assert app.return_code == 0
