"""Commands that move about, and those of the step under the cursor."""

from __future__ import annotations

from orchest_tui.commands.command import Command, Scope, Situation

_MOVING = (Scope.TREE, Scope.TEXT, Scope.READING, Scope.NOTEBOOK)


class Down(Command):
    """Go one line down."""

    id, title, keys, scopes = "move.down", "Down", ("j", "down"), _MOVING


class Up(Command):
    """Go one line up."""

    id, title, keys, scopes = "move.up", "Up", ("k", "up"), _MOVING


class Top(Command):
    """Go to the first line."""

    id, title, keys, scopes = "move.top", "First line", ("g", "home"), _MOVING


class Bottom(Command):
    """Go to the last line."""

    id, title, keys, scopes = "move.bottom", "Last line", ("G", "end"), _MOVING


class HalfDown(Command):
    """Go half a page down."""

    id, title, keys, scopes = "move.half_down", "Half a page down", ("ctrl+d", "pagedown"), _MOVING


class HalfUp(Command):
    """Go half a page up."""

    id, title, keys, scopes = "move.half_up", "Half a page up", ("ctrl+u", "pageup"), _MOVING


class _OfStep(Command):
    """A command on the step under the cursor."""

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether the cursor is on a step."""
        return situation.step


class OpenLog(_OfStep):
    """Go to the step's log; again for the whole screen."""

    id, title, keys, scopes = "step.open", "Open the log", ("enter",), (Scope.TREE,)
    of_row = True
    label, rank = "log", 40


class Why(_OfStep):
    """Tell why the step is as it is: stale, fresh, waiting, failed."""

    id, title, keys = "step.why", "Why is it so", ("d",)
    of_row = True
    label, rank = "why", 50


class Edit(_OfStep):
    """Open the step's file in $VISUAL or $EDITOR."""

    id, title, keys, scopes = "step.edit", "Edit the file", ("e",), (Scope.TREE, Scope.TEXT, Scope.READING)
    of_row = True
    label, rank = "edit", 45


class Menu(_OfStep):
    """Choose from the actions on the step under the cursor."""

    id, title, keys = "step.menu", "Actions on the step", ("x",)
    label, rank = "actions", 55


class ClearOutputs(_OfStep):
    """Throw the step's outputs away; asks first."""

    id, title, scopes = "step.clear_outputs", "Clear the step's outputs", (Scope.PIPELINE,)
    changes = True
    of_row = True


class NextTab(Command):
    """Show the next tab of the step."""

    id, title, keys = "view.next_tab", "Next tab", ("]",)


class PreviousTab(Command):
    """Show the previous tab of the step."""

    id, title, keys = "view.previous_tab", "Previous tab", ("[",)


class FullScreen(Command):
    """Give the focused pane the whole screen, or take it back."""

    id, title, keys = "view.full", "Full screen", ("f",)
    label, rank = "full screen", 80


class _Pin(_OfStep):
    """A command that pins the log of the step under the cursor, or of the pinned log that has the focus."""


class Pin1(_Pin):
    """Pin the step's log to pane 1 below its tabs; there already, take it away."""

    id, title, keys = "view.pin_1", "Pin the log to pane 1", ("1",)


class Pin2(_Pin):
    """Pin the step's log to pane 2 below its tabs; there already, take it away."""

    id, title, keys = "view.pin_2", "Pin the log to pane 2", ("2",)


class Pin3(_Pin):
    """Pin the step's log to pane 3 below its tabs; there already, take it away."""

    id, title, keys = "view.pin_3", "Pin the log to pane 3", ("3",)


class Map(Command):
    """Draw the graph as a map in the tree's place, or show the tree again."""

    id, title, keys = "view.map", "Graph map", ("m",)
    label, rank = "map", 75


class Problems(Command):
    """Show what is wrong with the pipeline's files."""

    id, title, keys = "view.problems", "Problems", ("W",)


class Notices(Command):
    """Show the last notices again."""

    id, title = "view.notices", "Last notices"


class Back(Command):
    """Go one level back: out of a filter, a full screen, a pane; never quits."""

    id, title, keys = "view.back", "Back", ("escape",)


COMMANDS: tuple[type[Command], ...] = (
    Down, Up, Top, Bottom, HalfDown, HalfUp, OpenLog, Why, Edit, Menu, ClearOutputs, NextTab, PreviousTab, FullScreen,
    Pin1, Pin2, Pin3, Map, Problems, Notices, Back,
)  # fmt: skip
