"""The engine as front ends see it: a thread of its own, commands in, events and an immutable state out.

The thread runs an asyncio loop, so a front end that stalls (a terminal that nobody reads) never stops the supervision
of steps. Every method here may be called from any thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from orchest_tui.engine.core import EngineCore
from orchest_tui.engine.events import CellChanged, Event, RunFinished, StepProgress, StepUsage
from orchest_tui.engine.initial import initial_state
from orchest_tui.engine.live import LiveMode
from orchest_tui.engine.opened import OpenPipeline
from orchest_tui.engine.state import ViewState, reduce
from orchest_tui.errors import OrchestTuiError

if TYPE_CHECKING:
    from orchest_tui.engine.requests import RunRequest
    from orchest_tui.project.settings import Settings

Result = TypeVar("Result")

QUEUE_LIMIT = 10_000
"""Events that a slow subscriber may leave unread before progress events are dropped for it."""


class Subscription:
    """A bounded queue of events for one reader.

    When it is full the oldest progress events are dropped, never a change of status.
    """

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._arrived = threading.Condition()

    def put(self, event: Event) -> None:
        """Add an event; called by the engine."""
        with self._arrived:
            if len(self._events) >= QUEUE_LIMIT:
                kept = [e for e in self._events if not isinstance(e, StepProgress | StepUsage | CellChanged)]
                self._events = deque(kept)
            self._events.append(event)
            self._arrived.notify_all()

    def get(self, timeout: float | None = None) -> Event | None:
        """Return the next event, None after ``timeout`` seconds without one."""
        with self._arrived:
            if not self._events:
                self._arrived.wait(timeout)
            return self._events.popleft() if self._events else None


class Engine:
    """One open pipeline that can run.

    Args:
        project_dir: The project's folder.
        path: The pipeline's file.
        settings: The settings in force.
        keep_warm: Whether to keep containers ready between runs (a front end that stays open).
        on_event: Called with every event on the engine's thread; must return at once.
    """

    def __init__(
        self,
        project_dir: Path,
        path: Path,
        settings: Settings,
        *,
        keep_warm: bool = False,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._project_dir, self._path, self._settings = project_dir, path, settings
        self._keep_warm = keep_warm
        self._on_event = on_event
        self._state = ViewState()
        self._subscriptions: list[Subscription] = []
        self._finished = threading.Condition()
        self._ends: dict[int, RunFinished] = {}
        self._opened: OpenPipeline
        self._core: EngineCore
        self._live: LiveMode
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread

    def open(self, *, resume: bool = True, take_over: bool = False) -> int | None:
        """Take the pipeline's lock, adopt what an earlier engine left and start the thread.

        Args:
            resume: Whether to go on with a run that was left unfinished.
            take_over: Whether to ask whoever has the pipeline open to hand it over.

        Returns:
            The number of the adopted run that goes on, None where there is none.

        Raises:
            PipelineBusyError: Another process has the pipeline open.
            TakeOverError: It can't be asked, or does not let go.
            InvalidProjectError: The pipeline's file can't be read.
        """
        self._opened = OpenPipeline(self._project_dir, self._path, self._settings, newcomer=take_over)
        session = f"{os.getpid()}-{time.time_ns():x}"
        self._core = EngineCore(self._opened, session, self._publish, keep_warm=self._keep_warm)
        self._live = LiveMode(self._core, self._publish)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="engine", daemon=True)
        self._thread.start()
        try:
            self._call(self._begin()).result()
            return self._call(self._core.adopt(resume=resume)).result()
        except OrchestTuiError:
            self.close(stop=False)
            raise

    @property
    def state(self) -> ViewState:
        """The view state; a new object whenever something changed."""
        return self._state

    @property
    def opened(self) -> OpenPipeline:
        """The pipeline; its definition may be read from any thread."""
        return self._opened

    @property
    def warm_spares(self) -> int:
        """How many warm spares there are."""
        return self._core.workers.spares

    @property
    def executor_name(self) -> str | None:
        """Name of the executor in use, None before the first run."""
        return self._core.workers.executor_name

    @property
    def live(self) -> bool:
        """Whether what becomes stale runs at every save."""
        return self._live.live

    def ask(self, question: Callable[[OpenPipeline], Result]) -> Result:
        """Return ``question(opened)``, asked on the engine's thread, which alone may read the output cache.

        Args:
            question: Quick, and changes nothing that a run depends on.
        """

        async def answer() -> Result:
            return question(self._opened)

        return self._call(answer()).result()

    def subscribe(self) -> Subscription:
        """Return a queue that receives every event from now on."""
        subscription = Subscription()
        self._subscriptions.append(subscription)
        return subscription

    def start_run(self, request: RunRequest) -> int | None:
        """Begin a run and return its number; None where nothing has to run.

        Raises:
            OrchestTuiError: A run goes on already, or the request or the definition can't be used.
        """
        return self._call(self._core.start_run(request)).result()

    def abort(self, steps: Sequence[str] = (), *, grace: float | None = None) -> None:
        """Ask for the end of the run that goes on, or of ``steps``; ``grace`` in seconds, 0 kills at once.

        Does nothing once the engine is closed, so that a signal may come at any time.
        """
        if not self._loop.is_closed():
            self._call(self._core.abort(steps, grace=grace))

    def wait(self, run: int, timeout: float | None = None) -> RunFinished | None:
        """Wait for a run's end; None after ``timeout`` seconds."""
        with self._finished:
            self._finished.wait_for(lambda: run in self._ends, timeout)
            return self._ends.get(run)

    def watch(self, *, live: bool, request: RunRequest | None = None) -> None:
        """Watch the project; with ``live`` run what becomes stale at every save."""

        async def begin() -> None:
            self._live.watch(live=live, request=request)

        self._call(begin()).result()

    def close(self, *, stop: bool = True) -> None:
        """End the engine; with ``stop`` a run that goes on is aborted, otherwise left to the next engine."""
        self._call(self._live.stop()).result()
        self._call(self._core.close(stop=stop)).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._opened.close()

    # -- the engine's thread ------------------------------------------------------------------------------------

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()

    async def _begin(self) -> None:
        opened = self._opened.store.open()
        self._state = initial_state(self._opened)
        self._core.check_freshness()
        if opened.lost:
            steps = self._opened.pipeline.steps
            titles = dict.fromkeys(steps[entry.step].title for entry in opened.lost if entry.step in steps)
            self._core.notice("warning", f"Outputs are gone from memory: {', '.join(titles)}. Run those steps again.")

    def _publish(self, event: Event) -> None:
        self._state = reduce(self._state, event)
        for subscription in self._subscriptions:
            subscription.put(event)
        if self._on_event is not None:
            self._on_event(event)
        if isinstance(event, RunFinished):
            with self._finished:
                self._ends[event.run] = event
                self._finished.notify_all()

    def _call(self, work: Awaitable[Result]) -> Future[Result]:
        async def run() -> Result:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop)


@contextlib.contextmanager
def running_engine(project_dir: Path, path: Path, settings: Settings, *, keep_warm: bool = False) -> Iterator[Engine]:
    """Open an engine for the length of a ``with`` block; what runs at its end is aborted."""
    engine = Engine(project_dir, path, settings, keep_warm=keep_warm)
    engine.open()
    try:
        yield engine
    finally:
        engine.close()
