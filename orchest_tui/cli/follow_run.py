"""Following runs of an engine in this process: events to the output, signals to the engine, ends to exit codes."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from orchest_tui.engine.events import Event, RunFinished

if TYPE_CHECKING:
    from orchest_tui.cli.run_output import RunOutput
    from orchest_tui.engine.engine import Engine, Subscription
    from orchest_tui.engine.requests import RunRequest

FRAME_SECONDS = 0.1
EXIT_CODES = {"SUCCESS": 0, "FAILURE": 1, "ABORTED": 1}
EXIT_INTERRUPTED = 130


class RunFollower:
    """Shows an engine's runs until they end; as a context manager it takes the signals and closes the engine.

    The first Ctrl+C (or SIGTERM) aborts the run cleanly, the second kills it. When the terminal goes (SIGHUP) the run
    goes on without output.

    Args:
        engine: The open engine.
        subscription: Its events, subscribed to before it was opened.
        output: Shows them.
    """

    def __init__(self, engine: Engine, subscription: Subscription, output: RunOutput) -> None:
        self._engine = engine
        self._subscription = subscription
        self._output = output
        self._interrupts = 0
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> RunFollower:
        """Take the signals."""
        for number, handler in (
            (signal.SIGINT, self._interrupted),
            (signal.SIGTERM, self._interrupted),
            (signal.SIGHUP, self._hung_up),
        ):
            self._previous[number] = signal.signal(number, handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engine and give the signals back."""
        self._output.close()
        self._engine.close()
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def until_end(self, run: int) -> int:
        """Show the run until it ends and return the exit code."""
        while True:
            event = self._next()
            if isinstance(event, RunFinished) and event.run == run:
                self._output.frame()
                return EXIT_INTERRUPTED if self._interrupts else EXIT_CODES[event.status]

    def watch(self, request: RunRequest) -> int:
        """Run what ``request`` says, then what becomes stale at every save, until interrupted."""
        from dataclasses import replace

        stale = replace(request, kind="stale")
        number = self._engine.start_run(request)
        self._engine.watch(live=True, request=stale)
        code = 0
        if number is not None:
            code = self.until_end(number)
        if not self._interrupts:
            self._output.waiting()
            code = 0
        while not self._interrupts:
            event = self._next()
            if isinstance(event, RunFinished):
                self._output.waiting()
        running = self._engine.state.run
        return self.until_end(running.number) if running is not None and running.finished is None else code

    def _next(self) -> Event | None:
        """Show the next event, or a frame where none came in time."""
        event = self._subscription.get(FRAME_SECONDS)
        if event is None:
            self._output.frame()
        else:
            self._output.event(event)
        return event

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupts += 1
        self._output.interrupted(self._interrupts)
        self._engine.abort(grace=None if self._interrupts == 1 else 0.0)

    def _hung_up(self, _number: int, _frame: FrameType | None) -> None:
        self._output.mute()
