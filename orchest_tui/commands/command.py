"""What a user can do in the terminal app, declared without a screen.

One class for each action. Key bindings, footer, palette, help, the page of keys and ``orchest-tui keys`` are all
derived from it. What it does stands in the screen's controllers and is found by its id: ``run.menu`` is
``command_menu`` of the controller ``run``.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Scope(StrEnum):
    """Where a command's keys count: in the whole app, on the pipeline's screen, or in one of its panes."""

    APP = "everywhere"
    PIPELINE = "pipeline screen"
    TREE = "step tree"
    TEXT = "params and runs"
    READING = "data, source and properties"
    NOTEBOOK = "notebook"
    LOG = "log"
    MAP = "graph map"


OUTER: dict[Scope, tuple[Scope, ...]] = {
    Scope.APP: (),
    Scope.PIPELINE: (Scope.APP,),
    Scope.TREE: (Scope.PIPELINE, Scope.APP),
    Scope.TEXT: (Scope.PIPELINE, Scope.APP),
    Scope.READING: (Scope.PIPELINE, Scope.APP),
    Scope.NOTEBOOK: (Scope.PIPELINE, Scope.APP),
    Scope.LOG: (Scope.PIPELINE, Scope.APP),
    Scope.MAP: (Scope.PIPELINE, Scope.APP),
}
"""The scopes whose keys count in a scope too."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is the case when a command is offered.

    Attributes:
        step: Whether the cursor is on a step.
        steps: How many steps the pipeline has.
        marked: How many of them are marked.
        running: Whether a run goes on.
        ran: Whether there is a run to repeat.
        stale: How many steps are not fresh.
        failed: How many steps failed last.
        filtered: Whether the tree is filtered.
        open: Whether a pipeline is open.
        read_only: Whether another process has it, and this one looks on.
    """

    step: bool = False
    steps: int = 0
    marked: int = 0
    running: bool = False
    ran: bool = False
    stale: int = 0
    failed: int = 0
    filtered: bool = False
    open: bool = True
    read_only: bool = False


class Command:
    """One thing that a user can do; a subclass's docstring is its tooltip.

    Attributes:
        id: ``group.name``: the keymap's key, and where its controller is found.
        title: What the palette and the page of keys call it.
        keys: Default keys as people write them (``R``, ``ctrl+p``, ``/``); none for the palette's own.
        scopes: Where the keys count.
        label: Its word in the footer; empty where the footer never shows it.
        rank: Its place in the footer, the lowest first and the last to be shed.
        changes: Whether it changes something of the pipeline, which only the process that has it open may.
        of_row: Whether the menu of actions on a row offers it.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    keys: ClassVar[tuple[str, ...]] = ()
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.PIPELINE,)
    label: ClassVar[str] = ""
    rank: ClassVar[int] = 50
    changes: ClassVar[bool] = False
    of_row: ClassVar[bool] = False

    @classmethod
    def tooltip(cls) -> str:
        """Return what it does, in a sentence or two."""
        return " ".join((inspect.getdoc(cls) or cls.title).split())

    @classmethod
    def footer_label(cls, situation: Situation) -> str:  # noqa: ARG003 (for subclasses)
        """Return its word in the footer as things stand."""
        return cls.label

    @classmethod
    def row_title(cls, situation: Situation) -> str:  # noqa: ARG003 (for subclasses)
        """Return what the menu of actions on a row calls it as things stand."""
        return cls.title

    @classmethod
    def available(cls, situation: Situation) -> bool:  # noqa: ARG003 (for subclasses)
        """Return whether it can be done now, where the pipeline is open here."""
        return True

    @classmethod
    def refusal(cls, situation: Situation) -> str:
        """Return why it can't be done now, in a few words; empty where it can."""
        if not situation.open and not cls.id.startswith("app."):
            return "no pipeline is open"
        if situation.read_only and cls.changes:
            return "open elsewhere: read-only"
        return "" if cls.available(situation) else cls.hindrance(situation)

    @classmethod
    def hindrance(cls, situation: Situation) -> str:  # noqa: ARG003 (for subclasses)
        """Return in a few words what it waits for where it is not available."""
        return "not possible now"


def declare(
    command_id: str, words: tuple[str, str], keys: tuple[str, ...], scope: Scope, footer: tuple[str, int] = ("", 50)
) -> type[Command]:
    """Return the declaration of an action that a widget of its own performs, as the log view does.

    Args:
        command_id: The binding's id in that widget.
        words: Title and tooltip.
        keys: The widget's own default keys.
        scope: Where they count.
        footer: Label and rank.
    """
    fields = {
        "id": command_id, "title": words[0], "keys": keys, "scopes": (scope,), "label": footer[0], "rank": footer[1],
        "__doc__": words[1],
    }  # fmt: skip
    return type(command_id.title().translate({ord("."): None, ord("-"): None}), (Command,), fields)
