"""Commands of the whole app."""

from __future__ import annotations

from orchest_tui.commands.command import Command, Scope, Situation


class Help(Command):
    """Show the keys of the focused pane."""

    id, title, keys = "app.help", "Help", ("?", "f1")
    scopes = (Scope.APP,)
    label, rank = "help", 1000


class Palette(Command):
    """Find a command by its name."""

    id, title, keys = "app.palette", "Command palette", ("ctrl+p", ":")
    scopes = (Scope.APP,)
    label, rank = "commands", 90


class Quit(Command):
    """Leave; asks what becomes of a run that goes on."""

    id, title, keys = "app.quit", "Quit", ("q", "ctrl+c")
    scopes = (Scope.APP,)


class Redraw(Command):
    """Draw the whole screen again, after another program wrote over it."""

    id, title, keys = "app.redraw", "Redraw the screen", ("ctrl+l",)
    scopes = (Scope.APP,)


class Suspend(Command):
    """Give the shell the terminal until `fg`; asks first while a run goes on, since nothing is scheduled meanwhile."""

    id, title, keys = "app.suspend", "Suspend", ("ctrl+z",)
    scopes = (Scope.APP,)


class Pipelines(Command):
    """Choose another pipeline of the project."""

    id, title, keys = "app.pipelines", "Other pipelines", ("P",)
    scopes = (Scope.APP,)


class OpenHere(Command):
    """Open the pipeline that is looked at: take it over from the process that has it, where one has."""

    id, title, keys = "app.open_here", "Open it here", ("O",)
    scopes = (Scope.APP,)
    label, rank = "open here", 5

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether the pipeline is only looked at."""
        return situation.read_only


class Definition(Command):
    """Open the pipeline's own file in $VISUAL or $EDITOR."""

    id, title = "app.definition", "Edit the pipeline's file"
    scopes = (Scope.APP,)


class Theme(Command):
    """Choose how the app looks."""

    id, title = "app.theme", "Theme"
    scopes = (Scope.APP,)


class NextPane(Command):
    """Go to the next pane."""

    id, title, keys = "app.next_pane", "Next pane", ("tab",)
    scopes = (Scope.APP,)


class PreviousPane(Command):
    """Go to the previous pane."""

    id, title, keys = "app.previous_pane", "Previous pane", ("shift+tab",)
    scopes = (Scope.APP,)


COMMANDS: tuple[type[Command], ...] = (
    Help, Palette, Quit, Suspend, Redraw, Pipelines, OpenHere, Definition, Theme, NextPane, PreviousPane,
)  # fmt: skip
