"""Before a pipeline is open: which project, and which of its pipelines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from orchest_tui.errors import OrchestTuiError
from orchest_tui.project.discovery import find_pipelines
from orchest_tui.project.identity import relative_name
from orchest_tui.project.pipeline_files import glance_at_pipeline
from orchest_tui.terminal_text import plain
from orchest_tui.ui.screens.dialogs import Answer, Ask

if TYPE_CHECKING:
    from textual.app import App

DEMO_FOLDER = "orchest-tui-demo"
_WIDEST = 32


async def ask_for_project(app: App[int], folder: Path) -> Path | None:
    """Offer to make a project in a folder or to open the demo; return the project's folder, None for neither.

    What can't be done is told, and asked again.

    Args:
        app: The app that asks.
        folder: Where the user wanted a project.
    """
    demo = folder / DEMO_FOLDER
    answers: list[Answer[str]] = [
        Answer("open the demo", "demo", f"A small real pipeline, copied to {plain(str(demo))}."),
        Answer("make a project here", "init", f"A pipeline and a Python environment in {plain(str(folder))}."),
        Answer("quit", ""),
    ]
    text = f"Neither {plain(str(folder))} nor a folder above it has pipelines."
    while True:
        chosen = await app.push_screen_wait(Ask("There is no Orchest project here", answers, text=text, escape="quit"))
        try:
            match chosen:
                case "demo":
                    from orchest_tui.demo import copy_demo

                    return await asyncio.to_thread(copy_demo, demo)
                case "init":
                    return await asyncio.to_thread(_make_project, folder)
                case _:
                    return None
        except OrchestTuiError as error:
            text = plain(str(error))


def _make_project(folder: Path) -> Path:
    from orchest_tui.project.project import new_project

    return new_project(folder).directory


async def ask_for_pipeline(app: App[int], project_dir: Path, *, always: bool = False) -> Path | None:
    """Return the pipeline to open: the only one, or the one that is chosen; None for none.

    Where a project has none, it offers to make one.

    Args:
        app: The app that asks.
        project_dir: The project.
        always: Whether to ask though there is one alone.
    """
    while True:
        pipelines = await asyncio.to_thread(find_pipelines, project_dir)
        if not pipelines:
            if not await _offer_to_make_one(app, project_dir):
                return None
        elif len(pipelines) == 1 and not always:
            return pipelines[0]
        else:
            answers = await asyncio.to_thread(_listed, pipelines, project_dir)
            return await app.push_screen_wait(Ask("Pipelines", answers))


async def _offer_to_make_one(app: App[int], project_dir: Path) -> bool:
    """Offer to make a project's first pipeline; return whether it was made."""
    answers = [
        Answer("make one", True, f"An empty pipeline, {plain(str(project_dir / 'main.orchest'))}."),
        Answer("quit", False),
    ]
    text = f"No folder of {plain(str(project_dir))} has a file that ends in .orchest."
    while await app.push_screen_wait(Ask("This project has no pipelines", answers, text=text)):
        try:
            await asyncio.to_thread(_make_project, project_dir)
        except OrchestTuiError as error:
            text = plain(str(error))
        else:
            return True
    return False


def _listed(pipelines: list[Path], project_dir: Path) -> list[Answer[Path]]:
    """Return pipelines to choose from: name, path, number of steps."""
    rows = []
    for path in pipelines:
        name, steps = glance_at_pipeline(path)
        count = "can't be read" if steps is None else f"{steps} step{'' if steps == 1 else 's'}"
        rows.append((plain(name), plain(relative_name(path, project_dir)), count, path))
    names = min(_WIDEST, max(cell_len(name) for name, _, _, _ in rows))
    paths = min(_WIDEST, max(cell_len(relative) for _, relative, _, _ in rows))
    return [
        Answer(f"{_padded(name, names)}  {_padded(relative, paths)}  {count}", path)
        for name, relative, count, path in rows
    ]


def _padded(text: str, cells: int) -> str:
    """Return ``text`` in so many cells, or whole where it is longer."""
    return text + " " * max(0, cells - cell_len(text))
