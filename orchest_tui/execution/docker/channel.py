"""A container's standard streams over one raw connection, on the asyncio loop.

docker-py's ``attach_socket`` hands out the socket below a buffered reader that may already have swallowed the first
frames, and reading it needs a thread for each container. So the request is spoken here: ``POST …/attach`` hijacks the
connection (standard input goes up, output comes down), ``GET …/logs`` as HTTP/1.0 replays what the container wrote
and then goes on live. Both send frames: one byte stream number (1 standard output, 2 standard error), three zero
bytes, the payload's length as big-endian u32, the payload (Docker Engine API, "Attach to a container", stream format).
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from urllib.parse import quote

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker.client import EngineGoneError
from orchest_tui.execution.endpoint import Endpoint
from orchest_tui.execution.protocol import MAX_LINE_BYTES

LineHandler = Callable[[bytes], None]
PayloadHandler = Callable[[int, bytes], None]
"""Called with a stream number and what came on it, in order."""

_FRAME_HEADER = struct.Struct(">BxxxI")
_STANDARD_OUTPUT = 1
_UPGRADE = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n"
_MAX_HEAD_BYTES = 64 * 1024
_TAIL_BYTES = 8 * 1024


class Channel(asyncio.Protocol):
    """The client's end of a container's streams.

    Args:
        request: The HTTP request that opens the streams.
        on_payload: Called with each frame.

    Attributes:
        opened: Done when the engine has accepted the request.
        ended: Done when no more output will come.
    """

    def __init__(self, request: bytes, on_payload: PayloadHandler) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self._on_payload = on_payload
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._head_done = False
        self._received = bytearray()

    def send(self, data: bytes) -> None:
        """Write to the container's standard input; nothing happens when the connection is gone."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """Let go of the connection."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request (asyncio.Protocol)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Take bytes in (asyncio.Protocol)."""
        self._received += data
        if self._head_done or self._read_head():
            self._read_frames()

    def connection_lost(self, exc: Exception | None) -> None:
        """Mark the end (asyncio.Protocol)."""
        if not self.opened.done():
            self.opened.set_exception(
                exc if isinstance(exc, ExecutorError) else EngineGoneError("The container engine hung up.")
            )
            self.opened.exception()  # read here, so that nobody has to
        if not self.ended.done():
            self.ended.set_result(None)

    def _read_head(self) -> bool:
        """Take the HTTP response's head off; return whether frames may follow."""
        head, mark, rest = bytes(self._received).partition(b"\r\n\r\n")
        if not mark:
            if len(self._received) > _MAX_HEAD_BYTES:
                self._refuse("an endless response head")
            return False
        status = head.split(b"\r\n", 1)[0].split(b" ", 2)
        if len(status) < 2 or status[1] not in {b"101", b"200"}:
            self._refuse(f"{b' '.join(status[1:]).decode('latin-1')} {rest.decode('utf-8', 'replace').strip()}")
            return False
        self._head_done = True
        self._received = bytearray(rest)
        if not self.opened.done():
            self.opened.set_result(None)
        return True

    def _refuse(self, words: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(ExecutorError(f"The container engine refused to attach: {words}"))
        self.close()

    def _read_frames(self) -> None:
        received = self._received
        start = 0
        while len(received) - start >= _FRAME_HEADER.size:
            stream, length = _FRAME_HEADER.unpack_from(received, start)
            begin = start + _FRAME_HEADER.size
            if len(received) < begin + length:
                break
            start = begin + length
            self._on_payload(stream, bytes(received[begin:start]))
        del received[:start]


class ControlLines:
    """What a runner writes, apart: control lines on standard output, its own complaints on standard error.

    Args:
        on_line: Called for each whole control line, without its newline; an overlong line is cut to
            ``MAX_LINE_BYTES + 1`` bytes, so that decoding it fails as it should.
    """

    def __init__(self, on_line: LineHandler) -> None:
        self._on_line = on_line
        self._line = bytearray()
        self._tail = b""

    @property
    def diagnostics(self) -> str:
        """The last words on standard error."""
        return self._tail.decode("utf-8", "replace").strip()

    def take(self, stream: int, payload: bytes) -> None:
        """Take a frame's payload in."""
        if stream != _STANDARD_OUTPUT:
            self._tail = (self._tail + payload)[-_TAIL_BYTES:]
            return
        *whole, rest = payload.split(b"\n")
        for part in whole:
            line = bytes(self._line + part)
            self._line.clear()
            if line:
                self._on_line(line[: MAX_LINE_BYTES + 1])
        self._line += rest
        del self._line[MAX_LINE_BYTES + 1 :]


async def attach(endpoint: Endpoint, api: str, container: str, on_payload: PayloadHandler) -> Channel:
    """Hijack the standard streams of ``container``, input included; best before it is started.

    Raises:
        ExecutorError: The engine refuses or is gone.
    """
    path = f"/v{api}/containers/{quote(container)}/attach?stream=1&stdin=1&stdout=1&stderr=1"
    return await _open(endpoint, f"POST {path} HTTP/1.1\r\n{_UPGRADE}".encode("ascii"), on_payload)


async def replay(endpoint: Endpoint, api: str, container: str, on_payload: PayloadHandler) -> Channel:
    """Read all that ``container`` wrote since its start, then go on live until it ends.

    Raises:
        ExecutorError: The engine refuses or is gone.
    """
    path = f"/v{api}/containers/{quote(container)}/logs?follow=1&stdout=1&stderr=1"
    # HTTP/1.0: the body ends with the connection and comes without chunk marks.
    return await _open(endpoint, f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode("ascii"), on_payload)


async def _open(endpoint: Endpoint, request: bytes, on_payload: PayloadHandler) -> Channel:
    loop = asyncio.get_running_loop()
    try:
        if (path := endpoint.socket_path) is not None:
            _, channel = await loop.create_unix_connection(lambda: Channel(request, on_payload), path)
        else:
            _, channel = await loop.create_connection(lambda: Channel(request, on_payload), *endpoint.address)
    except OSError as error:
        raise EngineGoneError(
            f"The container engine at {endpoint.url} went away.", "Start it again, then run again."
        ) from error
    try:
        await channel.opened
    except BaseException:
        channel.close()
        raise
    return channel
