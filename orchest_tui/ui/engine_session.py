"""A pipeline that this process runs: an engine in its thread, and calls that never block the screen's loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from orchest_tui.engine.engine import Engine
from orchest_tui.engine.history import History
from orchest_tui.ui.run_choices import RunChoice, run_choices

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchest_tui.cache.entry import OutputEntry, Usage
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.engine.requests import RunRequest
    from orchest_tui.engine.state import ViewState
    from orchest_tui.engine.target import Target

_LOOKS_SECONDS = 0.2


class EngineSession:
    """An open pipeline; see ``session.Session``.

    Args:
        target: What to open.
        take_over: Whether to ask a process that has it open to hand it over.
    """

    read_only = False
    holder = None

    def __init__(self, target: Target, *, take_over: bool = False) -> None:
        self.target = target
        self.is_open = False
        self._take_over = take_over
        self._listener: Callable[[], None] | None = None
        self._engine = Engine(
            target.project_dir, target.path, target.settings, keep_warm=True, on_event=lambda _: self._tell()
        )
        self._history: History
        self._changing = asyncio.Lock()

    async def open(self) -> int | None:
        """Open it, and go on with a run that was left unfinished; return that run's number.

        Raises:
            PipelineBusyError: It is open elsewhere.
            InvalidProjectError: Its file can't be read.
            OrchestTuiError: It can't be opened for another reason.
        """
        async with self._changing:
            adopted = await asyncio.to_thread(self._engine.open, take_over=self._take_over)
            self._history = History(self.opened.layout.history_file, read_only=True)
            self.is_open = True
            await asyncio.to_thread(self._engine.watch, live=self.target.settings.live)
            return adopted

    async def close(self, *, stop: bool) -> None:
        """Close it, after an opening that goes on; with ``stop`` a run is ended, otherwise left to the next engine."""
        async with self._changing:
            if self.is_open:
                self.is_open = False
                await asyncio.to_thread(self._engine.close, stop=stop)
                self._history.close()

    def finish(self, *, wait: bool, given_up: Callable[[], bool] = lambda: False) -> None:
        """Close what the app left open; with ``wait`` look after a run until its end, or until it is given up."""
        if not self.is_open:
            return
        run = self.state.run
        if wait and run is not None and self.running:
            self.opened.lock.note_unattended()
            while not given_up() and self._engine.wait(run.number, _LOOKS_SECONDS) is None:
                continue
        self.is_open = False
        self._engine.close(stop=False)
        self._history.close()

    def listen(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called on the engine's thread, at each change of the state."""
        self._listener = listener

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener()

    @property
    def state(self) -> ViewState:
        """The view state."""
        return self._engine.state

    @property
    def opened(self) -> OpenPipeline:
        """Definition and layout."""
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
        """Name of what runs steps; before the first run that of the setting, empty where it leaves the choice."""
        wanted = self.target.settings.executor
        return self._engine.executor_name or ("" if wanted == "auto" else wanted)

    @property
    def warm_spares(self) -> int:
        """Number of warm spares."""
        return self._engine.warm_spares

    async def start(self, request: RunRequest) -> int | None:
        """Begin a run and return its number; None where nothing has to run."""
        return await asyncio.to_thread(self._engine.start_run, request)

    def stop(self, steps: tuple[str, ...] = (), *, at_once: bool = False) -> None:
        """Ask for the end of the run, or of ``steps``; ``at_once`` kills."""
        self._engine.abort(steps, grace=0.0 if at_once else None)

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

    async def failed_steps(self) -> tuple[str, ...]:
        """Return the steps that failed, and those that were aborted with them."""
        return await asyncio.to_thread(self._engine.ask, lambda opened: opened.failed_steps())

    async def choices(self, steps: tuple[str, ...]) -> list[RunChoice]:
        """Return what can be run, for a menu, with ``steps`` as the chosen ones."""
        return await asyncio.to_thread(self._engine.ask, lambda opened: run_choices(opened, steps))
