"""What the commands ``step.*`` and ``view.*`` do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from orchest_tui.commands import ALL
from orchest_tui.errors import OrchestTuiError
from orchest_tui.human import human_bytes, human_time
from orchest_tui.terminal_text import plain
from orchest_tui.ui.bindings import shown_key
from orchest_tui.ui.detail.properties import problem_lines, why_lines
from orchest_tui.ui.outside import edit_file, host_path
from orchest_tui.ui.screens.dialogs import Answer, Ask, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchest_tui.ui.log.places import Place
    from orchest_tui.ui.pipeline.screen import PipelineScreen


class StepController:
    """Performs ``step.*`` on the step under the cursor.

    Args:
        screen: The pipeline's screen.
    """

    def __init__(self, screen: PipelineScreen) -> None:
        self._screen = screen

    def command_open(self) -> None:
        """Go to the log; from there to the whole screen."""
        detail = self._screen.detail
        if detail.has_focus_within:
            self._screen.show_full(on=not self._screen.has_class("-full"))
            return
        if detail.tab != "logs":
            detail.show_tab("logs")
        self._screen.settle()
        detail.focus_tab()

    def command_why(self) -> None:
        """Tell why the step is as it is."""
        step = self._screen.step_tree.cursor
        if step is not None:
            view = self._screen.step_tree.step_view(step)
            mine = [problem for problem in self._screen.session.opened.problems if problem.step == step]
            lines = [*why_lines(view), *problem_lines(mine)]
            self._screen.app.push_screen(Reading(f"Why: {plain(view.title)}", lines))

    def command_menu(self) -> None:
        """Ask what to do with the step."""
        self._screen.attempt(self._menu())

    def command_edit(self) -> None:
        """Open the step's file in an editor."""
        self._screen.attempt(self._edit())

    def command_clear_outputs(self) -> None:
        """Ask, and throw the outputs away."""
        self._screen.attempt(self._clear())

    async def _menu(self) -> None:
        """Offer what is possible now, each with its key."""
        screen = self._screen
        situation, step = screen.situation(), screen.step_tree.cursor
        if step is None:
            return
        offered = [command for command in ALL if command.of_row and not command.refusal(situation)]
        titles = [command.row_title(situation) for command in offered]
        widest = max(map(len, titles))
        answers = [
            Answer(
                f"{title:{widest}}  {' '.join(map(shown_key, screen.keys[command.id]))}".rstrip(),
                command.id, command.tooltip(),
            )
            for title, command in zip(titles, offered, strict=True)
        ]  # fmt: skip
        others = f", {situation.marked} marked" if situation.marked else ""
        title = plain(screen.step_tree.step_view(step).title) + others
        chosen = await screen.app.push_screen_wait(Ask(title, answers))
        if chosen is not None:
            screen.action_command(chosen)

    async def _edit(self) -> None:
        opened, step = self._screen.session.opened, self._screen.step_tree.cursor
        if step is None:
            return
        definition = opened.pipeline.steps[step]
        if not definition.file_path:
            raise OrchestTuiError(f"{plain(definition.title)} has no file.", "Give it one in the pipeline's file.")
        path = opened.pipeline.step_path(definition, opened.data_dir)
        detail = self._screen.detail
        line = detail.reading.line_to_edit(detail.shown, self._screen.session, step, path)
        await edit_file(self._screen.app, path, line)

    async def _clear(self) -> None:
        step = self._screen.step_tree.cursor
        if step is None:
            return
        title = plain(self._screen.step_tree.step_view(step).title)
        answers = [Answer("keep them", False), Answer("clear them", True, "The step and those below become stale.")]
        if await self._screen.app.push_screen_wait(Ask(f"Outputs of {title}", answers)):
            freed = await self._screen.session.clear_outputs(step)
            self._screen.notify(f"{human_bytes(freed)} are free again.", timeout=4)
            self._screen.detail.refresh_tab()


async def edit_place(screen: PipelineScreen, places: Sequence[Place], step: str | None) -> None:
    """Open the first of some places in the editor that is a file of the project, else the first that is a file here.

    Args:
        screen: The pipeline's screen.
        places: What a log names, as the step saw it.
        step: The step; relative paths begin in its file's folder. None where the log is no step's.

    Raises:
        OrchestTuiError: None of them is on this machine, or there is no editor.
    """
    opened = screen.session.opened
    definition = opened.pipeline.steps.get(step or "")
    folder = opened.pipeline.step_path(definition, opened.data_dir).parent if definition else opened.project_dir
    found = [
        (path, place.line)
        for place in places
        if (path := host_path(place.path, opened.project_dir, opened.data_dir, folder)).is_file()
    ]
    if not found:
        names = plain(places[0].path)
        raise OrchestTuiError(f"{names} is not on this machine.", "It belongs to the step's environment.")
    found.sort(key=lambda pair: not pair[0].is_relative_to(opened.project_dir))
    await edit_file(screen.app, *found[0])


class ViewController:
    """Performs ``view.*``.

    Args:
        screen: The pipeline's screen.
    """

    def __init__(self, screen: PipelineScreen) -> None:
        self._screen = screen

    def command_next_tab(self) -> None:
        """One tab to the right."""
        self._screen.detail.turn(1)

    def command_previous_tab(self) -> None:
        """One tab to the left."""
        self._screen.detail.turn(-1)

    def command_full(self) -> None:
        """Give the focused pane the whole screen, or take it back."""
        self._screen.show_full(on=not self._screen.has_class("-full"))

    def command_pin_1(self) -> None:
        """Pin to pane 1."""
        self._pin(1)

    def command_pin_2(self) -> None:
        """Pin to pane 2."""
        self._pin(2)

    def command_pin_3(self) -> None:
        """Pin to pane 3."""
        self._pin(3)

    def _pin(self, number: int) -> None:
        """Pin a log or take it away; the focus of one that goes returns to the tree."""
        if self._screen.detail.pin(number, self._screen.step_tree.cursor):
            self._screen.focus_left()

    def command_map(self) -> None:
        """Show the map, or the tree."""
        self._screen.toggle_map()

    def command_problems(self) -> None:
        """Show what is wrong with the files."""
        session = self._screen.session
        problems = (*session.state.broken, *session.opened.problems)
        lines = problem_lines(problems) if problems else [Text("Nothing is wrong with the pipeline's files.")]
        self._screen.app.push_screen(Reading("Problems", lines))

    def command_notices(self) -> None:
        """Show the last notices."""
        notices = reversed(self._screen.session.state.notices)
        lines = [
            Text(f"{human_time(notice.time)}  ", "dim").append(plain(notice.text), "not dim") for notice in notices
        ]
        self._screen.app.push_screen(Reading("Notices", lines or [Text("There were none.")]))

    def command_back(self) -> None:
        """One level back."""
        screen = self._screen
        if screen.has_class("-full"):
            screen.show_full(on=False)
        elif screen.detail.has_focus_within:
            screen.focus_left()
        elif screen.has_class("-map"):
            screen.toggle_map()
        elif screen.step_tree.pattern:
            screen.step_tree.set_filter("")
        elif screen.step_tree.marked:
            screen.step_tree.mark(list(screen.step_tree.marked), on=False)
