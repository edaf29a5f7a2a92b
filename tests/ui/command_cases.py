"""What each command is to do, as one sees it on the screen, and where the rest is tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.widgets import Input

from orchest_tui.ui.app import OrchestApp
from orchest_tui.ui.detail.logs import StepLogView
from orchest_tui.ui.log.canvas import LogCanvas
from orchest_tui.ui.pipeline.screen import PipelineScreen
from orchest_tui.ui.screens.dialogs import Ask, Reading
from orchest_tui.ui.themes.picker import ThemePicker
from tests.engine.workshop import step_uuid
from tests.ui import scenes
from tests.ui.scenes import SceneMaker
from tests.ui.screens import screen_lines, screen_text
from tests.ui.staging import StagedEngine

TITLES = ("Load", "Clean", "Explore", "Make features", "Train", "Evaluate", "Report", "Publish")
LOAD, CLEAN, EXPLORE, FEATURES, TRAIN, EVALUATE, REPORT, PUBLISH = map(step_uuid, TITLES)


NO_KEY = -1
WAIT = "wait for: "


@dataclass
class Stage:
    """The app that a command is done in.

    Attributes:
        edited: Files that the editor was given, with lines.
    """

    app: OrchestApp
    pilot: Pilot[int]
    edited: list[tuple[str, int | None]]

    @property
    def screen(self) -> PipelineScreen:
        screen = self.app.pipeline_screen
        assert screen is not None
        return screen

    @property
    def engine(self) -> StagedEngine:
        return self.screen.session._engine  # type: ignore[attr-defined, no-any-return]

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def cursor(self) -> str | None:
        return self.screen.step_tree.cursor

    @property
    def marked(self) -> set[str]:
        return self.screen.step_tree.marked

    @property
    def asked(self) -> tuple[str, tuple[str, ...]] | None:
        """The run that was asked for: kind and steps."""
        requests = self.engine.asked
        return (requests[-1].kind, requests[-1].steps) if requests else None

    def says(self, *words: str) -> bool:
        """Whether the screen shows all of it."""
        return all(each in self.text for each in words)

    @property
    def view(self) -> StepLogView:
        """The log view of the tab."""
        return self.screen.detail.query_one("#logs", StepLogView)

    @property
    def page(self) -> list[str]:
        """The rows of the tab."""
        region = self.screen.detail.content_region
        lines = screen_lines(self.app)[region.y : region.bottom]
        return [line[region.x : region.right].rstrip() for line in lines]

    @property
    def log(self) -> list[str]:
        """The rows of the log."""
        region = self.view.query_one(LogCanvas).region
        lines = screen_lines(self.app)[region.y : region.bottom]
        return [line[region.x : region.right].rstrip() for line in lines]


@dataclass(frozen=True)
class Case:
    """One command.

    Attributes:
        id: The command.
        seen: Whether it was done.
        before: Keys and commands that come first; ``WAIT`` with a text waits for that.
        key: Which of its default keys is pressed; ``NO_KEY`` for none, where ``before`` has it already.
    """

    id: str
    seen: Callable[[Stage], bool]
    before: tuple[str, ...] = ()
    key: int = 0


def at(step: str) -> Callable[[Stage], bool]:
    return lambda stage: stage.cursor == step


def with_marks(*steps: str) -> Callable[[Stage], bool]:
    return lambda stage: stage.marked == set(steps)


def asks_for(kind: str, *steps: str) -> Callable[[Stage], bool]:
    return lambda stage: stage.asked == (kind, steps)


def dialog(kind: type, words: str) -> Callable[[Stage], bool]:
    return lambda stage: isinstance(stage.app.screen, kind) and words in stage.text


def edits(file: str, line: int | None) -> Callable[[Stage], bool]:
    return lambda stage: stage.edited == [(file, line)]


STALE = (
    Case("run.selected", asks_for("selected", LOAD)),
    Case("run.selected", asks_for("selected", LOAD, CLEAN), ("space", "space")),
    Case("run.menu", dialog(Ask, "from here down")),
    Case("run.from_here", asks_for("from", CLEAN), ("j",)),
    Case("run.incoming", asks_for("incoming", CLEAN), ("j",)),
    Case("run.stale", asks_for("stale")),
    Case("run.all", asks_for("all")),
    Case("run.again", asks_for("all"), ("j",)),
    Case("run.live", lambda stage: stage.engine.live and stage.says("LIVE", "Live mode is on")),
    Case("tree.mark", lambda stage: stage.marked == {LOAD} and stage.cursor == CLEAN),
    Case("tree.range", with_marks(CLEAN, EXPLORE, FEATURES), ("j", "v", "j", "j")),
    Case("tree.mark_all", with_marks(*map(step_uuid, TITLES))),
    Case("tree.mark_stale", with_marks(LOAD, FEATURES)),
    Case("tree.mark_incoming", with_marks(LOAD, CLEAN), ("j", "j")),
    Case("tree.mark_below", with_marks(EXPLORE, REPORT, PUBLISH), ("j", "j")),
    Case("tree.filter", lambda stage: len(stage.screen.step_tree.rows) == 8 and isinstance(stage.app.focused, Input)),
    Case("tree.next_match", at(FEATURES)),
    Case("tree.next_match", at(CLEAN), ("tree.filter", *"clean", "enter")),
    Case("tree.previous_match", at(FEATURES)),
    Case("tree.fold", lambda stage: [row.step for row in stage.screen.step_tree.rows] == [LOAD]),
    Case("tree.unfold", lambda stage: len(stage.screen.step_tree.rows) == 8 and stage.cursor == LOAD, ("h",)),
    Case("tree.unfold", at(CLEAN), (), 1),
    Case("move.down", at(CLEAN)),
    Case("move.up", at(CLEAN), ("j", "j"), 1),
    Case("move.top", at(LOAD), ("j", "j")),
    Case("move.bottom", at(PUBLISH)),
    Case("move.half_down", at(PUBLISH)),
    Case("move.half_up", at(LOAD), ("G",)),
    Case("step.open", lambda stage: stage.screen.detail.has_focus_within and stage.screen.detail.tab == "logs"),
    Case("step.why", dialog(Reading, "rows 20000 → 500")),
    Case("step.edit", edits("load.py", None)),
    Case("step.menu", dialog(Ask, "Clear the step's outputs")),
    Case("step.clear_outputs", dialog(Ask, "keep them")),
    Case("view.next_tab", lambda stage: stage.says("[Data]", "Alexanderplatz")),
    Case("view.previous_tab", lambda stage: stage.says("load.py", "uuid")),
    Case("view.full", lambda stage: stage.says("Steps") and "Logs" not in stage.text),
    Case("view.map", lambda stage: stage.says("─ Map ─", "│ ✔ Clean")),
    Case("view.problems", dialog(Reading, "Nothing is wrong")),
    Case("view.notices", dialog(Reading, "There were none")),
    Case("view.back", lambda stage: stage.screen.step_tree.has_focus, ("enter",)),
    Case("view.back", with_marks(), ("space",)),
    Case("view.pin_1", lambda stage: stage.says("─ 1 Load")),
    Case("view.pin_2", lambda stage: stage.says("─ 2 Clean"), ("j",)),
    Case("view.pin_3", lambda stage: stage.says("─ 3 Load")),
    Case("app.help", dialog(Reading, "Step tree")),
    Case("app.palette", lambda stage: stage.says("Run menu", "Choose what to run")),
    Case("app.theme", lambda stage: isinstance(stage.app.screen, ThemePicker) and stage.says("High contrast")),
    Case("app.next_pane", lambda stage: stage.screen.detail.has_focus_within),
    Case("app.previous_pane", lambda stage: stage.screen.detail.has_focus_within),
    Case("app.suspend", edits("suspended", None)),
    Case("app.definition", edits("main.orchest", None)),
    Case("app.pipelines", dialog(Ask, "main.orchest")),
)
RUNNING = (
    Case("run.stop", dialog(Ask, "stop the whole run")),
    Case(
        "run.stop",
        lambda stage: stage.engine.aborted == [(TRAIN,)],
        ("j", "j", "j", "j", "s", f"{WAIT}stop the chosen step", "enter"),
        NO_KEY,
    ),
    Case("run.all", lambda stage: stage.asked is None and stage.says("a run goes on")),
    Case("view.back", lambda stage: "-full" not in stage.screen.classes, ("f",)),
)

BROKEN = (
    Case("view.problems", dialog(Reading, "train.py")),
    Case("tree.mark_stale", with_marks(*map(step_uuid, TITLES))),
)

IN_LOG = ("j", "enter")
FROM_TOP = (*IN_LOG, "g")
SEARCHED = (*FROM_TOP, "slash", *"77", "enter", f"{WAIT}/77 1 of 3")
LOG = (
    Case("tree.mark_failed", with_marks(CLEAN)),
    Case("run.failed", asks_for("selected", CLEAN)),
    Case("step.edit", edits("clean.py", 4), ("j",)),
    Case("log.start", lambda stage: stage.says("PAUSED") and stage.log[0].startswith("wide"), IN_LOG),
    Case("log.end", lambda stage: stage.says("FOLLOW", "KeyError"), FROM_TOP),
    Case("log.down", lambda stage: stage.log[0].startswith("0") or stage.log[0][0].isdigit(), FROM_TOP),
    Case("log.up", lambda stage: stage.log[0].startswith("wide"), (*FROM_TOP, "j"), 1),
    Case("log.half-page-down", lambda stage: stage.log[0].startswith("line "), FROM_TOP),
    Case("log.half-page-up", lambda stage: stage.log[0].startswith("wide"), (*FROM_TOP, "ctrl+d")),
    Case("log.page-down", lambda stage: stage.log[0].startswith("line 2"), FROM_TOP),
    Case("log.page-up", lambda stage: stage.log[0].startswith("wide"), (*FROM_TOP, "pagedown")),
    Case("log.follow", lambda stage: stage.says("FOLLOW", "KeyError"), FROM_TOP),
    Case("log.wrap", lambda stage: stage.log[1] == "line 0", FROM_TOP),
    Case("log.right", lambda stage: stage.log[0].startswith("3456"), (*FROM_TOP, "w")),
    Case("log.left", lambda stage: stage.log[0].startswith("wide"), (*FROM_TOP, "w", "l")),
    Case("log.times", lambda stage: stage.log[-1].startswith("15:06:02 "), IN_LOG),
    Case("log.search", lambda stage: isinstance(stage.app.focused, Input), IN_LOG),
    Case("log.next-hit", lambda stage: stage.says("/77 2 of 3", "line 177"), SEARCHED),
    Case("log.previous-hit", lambda stage: stage.says("/77 3 of 3", "From the end again"), SEARCHED),
    Case("log.filter", lambda stage: isinstance(stage.app.focused, Input), IN_LOG),
    Case("log.next-error", lambda stage: stage.says("errors 1 of", "ERROR one"), FROM_TOP),
    Case("log.previous-error", lambda stage: stage.says("errors 1 of", "ERROR one"),
         (*FROM_TOP, "e", f"{WAIT}errors 1 of 3", "e", f"{WAIT}errors 2 of 3")),
    Case("log.select", lambda stage: stage.says("SELECT"), IN_LOG),
    Case("log.copy", lambda stage: stage.app.clipboard.startswith("wide 0123"), FROM_TOP),
    Case("log.copy-all", lambda stage: "line 299\nreading" in stage.app.clipboard, IN_LOG),
    Case("log.merge", lambda stage: stage.says("2 steps merged", "Clean"), ("space", "space", "enter")),
    Case("log.earlier", lambda stage: stage.says("run 2", "dropped 212 rows") and "KeyError" not in stage.text, IN_LOG),
    Case("log.open-place", edits("clean.py", 4), (*FROM_TOP, "E", f"{WAIT}From the end again")),
    Case("log.cancel", lambda stage: "SELECT" not in stage.text and stage.view.has_focus_within, (*IN_LOG, "v")),
)  # fmt: skip
IN_SOURCE = ("j", "]", "]", "tab")
FOUND = (*IN_SOURCE, "slash", *"n3", "enter", f"{WAIT}1 of 11")
IN_NOTEBOOK = ("j", *IN_SOURCE)
READING = (
    Case("text.right", lambda stage: "wide" not in stage.page[0], IN_SOURCE),
    Case("text.left", lambda stage: "# wide" in stage.page[0], (*IN_SOURCE, "l")),
    Case("text.search", lambda stage: isinstance(stage.app.focused, Input), IN_SOURCE),
    Case("text.next_hit", lambda stage: stage.says("2 of 11", "n30 = 30"), FOUND),
    Case("text.previous_hit", lambda stage: stage.says("11 of 11", "n39 = 39"), FOUND),
    Case("text.select", lambda stage: stage.app.clipboard.endswith("n0 = 0") and "wide" in stage.app.clipboard,
         (*IN_SOURCE, "v", "j", "y"), NO_KEY),
    Case("text.copy", lambda stage: stage.app.clipboard.startswith("# wide 0123"), IN_SOURCE),
    Case("text.copy_all", lambda stage: stage.app.clipboard.endswith("n89 = 89"), IN_SOURCE),
    Case("text.cancel", lambda stage: "of 11" not in stage.text and stage.screen.detail.has_focus_within, FOUND),
    Case("text.cancel", lambda stage: stage.screen.step_tree.has_focus, IN_SOURCE),
    Case("step.edit", edits("clean.py", None), IN_SOURCE),
    Case("move.bottom", lambda stage: stage.says("n89 = 89"), IN_SOURCE),
    Case("move.top", lambda stage: stage.says("# wide"), (*IN_SOURCE, "G"), 1),
    Case("notebook.next_error", lambda stage: stage.says("the tenth"), (*IN_NOTEBOOK, f"{WAIT}print(3)")),
    Case("notebook.previous_error", lambda stage: stage.says("the fortieth"), (*IN_NOTEBOOK, f"{WAIT}print(3)")),
)  # fmt: skip
MAP = (
    Case("map.down", at(CLEAN), ("m",)),
    Case("map.up", at(LOAD), ("j", "m"), 1),
    Case("map.left", lambda stage: stage.cursor in SIDE_BY_SIDE, ("j", "j", "m", "l")),
    Case("map.right", lambda stage: stage.cursor in SIDE_BY_SIDE, ("j", "j", "m", "h")),
    Case("map.top", at(LOAD), ("j", "j", "m")),
    Case("map.bottom", at(PUBLISH), ("m",)),
    Case("map.open", lambda stage: stage.screen.detail.has_focus_within, ("m",)),
    Case("map.turn", lambda stage: stage.screen.step_map.shape == "right", ("m",)),
    Case("step.menu", dialog(Ask, "Clear the step's outputs"), ("m",)),
)
SIDE_BY_SIDE = {EXPLORE, FEATURES}
GROUPS: dict[str, tuple[SceneMaker, tuple[Case, ...]]] = {
    "stale": (scenes.stale, STALE),
    "running": (scenes.running, RUNNING),
    "broken": (scenes.broken, BROKEN),
    "log": (scenes.long_log, LOG),
    "reading": (scenes.reading, READING),
    "map": (scenes.done, MAP),
}
ELSEWHERE = {
    "app.open_here": "ui/test_elsewhere.py::test_what_is_looked_at_can_be_taken_over_later",
    "app.quit": "ui/test_app.py::test_quitting_without_a_run_asks_nothing",
    "app.redraw": "ui/test_commands.py::test_redrawing_writes_the_whole_screen",
}
"""Command → the test that sees it, below ``tests``."""
