"""What all parts of one run share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchest_tui.engine.events import Event

if TYPE_CHECKING:
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.engine.requests import RunRequest
    from orchest_tui.engine.workers import WorkerSource


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run.

    Attributes:
        opened: The pipeline.
        workers: Where workers come from.
        request: The run's request.
        run: Its number.
        emit: Receives events, on the engine's loop.
    """

    opened: OpenPipeline
    workers: WorkerSource
    request: RunRequest
    run: int
    emit: Callable[[Event], None]
