"""One container, by its id: the requests that this program makes about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from orchest_tui.execution.docker import channel
from orchest_tui.execution.docker.channel import Channel, PayloadHandler
from orchest_tui.execution.docker.client import Engine, EngineGoneError, RefusedError

_NOT_FOUND = 404
_CONFLICT = 409  # its removal is under way already
_REMOVE_ATTEMPTS = 10
_REMOVE_PAUSE = 0.3  # seconds


class Container:
    """A container of the engine; every method raises ``RefusedError`` or ``EngineGoneError`` unless it says otherwise.

    Args:
        engine: The connection.
        id: The container's id.
    """

    def __init__(self, engine: Engine, id: str) -> None:  # noqa: A002 - the API's name for it
        self.id = id
        self._engine = engine

    @classmethod
    async def create(cls, engine: Engine, config: Mapping[str, Any], name: str) -> Container:
        """Make a container from a create request."""
        made = await engine.call(engine.client.api.create_container_from_config, dict(config), name)
        return cls(engine, str(made["Id"]))

    async def start(self) -> None:
        """Start it."""
        await self._engine.call(self._engine.client.api.start, self.id)

    async def inspect(self) -> Mapping[str, Any]:
        """Return everything that the engine knows of it."""
        found: Mapping[str, Any] = await self._engine.call(self._engine.client.api.inspect_container, self.id)
        return found

    async def state(self) -> Mapping[str, Any]:
        """Return its ``State``."""
        state: Mapping[str, Any] = (await self.inspect())["State"]
        return state

    async def stats(self) -> Mapping[str, Any]:
        """Return what it uses, at this moment."""
        found: Mapping[str, Any] = await self._engine.call(
            self._engine.client.api.stats, self.id, stream=False, one_shot=True
        )
        return found

    async def wait(self) -> None:
        """Return when it has ended."""
        await self._engine.wait(self.id)

    async def signal(self, name: str) -> None:
        """Send a signal to its first process; never raises, since whoever waits for its end is told of a loss."""
        try:
            await self._engine.call(self._engine.client.api.kill, self.id, name)
        except (RefusedError, EngineGoneError):
            return

    async def stop(self, grace: float) -> None:
        """Send SIGTERM and, ``grace`` seconds later, SIGKILL; never raises, as ``signal``."""
        try:
            await self._engine.call(self._engine.client.api.stop, self.id, timeout=max(round(grace), 0))
        except (RefusedError, EngineGoneError):
            return

    async def remove(self) -> None:
        """Kill and remove it with its anonymous volumes; fine when it is gone.

        Podman refuses while the container is just ending, so a refusal is tried again for a moment.
        """
        for attempt in range(1, _REMOVE_ATTEMPTS + 1):
            try:
                await self._engine.call(self._engine.client.api.remove_container, self.id, v=True, force=True)
            except RefusedError as error:
                if error.status in {_NOT_FOUND, _CONFLICT}:
                    return
                if attempt == _REMOVE_ATTEMPTS:
                    raise
                await asyncio.sleep(_REMOVE_PAUSE)
            else:
                return

    async def attach(self, on_payload: PayloadHandler) -> Channel:
        """Hijack its standard streams, input included; best before it is started."""
        return await channel.attach(self._engine.endpoint, self._engine.facts.api, self.id, on_payload)

    async def replay(self, on_payload: PayloadHandler) -> Channel:
        """Read what it wrote since its start, then go on live until it ends."""
        return await channel.replay(self._engine.endpoint, self._engine.facts.api, self.id, on_payload)
