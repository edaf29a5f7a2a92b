"""A pipeline that another process runs: everything can be seen, nothing can be changed."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NoReturn

from orchest_tui.engine.history import History
from orchest_tui.engine.onlooker import Onlooker
from orchest_tui.errors import OrchestTuiError
from orchest_tui.ui.run_choices import RunChoice, run_choices

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchest_tui.cache.entry import OutputEntry, Usage
    from orchest_tui.engine.lock import Holder
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.engine.requests import RunRequest
    from orchest_tui.engine.state import ViewState
    from orchest_tui.engine.target import Target

_LOOK_SECONDS = 1.0


class LookingOn:
    """A pipeline to look at; see ``session.Session``. It is looked at again once a second.

    Args:
        target: The pipeline.
    """

    read_only = True
    live = False
    warm_spares = 0

    def __init__(self, target: Target) -> None:
        self.target = target
        self.is_open = False
        self._onlooker: Onlooker
        self._history: History
        self._looks: asyncio.Task[None] | None = None
        self._listener: Callable[[], None] | None = None

    async def open(self) -> None:
        """Look for the first time.

        Raises:
            OrchestTuiError: The pipeline can't be read.
        """
        self._onlooker = await asyncio.to_thread(Onlooker, self.target)
        await asyncio.to_thread(self._onlooker.look)
        self._history = self._open_history()
        self.is_open = True
        self._looks = asyncio.create_task(self._look_on())

    async def close(self, *, stop: bool) -> None:  # noqa: ARG002 (nothing runs here)
        """Look no more."""
        if self.is_open:
            self.finish(wait=False)

    def finish(self, *, wait: bool, given_up: Callable[[], bool] = lambda: False) -> None:  # noqa: ARG002
        """Close the files."""
        if self.is_open:
            self.is_open = False
            if self._looks is not None:
                self._looks.cancel()
            self._onlooker.close()
            self._history.close()

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            before = self.state
            await asyncio.to_thread(self._look)
            if self._listener is not None and self.state is not before:
                self._listener()
            if self._history_is_old and self._is_written:
                self._history.close()
                self._history = self._open_history()

    def _look(self) -> None:
        # What can't be read at this moment (a file that is just being written, say) is seen at a later look.
        with contextlib.suppress(OrchestTuiError):
            self._onlooker.look()

    def listen(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called after each look that saw something new."""
        self._listener = listener

    def _open_history(self) -> History:
        # What is opened for reading while nobody writes shows nothing of what is written later.
        self._history_is_old = not self._is_written
        return History(self.opened.layout.history_file, read_only=True)

    @property
    def _is_written(self) -> bool:
        """Whether somebody writes to the history."""
        file = self.opened.layout.history_file
        return file.with_name(f"{file.name}-wal").exists()

    @property
    def holder(self) -> Holder | None:
        """Who has the pipeline open, None where nobody has any more."""
        return self._onlooker.holder

    @property
    def state(self) -> ViewState:
        """What the last look saw."""
        return self._onlooker.state

    @property
    def opened(self) -> OpenPipeline:
        """Definition and layout."""
        return self._onlooker.opened

    @property
    def history(self) -> History:
        """The history, for reading."""
        return self._history

    @property
    def running(self) -> bool:
        """Whether a run goes on in the other process."""
        run = self.state.run
        return self.holder is not None and run is not None and run.status in {"STARTED", "PENDING"}

    @property
    def executor_name(self) -> str:
        """What ran the last run."""
        runs = self._history.runs(1)
        return (runs[0].executor if runs else None) or self.target.settings.executor

    async def start(self, request: RunRequest) -> NoReturn:  # noqa: ARG002
        """Refuse to run."""
        raise self._refusal()

    def stop(self, steps: tuple[str, ...] = (), *, at_once: bool = False) -> NoReturn:  # noqa: ARG002
        """Refuse to stop."""
        raise self._refusal()

    async def set_live(self, *, live: bool) -> NoReturn:  # noqa: ARG002
        """Refuse to switch live mode."""
        raise self._refusal()

    async def clear_outputs(self, step: str) -> NoReturn:  # noqa: ARG002
        """Refuse to clear."""
        raise self._refusal()

    def _refusal(self) -> OrchestTuiError:
        return OrchestTuiError("The pipeline is open elsewhere: read-only.", "Open it here first.")

    async def outputs(self, step: str) -> tuple[OutputEntry, ...]:
        """Return what the cache holds of a step."""
        return await asyncio.to_thread(self._onlooker.ask, lambda opened: opened.store.outputs(step, evicted=True))

    async def usage(self) -> Usage:
        """Return how full the output cache is."""
        return await asyncio.to_thread(self._onlooker.ask, lambda opened: opened.store.usage())

    async def failed_steps(self) -> tuple[str, ...]:
        """Return the steps that failed, and those that were aborted with them."""
        return await asyncio.to_thread(self._onlooker.ask, lambda opened: opened.failed_steps())

    async def choices(self, steps: tuple[str, ...]) -> list[RunChoice]:
        """Return what could be run."""
        return await asyncio.to_thread(self._onlooker.ask, lambda opened: run_choices(opened, steps))
