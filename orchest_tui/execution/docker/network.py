"""The session's network: one small container that owns a network namespace, which the steps' containers join.

Making a network namespace is the slowest part of a container's start (DESIGN section 4), so it is made once. The pause
container reads its standard input to the end, which comes when its engine is gone; then it waits until no other
process is left in the namespace, since a step that outlives its engine still needs its network.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker.channel import Channel
from orchest_tui.execution.docker.client import RefusedError
from orchest_tui.execution.docker.container import Container
from orchest_tui.execution.docker.session import Session
from orchest_tui.execution.executor import PreparedEnvironment

# A worker's supervisor holds a unix socket pair for all its life, and unix sockets belong to a network namespace; the
# pause process itself has none. The first line of the file is its heading.
_PAUSE_PROGRAM = """
import os, time
while os.read(0, 4096):
    pass
while len(open("/proc/net/unix").readlines()) > 1:
    time.sleep(1)
"""
_DEFAULT_NETWORK = "default"  # the bridge on Docker; whatever rootless Podman can give


class SessionNetwork:
    """The network of a session's workers, made when the first of them starts.

    Args:
        session: What all containers share.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._network: str | None = None
        self._pause: tuple[Container, Channel] | None = None
        self._retired: list[tuple[Container, Channel]] = []
        self._making = asyncio.Lock()

    @property
    def own_network(self) -> str | None:
        """The user-defined network, None where the session has no services."""
        return self._network

    async def mode(self, environment: PreparedEnvironment) -> str:
        """Return the ``NetworkMode`` that joins the session's namespace.

        ``environment`` gives the image and the interpreter for the pause container if there is none that runs.

        Raises:
            ExecutorError: The pause container can't be started.
        """
        async with self._making:
            if self._pause is not None and self._pause[1].ended.done():
                self.forget()
            if self._pause is None:
                self._pause = await self._start(environment)
            return f"container:{self._pause[0].id}"

    def is_stale(self, mode: str, error: RefusedError) -> bool:
        """Tell whether a start was refused because the container that ``mode`` names is not there any more."""
        return mode.partition(":")[2] in error.message or "cannot join network" in error.message

    def forget(self) -> None:
        """Make a new pause container for the next worker; those that joined the old one keep it."""
        if self._pause is not None:
            self._retired.append(self._pause)
            self._pause = None

    async def create_own(self) -> str:
        """Make the user-defined network on which services have names, and let the workers from now on join it."""
        if self._network is None:
            api = self._session.engine.client.api
            name = f"orchest-tui-{secrets.token_hex(6)}"
            await self._session.engine.call(
                api.create_network, name, driver="bridge", labels=self._session.labels("service")
            )
            self._network = name
            self.forget()
        return self._network

    async def close(self, joined: Sequence[str]) -> None:
        """Remove pause containers and network, unless containers in ``joined`` (ids) still need them.

        What they need goes by itself when the last of them ends (pause), and with adoption or ``clean`` (network).
        """
        self.forget()
        for container, channel in self._retired:
            channel.close()
            if not joined:
                await container.remove()
        self._retired.clear()
        if self._network is not None and not joined:
            api = self._session.engine.client.api
            try:
                await self._session.engine.call(api.remove_network, self._network)
            except RefusedError as error:
                if error.status != 404:
                    raise
            self._network = None

    async def _start(self, environment: PreparedEnvironment) -> tuple[Container, Channel]:
        session = self._session
        engine = session.engine
        user, userns = session.identity()
        config = {
            "Image": environment.image,
            "Entrypoint": [environment.python or "python3", "-I", "-S", "-c", _PAUSE_PROGRAM],
            "Cmd": [],
            "User": user,
            "WorkingDir": "/",
            "AttachStdin": True,
            "OpenStdin": True,
            "StdinOnce": True,
            "Healthcheck": {"Test": ["NONE"]},
            "Labels": session.labels("pause"),
            "HostConfig": {
                "CapDrop": ["ALL"],
                "SecurityOpt": session.security(),
                "UsernsMode": userns,
                "NetworkMode": self._network or _DEFAULT_NETWORK,
            },
        }
        container = await Container.create(engine, config, f"orchest-tui-pause-{secrets.token_hex(6)}")
        try:
            channel = await container.attach(lambda _stream, _payload: None)
            await container.start()
        except BaseException as error:
            session.background(container.remove())
            if isinstance(error, RefusedError):
                raise ExecutorError(f"The session's network can't be made: {error.message}", error.mend) from error
            raise
        return container, channel
