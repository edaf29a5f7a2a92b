"""The control channel to a local runner: two socket pairs that are its standard input and output.

Sockets rather than pipes, since a pipe can be opened anew through ``/proc/<pid>/fd`` by any process of the user, so by
the step's code too, and a socket can't: nobody but the supervisor can put words into this channel.
"""

from __future__ import annotations

import asyncio
import socket

from orchest_tui.execution.protocol import (
    MAX_LINE_BYTES,
    EngineMessage,
    ProtocolError,
    RunnerMessage,
    decode,
    encode,
)


class ControlChannel(asyncio.Protocol):
    """The engine's end.

    Attributes:
        messages: What the runner said, in order; None when it will say no more.
        ended: Whether it will say no more.
    """

    def __init__(self) -> None:
        self.messages: asyncio.Queue[RunnerMessage | None] = asyncio.Queue()
        self.ended = False
        self._line = bytearray()
        self._skipping = False
        self._transports: list[asyncio.Transport] = []

    @classmethod
    async def open(cls, to_runner: socket.socket, from_runner: socket.socket) -> ControlChannel:
        """Return a channel over our ends of the two socket pairs; it owns them from now on."""
        loop = asyncio.get_running_loop()
        channel = cls()
        writing, _ = await loop.create_unix_connection(asyncio.Protocol, sock=to_runner)
        reading, _ = await loop.create_unix_connection(lambda: channel, sock=from_runner)
        channel._transports = [writing, reading]
        return channel

    def send(self, message: EngineMessage) -> None:
        """Say ``message`` to the runner; one that has ended hears nothing."""
        if not self._transports[0].is_closing():
            self._transports[0].write(encode(message))

    def close(self) -> None:
        """Let go of the runner: one that was told nothing ends, a running one goes on."""
        for transport in self._transports:
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Take in bytes (asyncio.Protocol)."""
        *whole, rest = data.split(b"\n")
        for part in whole:
            self._line += part
            self._take_line()
        self._line += rest
        if len(self._line) > MAX_LINE_BYTES:
            self._line.clear()
            self._skipping = True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Mark the end (asyncio.Protocol)."""
        self.ended = True
        self.messages.put_nowait(None)

    def _take_line(self) -> None:
        line = bytes(self._line)
        self._line.clear()
        skipped, self._skipping = self._skipping, False
        if skipped or not line:
            return
        message = decode_or_none(line)
        if message is not None:
            self.messages.put_nowait(message)


def decode_or_none(line: bytes) -> RunnerMessage | None:
    """Return the message in ``line``, None for one that is none.

    A line that can't be read is passed over: the end of a step is told by a line of its own, and a runner that never
    says it is noticed by its end.
    """
    try:
        return decode(line)
    except ProtocolError:
        return None
