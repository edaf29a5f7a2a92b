"""Data, Source and Notebook in the app, at two sizes; notebooks run on the local executor."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher

from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.app import OrchestApp
from orchest_tui.ui.detail.notebook_view import NotebookView
from orchest_tui.ui.pictures.kitty import PLACEHOLDER
from orchest_tui.ui.reading_view import ReadingView
from tests.engine.workshop import Workshop, step_uuid
from tests.ui.pictures.test_half_blocks import RED, png
from tests.ui.screens import opened_app, screen_lines, screen_text, until

SIZES = [(80, 24), (120, 35)]


def notebook(*sources: str, outputs: list[dict[str, object]] | None = None) -> str:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": outputs or [], "execution_count": None}
        for source in sources
    ]
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A script, and steps below it to add."""
    workshop = Workshop(tmp_path / "project")
    workshop.step("Load", "\n".join(f"line_{number} = {number}  # {'x' * 90} end" for number in range(1, 80)))
    return workshop


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is put into the terminal's clipboard."""
    texts: list[str] = []
    monkeypatch.setattr(OrchestApp, "copy_to_clipboard", lambda _, text: texts.append(text))
    return texts


async def show_tab(pilot: Pilot[int], app: OrchestApp, tab: str, text: str) -> None:
    """Turn to a tab by its keys, give it the focus, and wait for a text in it."""
    for _ in range(6):
        if f"[{tab}]" in screen_lines(app)[1]:
            break
        await pilot.press("]")
        await pilot.pause()
    await pilot.press("tab")
    await until(pilot, lambda: text in screen_text(app), f"the tab {tab}")


def view_of(app: OrchestApp) -> ReadingView:
    """Return the focused pane."""
    assert isinstance(app.focused, ReadingView), app.focused
    return app.focused


@pytest.mark.parametrize("size", SIZES)
async def test_long_lines_are_panned(workshop: Workshop, size: tuple[int, int]) -> None:
    async with opened_app(workshop.folder, size) as (app, pilot, _):
        await show_tab(pilot, app, "Source", " 1 line_1 = 1")
        assert "x end" not in screen_text(app)
        await pilot.press(*["l"] * 15)
        await until(pilot, lambda: "x end" in screen_text(app), "the end of the lines")
        assert "line_1 = 1" not in screen_text(app)
        await pilot.press(*["left"] * 15)
        await until(pilot, lambda: " 1 line_1 = 1" in screen_text(app), "the beginning")


@pytest.mark.parametrize("size", SIZES)
async def test_a_search_is_typed_highlighted_and_counted(workshop: Workshop, size: tuple[int, int]) -> None:
    async with opened_app(workshop.folder, size) as (app, pilot, _):
        await show_tab(pilot, app, "Source", " 1 line_1 = 1")
        await pilot.press("slash", *"_7", "enter")
        await until(pilot, lambda: "1 of 11" in screen_text(app), "the first hit")
        await pilot.press("n", "n")
        await until(pilot, lambda: "3 of 11" in screen_text(app), "the third hit")
        view = view_of(app)
        assert view.search is not None
        assert view.search.current == 70
        assert view.top <= 70 < view.top + view.size.height
        marked = view.line_at(70)
        assert [marked.plain[span.start : span.end] for span in marked.spans if "reverse" in str(span.style)] == ["_7"]
        await pilot.press("N", "N", "N")
        await until(pilot, lambda: "11 of 11" in screen_text(app), "round the beginning")
        await pilot.press("escape")
        await until(pilot, lambda: " of 11" not in screen_text(app), "no search")
        assert app.focused is view
        await pilot.press("escape")
        await until(pilot, lambda: not view.has_focus, "back in the tree")


async def test_what_is_not_found_and_what_is_no_expression_is_told(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, _):
        await show_tab(pilot, app, "Source", " 1 line_1 = 1")
        await pilot.press("slash", *"nowhere", "enter")
        await until(pilot, lambda: "not found" in screen_text(app), "the answer")
        await pilot.press("slash", "left_parenthesis", "enter")
        await until(pilot, lambda: "no regular expression" in screen_text(app), "the refusal")


async def test_lines_are_copied_without_their_numbers(workshop: Workshop, copied: list[str]) -> None:
    async with opened_app(workshop.folder) as (app, pilot, _):
        await show_tab(pilot, app, "Source", " 1 line_1 = 1")
        await pilot.press("y")
        await until(pilot, lambda: len(copied) == 1, "a copy")
        await pilot.press("v", "j", "j", "y", "Y")
        await until(pilot, lambda: len(copied) == 3, "more copies")
        one, some, everything = ([line.split()[0] for line in text.split("\n")] for text in copied)
        assert one == ["line_1"]
        assert some == ["line_1", "line_2", "line_3"]
        assert everything == [f"line_{number}" for number in range(1, 80)]


async def test_a_file_that_is_saved_is_shown_again(workshop: Workshop) -> None:
    async with opened_app(workshop.folder) as (app, pilot, _):
        await show_tab(pilot, app, "Source", " 1 line_1 = 1")
        workshop.write("Load.py", "fresh = True\n")
        await until(pilot, lambda: "1 fresh = True" in screen_text(app), "the new text")


async def test_the_editor_opens_where_one_was_reading_or_where_it_failed(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []

    async def edit(app: object, path: Path, line: int | None = None) -> None:
        asked.append(line)

    monkeypatch.setattr("orchest_tui.ui.pipeline.step_actions.edit_file", edit)
    workshop.write("Load.py", "\n" * 59 + "{}['missing']\n" + "x = 1\n" * 60)
    async with opened_app(workshop.folder) as (app, pilot, screen):
        await show_tab(pilot, app, "Source", " 20 ")
        await pilot.press("e")
        await until(pilot, lambda: asked == [None], "the editor")
        await pilot.press(*["j"] * 5, "e")
        await until(pilot, lambda: asked == [None, 6], "the editor where one reads")
        await pilot.press("r")
        await until(pilot, lambda: screen.situation().failed == 1, "the failure")
        await until(pilot, lambda: "60>{}['missing']" in screen_text(app), "the line that failed")
        await pilot.press("e")
        await until(pilot, lambda: asked[2:] == [60], "the editor where it failed")


async def test_the_tab_has_the_name_of_what_it_shows(workshop: Workshop) -> None:
    workshop.step("Book", notebook("print('in the book')"), "Load", file="book.ipynb")
    async with opened_app(workshop.folder, (80, 24)) as (app, pilot, screen):
        await pilot.press("]", "]")
        await until(pilot, lambda: "[Source] Params Runs Props" in screen_text(app), "the tab Source")
        await pilot.press("j")
        await until(pilot, lambda: "[Notebook] Params Runs Props" in screen_text(app), "the tab Notebook")
        await until(pilot, lambda: "[ ] print('in the book')" in screen_text(app), "the cells")
        await pilot.press("tab")
        assert isinstance(app.focused, NotebookView)
        assert screen.scope().value == "notebook"
        await pilot.press("tab", "k")
        await until(pilot, lambda: " 1 line_1 = 1" in screen_text(app), "the script")
        assert screen.detail.query_one(ContentSwitcher).current == "source"


@pytest.mark.parametrize("size", SIZES)
async def test_a_notebook_is_shown_live_and_its_failure_found(workshop: Workshop, size: tuple[int, int]) -> None:
    gate = workshop.folder / "gate"
    os.mkfifo(gate)
    first = "\n".join(["print('\\x1b[32mgreen\\x1b[0m')", *["pass"] * 40])
    workshop.step("Book", notebook(first, "print(open('gate').read())", "{}['missing']", "print('never')"),
                  file="book.ipynb")  # fmt: skip
    async with opened_app(workshop.folder, size) as (app, pilot, screen):
        await pilot.press("G")
        await show_tab(pilot, app, "Notebook", "[ ] print(")
        await pilot.press("e")
        await until(pilot, lambda: "No cell of it failed" in screen_text(app), "the answer")
        await pilot.press("r")
        await until(pilot, lambda: "[*] print(open" in screen_text(app), "the cell that runs, in sight")
        await until(pilot, lambda: "● running" in screen_text(app), "its clock")
        assert "    green" in screen_text(app)
        view = app.focused
        assert isinstance(view, NotebookView)
        assert view.following
        await pilot.press("g")
        await until(pilot, lambda: "[1] print('\\x1b[32mgreen" in screen_text(app), "the first cell")
        assert not view.following
        await pilot.press("G")
        await until(pilot, lambda: "[*] print(open" in screen_text(app) and view.following, "the cell that runs again")
        with gate.open("w") as stream:
            stream.write("through the gate")
        await until(pilot, lambda: screen.situation().failed == 1 and not screen.session.running, "the failure")
        await until(pilot, lambda: "KeyError: 'missing'" in screen_text(app), "the failed cell, in sight")
        await until(pilot, lambda: "✘ failed after" in screen_text(app), "how it ended")
        await pilot.press("g", "e")
        await until(pilot, lambda: "[3] {}['missing']" in screen_text(app), "the error by its key")
        state = screen.session.state.steps[step_uuid("Book")]
        assert [view.status for _, view in sorted(state.cells.items())] == ["ok", "ok", "error"]


async def test_a_notebook_that_somebody_else_saves_is_read_again(workshop: Workshop) -> None:
    workshop.step("Book", notebook("print('before')"), file="book.ipynb")
    async with opened_app(workshop.folder) as (app, pilot, _):
        await pilot.press("G")
        await show_tab(pilot, app, "Notebook", "[ ] print('before')")
        workshop.write("book.ipynb", notebook("print('afterwards')"))
        await until(pilot, lambda: "[ ] print('afterwards')" in screen_text(app), "the new cell")


def with_picture() -> str:
    picture = base64.b64encode(png([RED * 64] * 64, 64)).decode()
    return notebook("plot()", outputs=[{"output_type": "display_data", "data": {"image/png": picture}}])


@pytest.mark.parametrize(
    ("abilities", "wanted", "shown"),
    [
        (Abilities(), "auto", "▀▀▀▀"),
        (Abilities(), "none", "(pictures are switched off)"),
        (Abilities("none", unicode=False), "auto", "######"),
    ],
)
async def test_pictures_as_the_terminal_can(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, abilities: Abilities, wanted: str, shown: str
) -> None:
    monkeypatch.setenv("ORCHEST_TUI_PICTURES", wanted)
    workshop.step("Book", with_picture(), file="book.ipynb")
    async with opened_app(workshop.folder, abilities=abilities) as (app, pilot, _):
        await pilot.press("G")
        await show_tab(pilot, app, "Notebook", "[ ] plot()")
        await until(pilot, lambda: shown in screen_text(app), "the picture")


async def test_a_terminal_with_graphics_is_sent_the_picture_and_its_cells(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    workshop.step("Book", with_picture(), file="book.ipynb")
    async with opened_app(workshop.folder, abilities=Abilities(kitty_graphics=True)) as (app, pilot, screen):
        sent: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", sent.append)
        await pilot.press("G")
        await show_tab(pilot, app, "Notebook", "[ ] plot()")
        await until(pilot, lambda: PLACEHOLDER in screen_text(app), "the cells")
        pictures = [text for text in sent if text.startswith("\x1b_Ga=T,U=1,f=100,q=2,")]
        assert len(pictures) == 1
        screen.clear_pictures()
        assert sent[-1].startswith("\x1b_Ga=d,d=I,q=2,")
