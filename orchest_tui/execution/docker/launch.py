"""From a ``WorkerSpec`` to a warm worker: create, attach, start, prepare, wait until it says ready.

Three requests to the daemon, each on the path that a person waits for; everything else is done before or behind.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Any

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker.client import RefusedError
from orchest_tui.execution.docker.network import SessionNetwork
from orchest_tui.execution.docker.run_folder import RunFolder
from orchest_tui.execution.docker.session import Session
from orchest_tui.execution.docker.worker import DockerWorker
from orchest_tui.execution.docker.worker_config import path_map, python_path, worker_config
from orchest_tui.execution.executor import WorkerSpec
from orchest_tui.execution.login import login_variables
from orchest_tui.execution.protocol import PROTOCOL_VERSION, Prepare, encode

WARM_TIMEOUT = 300.0
"""Seconds for early imports and a notebook's kernel, on a busy machine; a runner that hangs is given up then."""

_ATTEMPTS = 3
_NAME_TAKEN = 409
_FALLBACK_HOME = "/tmp"  # noqa: S108 - the one folder of an image that every uid can write to


async def launch(session: Session, network: SessionNetwork, spec: WorkerSpec) -> DockerWorker:
    """Return a worker for ``spec`` that is ready.

    Raises:
        ExecutorError: It can't be started; the message has the daemon's words and the mend.
    """
    folder = RunFolder.create(session.layout, session.folder)
    worker = DockerWorker(session, spec, path_map(spec), folder)
    try:
        for attempt in range(1, _ATTEMPTS + 1):
            mode = await network.mode(spec.environment)
            try:
                await _start(session, worker, spec, folder, mode)
                break
            except RefusedError as error:
                await worker.remove_container()
                stale = network.is_stale(mode, error)
                if attempt == _ATTEMPTS or not (stale or error.status == _NAME_TAKEN):
                    raise explained(error, spec) from error
                if stale:
                    network.forget()
        await _warm(session, worker, spec)
    except BaseException:
        session.background(worker.discard())
        raise
    return worker


def container_name(spec: WorkerSpec) -> str:
    """Return a name that tells a person what the container is, and that no other has."""
    return f"orchest-tui-{_plain(spec.pipeline)[:8]}-{_plain(spec.step)[:8]}-{secrets.token_hex(4)}"


def explained(error: RefusedError, spec: WorkerSpec) -> ExecutorError:
    """Return the daemon's refusal to start a worker of ``spec`` with what can be done about it."""
    words = error.message.lower()
    if "no such image" in words or "image not known" in words or (error.status == 404 and "image" in words):
        return ExecutorError(
            f"The image of environment {spec.environment.name} is gone from the container engine.",
            "Build it again: `orchest-tui build`.",
        )
    if "bind source path" in words or "mount" in words or "statfs" in words:
        return ExecutorError(
            f"Step {spec.title} can't be started, a folder can't be mounted: {error.message}",
            "See that the project, the data folder and the memory folder exist and may be read by the engine.",
        )
    if "could not select device driver" in words or "gpu" in words:
        return ExecutorError(
            f"Environment {spec.environment.name} wants GPUs, which this engine can't give: {error.message}",
            "Install the NVIDIA container toolkit, or switch `gpu_support` off in the environment.",
        )
    return ExecutorError(f"Step {spec.title} can't be started: {error.message}", error.mend)


async def _start(session: Session, worker: DockerWorker, spec: WorkerSpec, folder: RunFolder, mode: str) -> None:
    config: dict[str, Any] = worker_config(session, spec, folder)
    config["HostConfig"]["NetworkMode"] = mode
    await worker.start(config, container_name(spec))


async def _warm(session: Session, worker: DockerWorker, spec: WorkerSpec) -> None:
    """Send what can be done before the run is known, and wait until it is done."""
    worker.send(
        encode(
            Prepare(
                version=PROTOCOL_VERSION,
                kind=spec.kind,
                environ={
                    **login_variables(spec),
                    **session.network_environ,
                    **dict(spec.environ),
                    "PYTHONPATH": python_path(spec),
                },
                cwd=worker.paths.inside(spec.cwd),
                imports=list(spec.imports),
                tools=spec.environment.tools,
                language=spec.language,
                home=_FALLBACK_HOME,
            )
        )
    )
    try:
        async with asyncio.timeout(WARM_TIMEOUT):
            await worker.wait_ready()
    except TimeoutError as error:
        raise ExecutorError(
            f"Step {spec.title} did not get ready within {WARM_TIMEOUT:.0f} s.",
            "See what its early imports or its notebook's kernel wait for.",
        ) from error


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "", text) or "x"
