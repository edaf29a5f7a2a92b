"""The terminal app: composition, theme, keymap. What is shown of a pipeline is the pipeline screen's."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.worker import WorkerFailed

from orchest_tui.commands import BY_ID
from orchest_tui.commands.command import Scope, Situation
from orchest_tui.commands.keymap import check_keymap, effective_keys, usable_keymap
from orchest_tui.engine.target import Target
from orchest_tui.errors import Problem
from orchest_tui.project.settings import LoadedSettings, load_settings
from orchest_tui.terminal_text import plain
from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.app_actions import AppController
from orchest_tui.ui.attention import Attention
from orchest_tui.ui.bindings import bindings_of, perform, textual_keymap
from orchest_tui.ui.engine_session import EngineSession
from orchest_tui.ui.leaving import Leaving
from orchest_tui.ui.opening import Way, ask_how_to_open_here, open_session
from orchest_tui.ui.palette import CommandProvider
from orchest_tui.ui.pipeline.screen import PipelineScreen
from orchest_tui.ui.screens.beginning import ask_for_pipeline, ask_for_project
from orchest_tui.ui.terminal_driver import terminal_driver
from orchest_tui.ui.themes.filters import line_filters
from orchest_tui.ui.themes.shelf import ThemeShelf, variable_defaults

if TYPE_CHECKING:
    from orchest_tui.ui.session import Session


class OrchestApp(App[int], inherit_bindings=False):
    """The app.

    Args:
        project_dir: The project to open, None where there is none yet.
        path: The pipeline to open, None to ask where there are several.
        loaded: The settings in force.
        abilities: What the terminal can show.
        folder: Where a project is wanted, None for the current folder.

    Attributes:
        session: The pipeline that is open, or is being opened; None before there is one.
        lost_terminal: Whether the app ended since its terminal went.
        leaving: Closes what is open.
        keys: Every command's keys in force.
        defect: The error that nobody foresaw and that ended the app.
    """

    TITLE = "orchest-tui"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(Scope.APP)]
    COMMANDS: ClassVar[set[Any]] = {CommandProvider}
    ENABLE_COMMAND_PALETTE = True
    CSS = "Toast { max-width: 76; }"

    def __init__(
        self,
        project_dir: Path | None,
        path: Path | None,
        loaded: LoadedSettings,
        abilities: Abilities,
        folder: Path | None = None,
    ) -> None:
        self._abilities = abilities
        super().__init__()
        self.animation_level = "none"
        self.session: Session | None = None
        self.lost_terminal = False
        self.leaving = Leaving(self)
        self._folder = folder
        self.keys: Mapping[str, Sequence[str]] = {}
        self.defect: BaseException | None = None
        self._project_dir, self._path, self._loaded = project_dir, path, loaded
        self._shelf = ThemeShelf(self, loaded.settings.theme, abilities, self._tell_problems)
        self._controller = AppController(self, self._shelf)
        self._attention = Attention(self, abilities)
        self.use_keymap(loaded)

    async def on_event(self, event: events.Event) -> None:
        """Take note of whether somebody is there."""
        self._attention.see(event)
        await super().on_event(event)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what this terminal needs changed in every line."""
        return [*super().get_line_filters(), *line_filters(self._abilities)]

    def get_driver_class(self) -> type[Driver]:
        """Return what writes to this terminal."""
        return terminal_driver(super().get_driver_class())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return values of this program's own theme variables."""
        return variable_defaults()

    def use_keymap(self, loaded: LoadedSettings) -> list[Problem]:
        """Take the keymap's usable entries and return what is wrong with the others."""
        keymap = usable_keymap(loaded.settings.keymap)
        self.keys = effective_keys(keymap)
        self.set_keymap(textual_keymap(keymap))
        return check_keymap(loaded.settings.keymap, loaded.sources["keymap"])

    def on_mount(self) -> None:
        """Take theme and keymap, and open what was asked for."""
        self._shelf.install()
        problems = [*self._loaded.problems, *self.use_keymap(self._loaded)]
        if problems:
            self._tell_problems(tuple(problems))
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._lose_terminal)
        loop.add_signal_handler(signal.SIGTERM, lambda: self.run_worker(self.leaving.terminate(), group="hand over"))
        self.run_worker(self._begin(), group="opening")

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End; pictures are taken from the terminal while it still shows the app's screen."""
        if self.pipeline_screen is not None:
            self.pipeline_screen.clear_pictures()
        super().exit(result, return_code, message)

    def on_unmount(self) -> None:
        """Leave signals as they were."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)

    def _tell_problems(self, problems: tuple[Problem, ...]) -> None:
        text = "\n".join(plain(str(problem)) for problem in problems)
        self.notify(text, title="Settings", severity="warning", markup=False, timeout=15)

    def _lose_terminal(self) -> None:
        """Go without a terminal: what runs is looked after until it ends."""
        self.lost_terminal = True
        self.exit(0)

    def _handle_exception(self, error: Exception) -> None:
        """End for an error that nobody foresaw, and leave telling it to whoever started the app.

        Textual's own way (8.2.8 has no public one) prints the traceback with all local variables on the terminal:
        no use to a person, and among them may be values of secret environment variables.
        """
        if self.defect is None:
            self.defect = error.error if isinstance(error, WorkerFailed) else error
        super()._handle_exception(error)
        self._exit_renderables.clear()

    # -- opening ------------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        if self._project_dir is None:
            self._project_dir = await ask_for_project(self, self._folder or Path.cwd())
        if self._project_dir is not None and self._path is None:
            self._path = await ask_for_pipeline(self, self._project_dir)
        if self._project_dir is None or self._path is None:
            self.exit(0)
        else:
            await self._open(Target(self._project_dir, self._path, load_settings(self._project_dir).settings))

    async def _open(self, target: Target, way: Way = "open", cursor: str | None = None) -> None:
        """Open a pipeline, and ask what has to be asked for it; end where the user would rather.

        Args:
            target: The pipeline.
            way: How to begin.
            cursor: The step on which the cursor is to be.
        """
        while len(self.screen_stack) > 1:
            self.pop_screen()
        screen = PipelineScreen(EngineSession(target), self._abilities, self.keys, self._syntax, self._attention)
        await self.push_screen(screen)
        session = await open_session(self, target, way)
        if session == "others":
            path = await ask_for_pipeline(self, target.project_dir, always=True)
            session = None
            if path is not None:
                self._open_next(replace(target, path=path))
                return
        if session is None:
            self.exit(0)
        else:
            screen.begin(session, cursor)

    def _open_next(self, target: Target, way: Way = "open", cursor: str | None = None) -> None:
        """Open a pipeline in the place of what is open or being opened."""
        self.run_worker(self._open(target, way, cursor), group="opening", exclusive=True)

    def _syntax(self) -> str:
        """Return the Pygments style that goes with the theme."""
        current = self._shelf.current
        return current.syntax if current is not None else "monokai"

    # -- commands -----------------------------------------------------------------------------------------------

    @property
    def pipeline_screen(self) -> PipelineScreen | None:
        """The pipeline's screen, None before one is open."""
        return next((screen for screen in self.screen_stack if isinstance(screen, PipelineScreen)), None)

    def situation(self) -> Situation:
        """Return what is the case, for the palette."""
        screen = self.pipeline_screen
        return screen.situation() if screen is not None else Situation(open=False)

    def action_command(self, command_id: str) -> None:
        """Do a command: the app's own, or one of the pipeline's screen."""
        screen = self.pipeline_screen
        if command_id.startswith("app."):
            perform(self._controller, BY_ID[command_id])
        elif screen is not None:
            screen.action_command(command_id)

    async def change_pipeline(self) -> None:
        """Ask for another pipeline of the project and open it in this one's place."""
        if self._project_dir is None or self.session is None:
            return
        target = self.session.target
        path = await ask_for_pipeline(self, self._project_dir, always=True)
        if path is not None and path != target.path and await self.leaving.close_session():
            self._open_next(replace(target, path=path))

    async def open_here(self) -> None:
        """Open the pipeline that is looked at: at once where nobody has it any more, else after a question."""
        session, screen = self.session, self.pipeline_screen
        if session is None or screen is None or not (session.is_open and session.read_only):
            return
        holder = session.holder
        if holder is None or await ask_how_to_open_here(self, holder):
            await session.close(stop=False)
            self._open_next(session.target, "open" if holder is None else "take over", screen.step_tree.cursor)

    def hand_over_soon(self) -> None:
        """Do ``hand_over`` where the app runs; from a signal's handler."""
        if self._loop is not None and self.is_running:
            with contextlib.suppress(RuntimeError):  # it has just ended; what is left is done without a screen
                self._loop.call_soon_threadsafe(lambda: self.run_worker(self.leaving.hand_over(), group="hand over"))
