"""What the commands ``app.*`` do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from orchest_tui.commands.command import Scope
from orchest_tui.errors import OrchestTuiError
from orchest_tui.terminal_text import plain
from orchest_tui.ui.help import help_lines
from orchest_tui.ui.outside import edit_file
from orchest_tui.ui.screens.broken import line_of
from orchest_tui.ui.screens.dialogs import Reading
from orchest_tui.ui.themes.picker import ThemePicker

if TYPE_CHECKING:
    from textual.app import App

    from orchest_tui.ui.app import OrchestApp
    from orchest_tui.ui.themes.shelf import ThemeShelf


class AppController:
    """Performs ``app.*``.

    Args:
        app: The app.
        shelf: Its themes.
    """

    def __init__(self, app: OrchestApp, shelf: ThemeShelf) -> None:
        self._app = app
        self._shelf = shelf

    def command_help(self) -> None:
        """Show the keys of the focused pane."""
        screen = self._app.pipeline_screen
        scope = screen.scope() if screen is not None else Scope.APP
        self._app.push_screen(Reading("Keys", partial(help_lines, scope, self._app.keys)))

    def command_palette(self) -> None:
        """Find a command by its name."""
        self._app.action_command_palette()

    def command_redraw(self) -> None:
        """Draw everything again, pictures too."""
        if self._app.pipeline_screen is not None:
            self._app.pipeline_screen.gallery.forget()
        self._app.refresh(layout=True)

    def command_theme(self) -> None:
        """Choose a theme."""
        self._app.push_screen(ThemePicker(self._shelf.themes))

    def command_next_pane(self) -> None:
        """Go to the next pane."""
        self._walk(1)

    def command_previous_pane(self) -> None:
        """Go to the previous pane."""
        self._walk(-1)

    def _walk(self, places: int) -> None:
        """Go round the panes: tree or map, the step's tab, the pinned logs; in a dialog, round its parts."""
        screen = self._app.pipeline_screen
        if screen is None or screen is not self._app.screen:
            self._app.screen.focus_next() if places > 0 else self._app.screen.focus_previous()
            return
        screen.settle()
        panes = screen.detail.panes()
        focused = [place for place, (pane, _) in enumerate(panes, 1) if pane.has_focus_within]
        ring = [screen.focus_left, *(focus for _, focus in panes)]
        ring[((focused[0] if focused else 0) + places) % len(ring)]()

    def command_pipelines(self) -> None:
        """Choose another pipeline."""
        self._app.run_worker(self._app.change_pipeline(), exclusive=True, group="app")

    def command_suspend(self) -> None:
        """Give the shell the terminal, after a question while a run goes on."""
        self._app.run_worker(self._app.leaving.suspend(), exclusive=True, group="app")

    def command_open_here(self) -> None:
        """Open the pipeline that is looked at."""
        self._app.run_worker(self._app.open_here(), exclusive=True, group="app")

    def command_definition(self) -> None:
        """Edit the pipeline's file."""
        self._app.run_worker(self._edit_definition(), exclusive=True, group="app")

    async def _edit_definition(self) -> None:
        session = self._app.session
        if session is None:
            return
        path = session.target.path
        problems = session.state.broken or (session.opened.problems if session.is_open else ())
        try:
            await edit_file(cast("App[object]", self._app), path, line_of(problems, path))
        except OrchestTuiError as error:
            self._app.notify(plain(str(error)), severity="error", markup=False, timeout=8)

    def command_quit(self) -> None:
        """Leave a full screen, then the app."""
        screen = self._app.pipeline_screen
        if screen is not None and screen.has_class("-full"):
            screen.show_full(on=False)
        else:
            self._app.leaving.quit_soon()
