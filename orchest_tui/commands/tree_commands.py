"""Commands of the step tree."""

from __future__ import annotations

from orchest_tui.commands.command import Command, Scope, Situation

_TREE = (Scope.TREE,)


class _NeedsStep(Command):
    """A command on the step under the cursor."""

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether the cursor is on a step."""
        return situation.step


class Mark(_NeedsStep):
    """Mark the step, or take its mark away."""

    id, title, keys, scopes = "tree.mark", "Mark", ("space",), _TREE
    of_row = True
    label, rank = "mark", 30


class Range(_NeedsStep):
    """Begin a range here; the second time mark all steps of the range."""

    id, title, keys, scopes = "tree.range", "Mark a range", ("v",), _TREE


class MarkAll(Command):
    """Mark all steps that are shown; none where all of them are marked."""

    id, title, keys, scopes = "tree.mark_all", "Mark all", ("A",), _TREE

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether there are steps."""
        return situation.steps > 0


class MarkStale(Command):
    """Mark the steps that are not fresh."""

    id, title, scopes = "tree.mark_stale", "Mark what is stale", _TREE

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether something is stale."""
        return situation.stale > 0


class MarkFailed(Command):
    """Mark the steps whose last run failed."""

    id, title, scopes = "tree.mark_failed", "Mark what failed", _TREE

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether something failed."""
        return situation.failed > 0


class MarkIncoming(_NeedsStep):
    """Mark everything above the step."""

    id, title, scopes = "tree.mark_incoming", "Mark the incoming steps", _TREE
    of_row = True


class MarkBelow(_NeedsStep):
    """Mark the step and everything below it."""

    id, title, scopes = "tree.mark_below", "Mark from here down", _TREE
    of_row = True


class Filter(Command):
    """Show the steps whose title or file matches what is typed; letters may be left out."""

    id, title, keys, scopes = "tree.filter", "Filter", ("/",), _TREE
    label, rank = "filter", 70


class NextMatch(Command):
    """Go to the next step that matches the filter; without one, to the next that failed or is stale."""

    id, title, keys, scopes = "tree.next_match", "Next match", ("n",), _TREE


class PreviousMatch(Command):
    """Go to the previous step that matches the filter; without one, to the previous that failed or is stale."""

    id, title, keys, scopes = "tree.previous_match", "Previous match", ("N",), _TREE


class Fold(_NeedsStep):
    """Fold the step's children away, or go to its parent."""

    id, title, keys, scopes = "tree.fold", "Fold", ("h", "left"), _TREE


class Unfold(_NeedsStep):
    """Show the step's children again, or go to the first of them."""

    id, title, keys, scopes = "tree.unfold", "Unfold", ("l", "right"), _TREE


COMMANDS: tuple[type[Command], ...] = (
    Mark, Range, MarkAll, MarkStale, MarkFailed, MarkIncoming, MarkBelow, Filter, NextMatch, PreviousMatch, Fold,
    Unfold,
)  # fmt: skip
