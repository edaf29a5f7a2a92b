"""Before a pipeline is open: which project, and which of its pipelines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from orchest_tui.project.discovery import find_pipelines
from orchest_tui.project.identity import relative_name
from orchest_tui.terminal_text import plain
from orchest_tui.ui.screens.dialogs import Answer, Ask

if TYPE_CHECKING:
    from textual.app import App

DEMO_FOLDER = "orchest-tui-demo"


async def ask_for_project(app: App[int]) -> Path | None:
    """Offer to make a project in the current folder or to open the demo; return its folder, None for neither.

    Raises:
        OrchestTuiError: It can't be made there.
    """
    here = Path.cwd()
    answers: list[Answer[str]] = [
        Answer("open the demo", "demo", f"A small real pipeline, copied to {plain(str(here / DEMO_FOLDER))}."),
        Answer("make a project here", "init", f"A pipeline and a Python environment in {plain(str(here))}."),
        Answer("quit", ""),
    ]
    match await app.push_screen_wait(Ask("There is no Orchest project here", answers)):
        case "demo":
            from orchest_tui.demo import copy_demo

            return await asyncio.to_thread(copy_demo, here / DEMO_FOLDER)
        case "init":
            from orchest_tui.project.project import new_project

            return (await asyncio.to_thread(new_project, here)).directory
        case _:
            return None


async def ask_for_pipeline(app: App[int], project_dir: Path, *, always: bool = False) -> Path | None:
    """Return the pipeline to open: the only one, or the one that is chosen; None for none.

    Args:
        app: The app that asks.
        project_dir: The project.
        always: Whether to ask though there is one alone.
    """
    pipelines = await asyncio.to_thread(find_pipelines, project_dir)
    if len(pipelines) == 1 and not always:
        return pipelines[0]
    answers = [Answer(plain(relative_name(path, project_dir)), path) for path in pipelines]
    question = "Pipelines" if answers else "This project has no pipelines"
    return await app.push_screen_wait(Ask(question, answers))
