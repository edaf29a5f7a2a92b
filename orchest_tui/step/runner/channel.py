"""The control channel: the supervisor's standard input and output, and the journal beside it."""

from __future__ import annotations

import os
import selectors
import time

from .messages import LineBuffer, Message, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

STDIN = 0
STDOUT = 1
CHUNK = 1 << 16
OUTBOX_LIMIT = 1 << 20
"""Bytes waiting for the engine above which messages that may be lost are."""

MAY_BE_LOST = ("progress", "usage")

LAST_WORDS_SECONDS = 60.0
"""How long the supervisor waits at its end for an engine that does not read."""


class EngineChannel:
    """Lines from the engine, messages to the engine.

    Writing never blocks: a stalled engine must not keep a timeout or an abort from being carried out. An engine that
    went away is no error, since another one may have taken over through the journal or the container's log.

    Args:
        selector: Where standard output is registered while something waits for it.
        journal: Descriptor of a file that receives every message first, None for none.
    """

    def __init__(self, selector: selectors.BaseSelector, journal: int | None) -> None:
        self._selector = selector
        self._journal = journal
        self._lines = LineBuffer()
        self._outbox = bytearray()
        self._broken = False
        self._listening = False
        os.set_blocking(STDOUT, False)

    def listen(self, on_line: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        """Call ``on_line`` for every line of the engine, and ``on_end`` once when there will be no more."""

        def read() -> None:
            try:
                data = os.read(STDIN, CHUNK)
            except OSError:
                data = b""
            if not data:
                self.stop_listening()
                on_end()
            for line in self._lines.feed(data):
                on_line(line)

        self._selector.register(STDIN, selectors.EVENT_READ, read)
        self._listening = True

    def stop_listening(self) -> None:
        """Read nothing more from the engine."""
        if self._listening:
            self._listening = False
            self._selector.unregister(STDIN)

    def send(self, message: Message) -> None:
        """Send ``message``, as soon as the engine takes it.

        Raises:
            ValueError: It does not fit the protocol (see ``messages.encode``).
        """
        line = encode(message)
        if self._journal is not None:
            self._write_journal(line)
        if self._broken or (message.type in MAY_BE_LOST and len(self._outbox) > OUTBOX_LIMIT):
            return
        waiting = bool(self._outbox)
        self._outbox += line
        if not waiting:
            self._write()
            if self._outbox:
                self._selector.register(STDOUT, selectors.EVENT_WRITE, self._write_on)

    def close(self) -> None:
        """Hand over what still waits, to an engine that reads within a minute."""
        deadline = time.monotonic() + LAST_WORDS_SECONDS
        while self._outbox and time.monotonic() < deadline:
            with selectors.PollSelector() as selector:
                selector.register(STDOUT, selectors.EVENT_WRITE)
                selector.select(1.0)
            self._write()

    def _write_journal(self, line: bytes) -> None:
        """Write to the journal, until the disk is full: then standard output is all there is."""
        try:
            while line and self._journal is not None:
                line = line[os.write(self._journal, line) :]
        except OSError:
            self._journal = None

    def _write_on(self) -> None:
        self._write()
        if not self._outbox:
            self._selector.unregister(STDOUT)

    def _write(self) -> None:
        try:
            while self._outbox:
                del self._outbox[: os.write(STDOUT, self._outbox)]
        except BlockingIOError:
            return
        except OSError:
            self._broken = True
            self._outbox.clear()
