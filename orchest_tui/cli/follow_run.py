"""Following runs of an engine in this process: events to the output, signals to the engine, ends to exit codes."""

from __future__ import annotations

import contextlib
import signal
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

import click

from orchest_tui.engine.events import Event, RunFinished
from orchest_tui.engine.takeover import EXIT_TAKEN_OVER, SIGNAL, successor
from orchest_tui.terminal_text import plain

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
    goes on without output. When a newcomer asks for the pipeline (``engine.takeover``) the run is left to it.

    Args:
        engine: The open engine.
        subscription: Its events, subscribed to before it was opened.
        output: Shows them.

    Attributes:
        handed_over: Whether a newcomer asked for the pipeline.
    """

    def __init__(self, engine: Engine, subscription: Subscription, output: RunOutput) -> None:
        self._engine = engine
        self._subscription = subscription
        self._output = output
        self._interrupts = 0
        self.handed_over = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> RunFollower:
        """Take the signals."""
        for number, handler in (
            (signal.SIGINT, self._interrupted),
            (signal.SIGTERM, self._interrupted),
            (signal.SIGHUP, self._hung_up),
            (SIGNAL, self._asked_for),
        ):
            self._previous[number] = signal.signal(number, handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engine and give the signals back."""
        self._output.close()
        self._engine.close(stop=not self.handed_over)
        if self.handed_over:
            self._tell_successor()
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def until_end(self, run: int) -> int:
        """Show the run until it ends and return the exit code."""
        while True:
            event = self._next()
            if isinstance(event, RunFinished) and event.run == run:
                self._output.frame()
                return EXIT_INTERRUPTED if self._interrupts else EXIT_CODES[event.status]
            if event is None and self.handed_over:
                return EXIT_TAKEN_OVER

    def watch(self, request: RunRequest) -> int:
        """Run what ``request`` says, then what becomes stale at every save, until interrupted."""
        from dataclasses import replace

        stale = replace(request, kind="stale")
        number = self._engine.start_run(request)
        self._engine.watch(live=True, request=stale)
        code = 0
        if number is not None:
            code = self.until_end(number)
        if not (self._interrupts or self.handed_over):
            self._output.waiting()
            code = 0
        while not (self._interrupts or self.handed_over):
            event = self._next()
            if isinstance(event, RunFinished):
                self._output.waiting()
        if self.handed_over:
            return EXIT_TAKEN_OVER
        running = self._engine.state.run
        if running is not None and running.finished is None:
            return self.until_end(running.number)
        while self._next() is not None:
            continue  # what ended just before the interrupt is shown too
        return code

    def _next(self) -> Event | None:
        """Show the next event, or a frame where none came in time."""
        event = self._subscription.get(0.0 if self.handed_over else FRAME_SECONDS)
        if event is None:
            self._output.frame()
        else:
            self._output.event(event)
        return event

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupts += 1
        self._output.interrupted(self._interrupts)
        self._engine.abort(grace=None if self._interrupts == 1 else 0.0)

    def _asked_for(self, _number: int, _frame: FrameType | None) -> None:
        self.handed_over = True

    def _tell_successor(self) -> None:
        """Say in one line who has the pipeline now; the terminal may be gone."""
        opened, run = self._engine.opened, self._engine.state.run
        going_on = f"; run {run.number} goes on there" if run is not None and run.finished is None else ""
        line = f"{opened.pipeline.relative_path} was taken over by {successor(opened.lock)}{going_on}."
        with contextlib.suppress(OSError):
            click.echo(plain(line), err=True)

    def _hung_up(self, _number: int, _frame: FrameType | None) -> None:
        self._output.mute()
        self._engine.opened.lock.note_unattended()
