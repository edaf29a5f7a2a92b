"""Back-pressure: a terminal that takes no more is noticed."""

from __future__ import annotations

import contextlib
import os
import pty
from pathlib import Path
from queue import Queue
from types import SimpleNamespace

from textual.app import App
from textual.drivers._writer_thread import WriterThread

from orchest_tui.ui.terminal_link import terminal_is_busy

from .log.waiting import wait_until


def app_with(writer: object) -> App[object]:
    """Return an app as it is while ``writer`` writes for it."""
    app: App[object] = App()
    app._driver = SimpleNamespace(_writer_thread=writer)  # type: ignore[assignment]
    return app


def test_an_app_without_a_terminal_is_never_busy() -> None:
    assert not terminal_is_busy(App())
    assert not terminal_is_busy(app_with(None))


def test_output_that_waits_in_the_queue_is_seen() -> None:
    with Path(os.devnull).open("w") as file:
        writer = WriterThread(file)  # not started: nothing is taken out of its queue
        assert isinstance(writer._queue, Queue)
        assert not terminal_is_busy(app_with(writer))
        writer.write("a frame")
        assert terminal_is_busy(app_with(writer))


def test_a_terminal_that_is_not_read_is_busy() -> None:
    master, slave = pty.openpty()
    try:
        os.set_blocking(slave, False)
        with open(slave, "w", closefd=False) as file:
            writer = WriterThread(file)
            assert not terminal_is_busy(app_with(writer))

            def is_busy_when_full() -> bool:
                with contextlib.suppress(BlockingIOError):
                    while True:  # the kernel moves bytes on behind our back, and makes room again
                        os.write(slave, b"x" * 1024)
                return terminal_is_busy(app_with(writer))

            wait_until(is_busy_when_full)
    finally:
        os.close(master)
        os.close(slave)
