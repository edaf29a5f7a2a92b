"""One open pipeline, for the screen: an engine in its thread, and calls that never block the screen's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchest_tui.engine.engine import Engine
from orchest_tui.engine.history import History
from orchest_tui.ui.run_choices import RunChoice, run_choices

if TYPE_CHECKING:
    from orchest_tui.cache.entry import OutputEntry, Usage
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.engine.requests import RunRequest
    from orchest_tui.engine.state import ViewState
    from orchest_tui.project.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """What to open.

    Attributes:
        project_dir: The project's folder, absolute.
        path: The pipeline's file, absolute.
        settings: The settings in force.
    """

    project_dir: Path
    path: Path
    settings: Settings


class Session:
    """An open pipeline.

    Args:
        target: What to open.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._listener: Callable[[], None] | None = None
        self._engine = Engine(
            target.project_dir, target.path, target.settings, keep_warm=True, on_event=lambda _: self._tell()
        )
        self._history: History
        self.is_open = False

    async def open(self) -> int | None:
        """Open it, and go on with a run that was left unfinished; return that run's number.

        Raises:
            OrchestTuiError: It is open elsewhere, or its file can't be read.
        """
        adopted = await asyncio.to_thread(self._engine.open)
        self._history = History(self.opened.layout.history_file, read_only=True)
        self.is_open = True
        await asyncio.to_thread(self._engine.watch, live=self.target.settings.live)
        return adopted

    async def close(self, *, stop: bool) -> None:
        """Close it; with ``stop`` a run that goes on is ended, otherwise it is left to the next engine."""
        if self.is_open:
            self.is_open = False
            await asyncio.to_thread(self._engine.close, stop=stop)
            self._history.close()

    def finish(self, *, wait: bool) -> None:
        """Close what the app left open, without an event loop.

        Args:
            wait: Whether to look after a run until its end, since the terminal is gone and not the user's wish.
        """
        if not self.is_open:
            return
        run = self.state.run
        if wait and run is not None and self.running:
            self._engine.wait(run.number)
        self.is_open = False
        self._engine.close(stop=False)
        self._history.close()

    def listen(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called on the engine's thread, at each change of the state; it must return at once."""
        self._listener = listener

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener()

    @property
    def state(self) -> ViewState:
        """The view state; compare versions by identity."""
        return self._engine.state

    @property
    def opened(self) -> OpenPipeline:
        """Definition and layout; not the output cache, which ``outputs`` asks for."""
        return self._engine.opened

    @property
    def history(self) -> History:
        """The history, for reading."""
        return self._history

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        run = self.state.run
        return run is not None and run.status in {"STARTED", "PENDING"}

    @property
    def live(self) -> bool:
        """Whether live mode is on."""
        return self._engine.live

    @property
    def executor_name(self) -> str:
        """Name of what runs steps; before the first run that of the setting."""
        return self._engine.executor_name or self.target.settings.executor

    @property
    def warm_spares(self) -> int:
        """Number of warm spares."""
        return self._engine.warm_spares

    async def start(self, request: RunRequest) -> int | None:
        """Begin a run and return its number; None where nothing has to run.

        Raises:
            OrchestTuiError: A run goes on already, or the definition can't be used.
        """
        return await asyncio.to_thread(self._engine.start_run, request)

    def stop(self, steps: tuple[str, ...] = ()) -> None:
        """Ask for the end of the run, or of ``steps``."""
        self._engine.abort(steps)

    async def set_live(self, *, live: bool) -> None:
        """Switch live mode."""
        await asyncio.to_thread(self._engine.watch, live=live)

    async def outputs(self, step: str) -> tuple[OutputEntry, ...]:
        """Return what the cache holds of a step."""
        return await asyncio.to_thread(self._engine.ask, lambda opened: opened.store.outputs(step, evicted=True))

    async def clear_outputs(self, step: str) -> int:
        """Throw a step's outputs away and return the bytes that are free now."""
        return await asyncio.to_thread(self._engine.ask, lambda opened: opened.store.clear([step]))

    async def usage(self) -> Usage:
        """Return how full the output cache is."""
        return await asyncio.to_thread(self._engine.ask, lambda opened: opened.store.usage())

    async def choices(self, steps: tuple[str, ...]) -> list[RunChoice]:
        """Return what can be run, for a menu, with ``steps`` as the chosen ones."""
        return await asyncio.to_thread(self._engine.ask, lambda opened: run_choices(opened, steps))
