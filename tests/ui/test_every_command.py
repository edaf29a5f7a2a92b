"""Every command does what it says: by its default key, or as the palette performs it where it has none.

A group of commands shares one app on one scene; before each the app is brought back to the tree. What can't be seen
here, since it needs a run, another process or a real terminal, is named in ``ELSEWHERE`` with the test that sees it.
"""

from __future__ import annotations

import ast
from itertools import groupby
from pathlib import Path

import pytest
from textual.dom import DOMNode
from textual.widgets import Input

from orchest_tui.commands import ALL, BY_ID
from orchest_tui.commands.command import Scope
from orchest_tui.ui.app import OrchestApp
from orchest_tui.ui.bindings import textual_key
from orchest_tui.ui.choice_list import ChoiceList
from orchest_tui.ui.detail.logs import StepLogView
from orchest_tui.ui.detail.notebook_view import NotebookView
from orchest_tui.ui.map import StepMap
from orchest_tui.ui.palette import CommandProvider
from orchest_tui.ui.pipeline.screen import PipelineScreen
from orchest_tui.ui.pipeline.tree import StepTree
from orchest_tui.ui.reading_view import ReadingView
from orchest_tui.ui.text_view import TextView
from tests.ui.command_cases import ELSEWHERE, GROUPS, NO_KEY, WAIT, Stage
from tests.ui.scene import Clock
from tests.ui.screens import until
from tests.ui.staging import press, settled, staged_app, stop_time


@pytest.mark.parametrize("group", GROUPS)
async def test_commands(group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, cases = GROUPS[group]
    clock = Clock()
    stop_time(monkeypatch, clock)
    edited: list[tuple[str, int | None]] = []

    async def edit(_app: object, path: Path, line: int | None = None) -> None:
        edited.append((path.name, line))

    for module in ("app_actions", "pipeline.step_actions"):
        monkeypatch.setattr(f"orchest_tui.ui.{module}.edit_file", edit)
    monkeypatch.setattr(OrchestApp, "action_suspend_process", lambda _: edited.append(("suspended", None)))
    async with staged_app(make(tmp_path, clock), monkeypatch) as (app, pilot):
        stage = Stage(app, pilot, edited)
        for case in cases:
            await bring_back(stage)
            for is_wait, parts in groupby(case.before, lambda what: what.startswith(WAIT)):
                if is_wait:
                    words = [what.removeprefix(WAIT) for what in parts]
                    await until(pilot, lambda words=words: stage.says(*words), str(words))
                else:
                    await press(pilot, [*parts])
            await do(stage, case.id, case.key)
            await until(pilot, lambda case=case: case.seen(stage), f"the effect of {case.id}")


async def do(stage: Stage, command_id: str, key: int) -> None:
    """Do a command: by its key, or as the palette does where it has none."""
    command = BY_ID[command_id]
    if key == NO_KEY:
        return
    if command.keys:
        await press(stage.pilot, [textual_key(command.keys[key])])
        return
    offered = [str(hit.text) async for hit in CommandProvider(stage.app.screen).discover()]
    assert command.refusal(stage.app.situation()) or command.title in offered
    await press(stage.pilot, [command_id])


async def bring_back(stage: Stage) -> None:
    """Bring the app back to where it was at first."""
    app, screen = stage.app, stage.screen
    while app.screen is not screen:
        await stage.pilot.press("escape")
        await stage.pilot.pause()
    app.clear_notifications()
    if isinstance(app.focused, Input):
        await stage.pilot.press("escape")
    if screen.has_class("-map"):
        screen.toggle_map()
    screen.show_full(on=False)
    screen.detail.show_tab("logs")
    await settled(stage.pilot)
    tree = screen.step_tree
    tree.focus()
    tree.set_filter("")
    tree.folded.clear()
    tree.rebuild()
    tree.mark(list(tree.marked), on=False)
    tree.move_to(tree.rows[0].step)
    for page in screen.query(ReadingView):
        page.search = None
        page.selection.clear()
        page.scroll_to(0, 0, animate=False, immediate=True)
    view = stage.view
    view.merge(())
    if view.model is not None:
        for _ in range(3):
            view.model.leave()
        if not view.model.look.wrap:
            view.action_toggle_wrap()
        if view.model.look.times:
            view.action_toggle_times()
        view.action_end()
    stage.engine.asked.clear()
    stage.engine.aborted.clear()
    stage.edited.clear()
    await settled(stage.pilot)


@pytest.mark.parametrize(
    ("scope", "pane"),
    [
        (Scope.APP, OrchestApp),
        (Scope.PIPELINE, PipelineScreen),
        (Scope.TREE, StepTree),
        (Scope.TEXT, TextView),
        (Scope.TEXT, ChoiceList),
        (Scope.READING, ReadingView),
        (Scope.NOTEBOOK, NotebookView),
        (Scope.LOG, StepLogView),
        (Scope.MAP, StepMap),
    ],
)
def test_every_pane_has_the_keys_that_the_help_tells(scope: Scope, pane: type[DOMNode]) -> None:
    bound = {binding.id for bindings in pane._merge_bindings().key_to_bindings.values() for binding in bindings}
    assert {command.id for command in ALL if scope in command.scopes} <= bound


def test_every_command_has_a_test() -> None:
    tested = {case.id for _, cases in GROUPS.values() for case in cases} | ELSEWHERE.keys()
    assert {command.id for command in ALL} == tested


@pytest.mark.parametrize("test", ELSEWHERE.values())
def test_what_is_tested_elsewhere_is(test: str) -> None:
    file, _, name = test.partition("::")
    parsed = ast.parse((Path(__file__).parent.parent / file).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    assert name in {node.name for node in parsed.body if isinstance(node, functions)}
