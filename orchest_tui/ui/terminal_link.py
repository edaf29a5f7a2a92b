"""Whether the terminal keeps up with what is written to it.

Textual hands its output to a writer thread with a queue of thirty frames and never drops one: over a slow link the
screen would show what was true seconds ago, and keys would seem to be answered as late. Who draws a stream asks here
first, and draws the newest state when the link is free again.
"""

from __future__ import annotations

import select
from typing import Any

from textual.app import App


def terminal_is_busy(app: App[object]) -> bool:
    """Return whether earlier output still waits on its way to the terminal.

    Output waits in the queue of Textual's writer thread, or that thread waits for a terminal that takes no more.
    Textual 8.2.8 has no public name for either; a driver without such a thread (headless, web) is never busy.
    """
    writer = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    if writer is None or queue is None:
        return False
    return bool(queue.qsize() > 0 or not _writable(writer.fileno()))


def _writable(descriptor: int) -> bool:
    """Return whether a write to ``descriptor`` would be taken at once."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))


def write_sequence(app: App[Any], sequence: str) -> None:
    """Send a control sequence to the terminal, in its place in what is written; a headless app has none.

    Textual has no public way to write one, but for the bell and the clipboard.
    """
    driver = getattr(app, "_driver", None)
    if driver is not None and not getattr(driver, "is_headless", False):
        driver.write(sequence)
