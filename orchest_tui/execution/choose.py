"""Which executor runs the steps: the setting ``executor``, and for ``auto`` what this machine has.

``auto`` takes the container engine where one answers quickly and can have the images that the project needs, and the
local executor otherwise; in one line it says why.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from orchest_tui.errors import ExecutorUnavailableError
from orchest_tui.execution.endpoint import Endpoint, find_endpoint

if TYPE_CHECKING:
    from orchest_tui.execution.executor import Executor, Report
    from orchest_tui.project.environments import Environment
    from orchest_tui.project.layout import Layout
    from orchest_tui.project.settings import Settings

PING_SECONDS = 2.0
"""How long an engine may take to answer before ``auto`` goes on without it."""

_PING = b"GET /_ping HTTP/1.0\r\nHost: localhost\r\n\r\n"


async def choose_executor(
    settings: Settings, layout: Layout, session: str, report: Report, environments: Iterable[Environment]
) -> Executor:
    """Return the executor to use, opened.

    Args:
        settings: The settings.
        layout: Paths of the pipeline.
        session: Identity of the engine's life.
        report: Called with one line where ``auto`` had to decide against a container engine.
        environments: The environments that steps will need.

    Raises:
        ExecutorUnavailableError: The executor that was asked for can't be used on this machine.
    """
    if settings.executor == "docker":
        return await _open_docker(settings, layout, session)
    if settings.executor == "auto":
        try:
            await answer(find_endpoint(settings.docker_host))
            executor = await _docker_with_images(settings, layout, session, environments)
        except ExecutorUnavailableError as error:
            report(f"{error.message.rstrip('.')}; using the local executor.")
        else:
            return executor
    return await _open_local(settings, layout, session)


async def answer(endpoint: Endpoint) -> None:
    """Return when the engine at ``endpoint`` has answered.

    The question is asked by hand: the client library alone takes longer to import than an engine to answer.

    Raises:
        ExecutorUnavailableError: Nothing answers there within ``PING_SECONDS``.
    """
    try:
        async with asyncio.timeout(PING_SECONDS):
            if endpoint.socket_path is not None:
                reader, writer = await asyncio.open_unix_connection(endpoint.socket_path)
            else:
                reader, writer = await asyncio.open_connection(*endpoint.address)
            try:
                writer.write(_PING)
                status = await reader.readline()
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except PermissionError as error:
        raise ExecutorUnavailableError(f"The container engine at {endpoint.url} refuses access.") from error
    except (OSError, TimeoutError) as error:
        raise ExecutorUnavailableError(f"No container engine answers at {endpoint.url}.") from error
    if b" 200 " not in status:
        raise ExecutorUnavailableError(f"What answers at {endpoint.url} is no container engine.")


async def _docker_with_images(
    settings: Settings, layout: Layout, session: str, environments: Iterable[Environment]
) -> Executor:
    from orchest_tui.execution.docker import DockerExecutor

    executor = DockerExecutor(settings, layout, session)
    await executor.open()
    missing = await executor.missing_images(environments)
    if not missing:
        return executor
    await executor.close()
    raise ExecutorUnavailableError(
        f"{executor.description} answers, but the base image {', '.join(missing)} can't be had"
    )


async def _open_docker(settings: Settings, layout: Layout, session: str) -> Executor:
    from orchest_tui.execution.docker import DockerExecutor

    executor = DockerExecutor(settings, layout, session)
    await executor.open()
    return executor


async def _open_local(settings: Settings, layout: Layout, session: str) -> Executor:
    from orchest_tui.execution.local import LocalExecutor

    executor = LocalExecutor(settings, layout, session)
    await executor.open()
    return executor
