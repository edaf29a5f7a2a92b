"""Side containers of a pipeline: started with the session, reachable by name, gone with it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker.client import RefusedError
from orchest_tui.execution.docker.container import Container
from orchest_tui.execution.docker.network import SessionNetwork
from orchest_tui.execution.docker.service_config import service_config
from orchest_tui.execution.docker.session import Session
from orchest_tui.execution.executor import DATA_DIR, PROJECT_DIR
from orchest_tui.project.definition import Service

ENVIRONMENT_PREFIX = "environment@"
"""What a service's image starts with where it is the image of an environment; its uuid follows."""

_UP_TIMEOUT = 30.0  # seconds until a service's ports are open, or we go on without
_LOOK_EVERY = 0.1  # seconds between looks at a service that comes up

ImageOf = Callable[[str], Awaitable[str]]
"""From a service's image name to an image of the engine, pulled or built where it has to be."""


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service as people reach it.

    Attributes:
        name: The service's name.
        container: Its container, None where it could not be made.
        ports: Its ports, each with the port on this machine's loopback; empty where it is not exposed.
        log: File with its output.
        problem: Why it is not up, None where it is.
    """

    name: str
    container: Container | None
    ports: Mapping[int, int]
    log: Path
    problem: str | None = None


class Services:
    """The services of one session.

    Args:
        session: What all containers share.
        network: The session's network.
        data_dir: The host's ``/data``.
        image_of: Turns a service's image name into one of the engine.
    """

    def __init__(self, session: Session, network: SessionNetwork, data_dir: Path, image_of: ImageOf) -> None:
        self._session = session
        self._network = network
        self._data_dir = data_dir
        self._image_of = image_of
        self._running: list[RunningService] = []
        self._logs: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> Sequence[RunningService]:
        """The services, in their order."""
        return tuple(self._running)

    async def start(self, services: Sequence[Service], environ: Mapping[str, str]) -> None:
        """Start ``services`` and return when they are up, or have shown that they don't come up.

        A service that fails does not stop the pipeline (as in the reference): its ``problem`` tells.

        Raises:
            ExecutorError: The network can't be made, or the engine is gone.
        """
        if not services:
            return
        network = await self._network.create_own()
        ordered = sorted(services, key=lambda service: service.order)
        self._running += await asyncio.gather(*(self._start_one(service, environ, network) for service in ordered))

    async def close(self, *, keep: bool = False) -> None:
        """Remove the services' containers; with ``keep`` they stay, for steps that outlive this engine."""
        containers = [service.container for service in self._running if service.container is not None and not keep]
        await asyncio.gather(*(container.remove() for container in containers))
        self._running.clear()
        for task in self._logs:
            task.cancel()
        await asyncio.gather(*self._logs, return_exceptions=True)

    async def _start_one(self, service: Service, environ: Mapping[str, str], network: str) -> RunningService:
        log = self._session.layout.pipeline_dir / "services" / f"{service.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        nobody = RunningService(service.name, None, {}, log)
        engine = self._session.engine
        try:
            image = await self._image_of(service.image)
            details = await engine.call(engine.client.api.inspect_image, image)
            described = (image, details["Config"] or {})
            config = service_config(self._session, service, environ, network, described, self._folder)
            container = await Container.create(engine, config, f"orchest-tui-{service.name}-{secrets.token_hex(4)}")
        except ExecutorError as error:
            log.write_text(f"{error}\n", encoding="utf-8")
            return replace(nobody, problem=str(error))
        started = replace(nobody, container=container)
        try:
            await container.start()
        except RefusedError as error:
            log.write_text(f"{error}\n", encoding="utf-8")
            return replace(started, problem=error.message)
        task = asyncio.create_task(self._follow_log(container, log))
        self._logs.add(task)
        task.add_done_callback(self._logs.discard)
        return await self._wait_up(service, container, started)

    async def _wait_up(self, service: Service, container: Container, started: RunningService) -> RunningService:
        """Wait until every port accepts connections; a service without ports is up when it runs."""
        found = await container.inspect()
        try:
            async with asyncio.timeout(_UP_TIMEOUT):
                while True:
                    if not found["State"]["Running"]:
                        code = found["State"]["ExitCode"]
                        return replace(started, problem=f"ended with exit code {code}; its log is {started.log}")
                    address = _address(found)
                    if all([await _is_open(address, port) for port in service.ports]):
                        return replace(started, ports=_published(found))
                    await asyncio.sleep(_LOOK_EVERY)
                    found = await container.inspect()
        except TimeoutError:
            return replace(
                started, ports=_published(found), problem=f"runs, but its ports are not open after {_UP_TIMEOUT:.0f} s"
            )

    def _folder(self, source: str) -> Path:
        return {PROJECT_DIR: self._session.layout.project_dir, DATA_DIR: self._data_dir}[source]

    async def _follow_log(self, container: Container, log: Path) -> None:
        """Copy what the service writes into ``log`` until it ends."""
        with log.open("ab", buffering=0) as file:
            channel = await container.replay(lambda _stream, data: _write(file, data))
            try:
                await channel.ended
            finally:
                channel.close()


def _write(file: io.FileIO, data: bytes) -> None:
    with contextlib.suppress(OSError):  # a full disk loses log lines, not the service
        file.write(data)


def _published(found: Mapping[str, Any]) -> dict[int, int]:
    ports = found["NetworkSettings"].get("Ports") or {}
    return {int(name.split("/")[0]): int(bound[0]["HostPort"]) for name, bound in ports.items() if bound}


def _address(found: Mapping[str, Any]) -> str:
    networks = found["NetworkSettings"].get("Networks") or {}
    return next((str(network["IPAddress"]) for network in networks.values() if network.get("IPAddress")), "")


async def _is_open(address: str, port: int) -> bool:
    """Tell whether something accepts connections; an address that can't be reached from here counts as open."""
    if not address:
        return True
    try:
        _, writer = await asyncio.open_connection(address, port)
    except ConnectionRefusedError:
        return False
    except OSError:
        return True
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
