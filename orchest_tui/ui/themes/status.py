"""How a step's state looks: a glyph, its ASCII twin, a word and a colour, so that colour never tells it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from orchest_tui.engine.history import Status
from orchest_tui.engine.state import StepView


@dataclass(frozen=True, slots=True)
class Look:
    """How one state looks.

    Attributes:
        name: The state; ``$status-<name>`` is its colour in a theme.
        glyph: One cell.
        ascii: Its twin for terminals without Unicode, two cells.
        word: For people, where there is room.
    """

    name: str
    glyph: str
    ascii: str
    word: str

    @property
    def variable(self) -> str:
        """The theme variable of its colour."""
        return f"status-{self.name}"

    def sign(self, *, unicode: bool) -> str:
        """Return the glyph as this terminal can show it; every state's takes as many cells."""
        return self.glyph if unicode else self.ascii


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        look.name: look
        for look in (
            Look("success", "✔", "ok", "done"),
            Look("failure", "✘", "ER", "failed"),
            Look("running", "●", ">>", "running"),
            Look("pending", "○", "..", "waiting"),
            Look("never", "◌", "--", "never run"),
            Look("stale", "⟳", "~~", "stale"),
            Look("reused", "↺", "=c", "reused"),
            Look("aborted", "⊘", "SK", "aborted"),
        )
    }
)
"""Every state by name."""

_BY_STATUS: Mapping[Status | None, str] = MappingProxyType(
    {
        None: "never",
        "SUCCESS": "success",
        "FAILURE": "failure",
        "STARTED": "running",
        "PENDING": "pending",
        "ABORTED": "aborted",
    }
)


def look_of_status(status: Status | None) -> Look:
    """Return how a status alone looks, of a run or of a step in the past; None where there was none."""
    return LOOKS[_BY_STATUS[status]]


def look_of(step: StepView | None, *, reused: bool = False) -> Look:
    """Return how a step looks.

    Args:
        step: The step's view; None where the engine knows nothing of it.
        reused: Whether the run that is shown took its outputs as they were.
    """
    if step is not None and step.status == "SUCCESS" and (step.fresh is False or reused):
        return LOOKS["stale" if step.fresh is False else "reused"]
    return look_of_status(step.status if step is not None else None)
