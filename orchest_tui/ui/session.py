"""What the pipeline's screen needs of a pipeline, whether this process runs it or only looks on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchest_tui.cache.entry import OutputEntry, Usage
    from orchest_tui.engine.history import History
    from orchest_tui.engine.lock import Holder
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.engine.requests import RunRequest
    from orchest_tui.engine.state import ViewState
    from orchest_tui.engine.target import Target
    from orchest_tui.ui.run_choices import RunChoice


class Session(Protocol):
    """A pipeline on the screen. No call blocks the screen's loop but those that say so.

    Attributes:
        target: What is open.
        is_open: Whether it is open at this moment.
    """

    target: Target
    is_open: bool

    async def open(self) -> int | None:
        """Open it; return the number of a run that was left unfinished and goes on now.

        Raises:
            OrchestTuiError: It can't be opened.
        """
        ...

    async def close(self, *, stop: bool) -> None:
        """Close it, after an opening that goes on; with ``stop`` a run is ended, otherwise left to the next engine."""
        ...

    def finish(self, *, wait: bool, given_up: Callable[[], bool] = lambda: False) -> None:
        """Close what the app left open, without an event loop; blocks.

        Args:
            wait: Whether to look after a run until its end, since the terminal is gone and not the user's wish.
            given_up: Asked several times a second; ends the waiting.
        """
        ...

    def listen(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called on another thread, at each change of the state; it must return at once."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether this process only looks on."""
        ...

    @property
    def holder(self) -> Holder | None:
        """Who has the pipeline open, where this process only looks on; None where nobody has."""
        ...

    @property
    def state(self) -> ViewState:
        """The view state; compare versions by identity."""
        ...

    @property
    def opened(self) -> OpenPipeline:
        """Definition and layout; not the output cache, which ``outputs`` asks for."""
        ...

    @property
    def history(self) -> History:
        """The history, for reading."""
        ...

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        ...

    @property
    def live(self) -> bool:
        """Whether live mode is on."""
        ...

    @property
    def executor_name(self) -> str:
        """Name of what runs steps; before the first run that of the setting, empty where it leaves the choice."""
        ...

    @property
    def warm_spares(self) -> int:
        """Number of warm spares."""
        ...

    async def start(self, request: RunRequest) -> int | None:
        """Begin a run and return its number; None where nothing has to run.

        Raises:
            OrchestTuiError: A run goes on already, the definition can't be used, or this process only looks on.
        """
        ...

    def stop(self, steps: tuple[str, ...] = (), *, at_once: bool = False) -> None:
        """Ask for the end of the run, or of ``steps``; ``at_once`` kills, without the time to end by themselves."""
        ...

    async def set_live(self, *, live: bool) -> None:
        """Switch live mode."""
        ...

    async def outputs(self, step: str) -> tuple[OutputEntry, ...]:
        """Return what the cache holds of a step."""
        ...

    async def clear_outputs(self, step: str) -> int:
        """Throw a step's outputs away and return the bytes that are free now."""
        ...

    async def usage(self) -> Usage:
        """Return how full the output cache is."""
        ...

    async def failed_steps(self) -> tuple[str, ...]:
        """Return the steps that failed, and those that were aborted with them, in the order in which they run."""
        ...

    async def choices(self, steps: tuple[str, ...]) -> list[RunChoice]:
        """Return what can be run, for a menu, with ``steps`` as the chosen ones."""
        ...
