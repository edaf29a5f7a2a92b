"""Finding what an earlier engine of the same pipeline left: its running steps go on, all else is cleaned up.

The pipeline's lock lets one engine have it at a time, so everything of this pipeline that carries another session's
label belongs to an engine that is gone. A worker counts as told to run when its ``order.json`` is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from orchest_tui.execution.docker import labels
from orchest_tui.execution.docker.client import EngineGoneError, RefusedError
from orchest_tui.execution.docker.command_worker import CommandWorker
from orchest_tui.execution.docker.container import Container
from orchest_tui.execution.docker.run_folder import OrderRecord, RunFolder
from orchest_tui.execution.docker.session import Session
from orchest_tui.execution.docker.worker import DockerWorker
from orchest_tui.execution.executor import AdoptedWorker, MessageHandler, PathMap, PreparedEnvironment, WorkerSpec
from orchest_tui.execution.owned_folder import take_over
from orchest_tui.execution.protocol import Finished, StepKind

_LIVE = {"running", "paused", "restarting"}
_UNSTARTED = {"created", "configured", "initialized"}


_Taken = DockerWorker | CommandWorker


@dataclass(slots=True)
class _PastSession:
    """What is left of one earlier session: ``rest`` serves its workers and goes after the last of them."""

    workers: list[_Taken] = field(default_factory=list)
    rest: list[Container] = field(default_factory=list)


class Adoption:
    """Takes over the containers of dead sessions of one pipeline.

    Args:
        session: The session that takes over.
        pipeline: The pipeline's uuid.
    """

    def __init__(self, session: Session, pipeline: str) -> None:
        self._session = session
        self._pipeline = pipeline
        self._past: dict[str, _PastSession] = {}

    async def adopt(self) -> list[AdoptedWorker]:
        """Return the workers that had been told to run; remove spares and what served nobody.

        Raises:
            ExecutorError: The engine is gone.
        """
        adopted: list[AdoptedWorker] = []
        useless: list[Container] = []
        for container in await self._containers():
            name = container["Labels"].get(labels.SESSION, "")
            past = self._past.setdefault(name, _PastSession())
            if container["Labels"].get(labels.ROLE) != "worker":
                past.rest.append(Container(self._session.engine, container["Id"]))
                continue
            folder = self._folder(container)
            record = folder.read_order()
            if record is None or container["State"].lower() in _UNSTARTED:
                useless.append(Container(self._session.engine, container["Id"]))
                folder.remove()
                continue
            adopted.append(self._adopted(container, folder, record, past))
        await asyncio.gather(*(container.remove() for container in useless))
        await self.settle()
        return adopted

    async def settle(self) -> None:
        """Remove pauses, services and networks of the sessions that have no worker any more.

        Raises:
            ExecutorError: The engine refuses or is gone.
        """
        for name, past in list(self._past.items()):
            if any(worker.present for worker in past.workers):
                continue
            del self._past[name]
            await asyncio.gather(*(container.remove() for container in past.rest))
            await remove_networks(self._session, name)

    def _adopted(
        self, container: Mapping[str, Any], folder: RunFolder, record: OrderRecord, past: _PastSession
    ) -> AdoptedWorker:
        running = container["State"].lower() in _LIVE
        spec = _spec(container, record, self._pipeline, self._session.layout.project_dir)
        found = Container(self._session.engine, container["Id"])
        worker: _Taken
        if record.runner:
            paths = PathMap(tuple((Path(outer), inner) for outer, inner in record.paths))
            worker = DockerWorker(self._session, spec, paths, folder, found)
        else:
            worker = CommandWorker(self._session, spec, folder, found)
        past.workers.append(worker)
        take_over(folder.path)

        async def follow(on_message: MessageHandler) -> Finished:
            try:
                return await worker.follow(on_message)
            finally:
                if not worker.busy:
                    self._session.background(self._tidy_up(worker))

        return AdoptedWorker(record.step, record.run, record.attempt, running, follow, worker)

    async def _containers(self) -> list[Mapping[str, Any]]:
        """Return this pipeline's containers of other sessions, whatever their state."""
        engine = self._session.engine
        wanted = [
            f"{labels.PROJECT}={self._session.layout.project_dir}",
            f"{labels.PIPELINE}={self._pipeline}",
        ]
        found = await engine.call(engine.client.api.containers, all=True, filters={"label": wanted})
        return [container for container in found if container["Labels"].get(labels.SESSION) != self._session.name]

    async def _tidy_up(self, worker: _Taken) -> None:
        """Remove an ended worker and, after the last one of its session, what served them."""
        try:
            await worker.discard()
            await self.settle()
        except EngineGoneError:
            return  # found again by the next adoption

    def _folder(self, container: Mapping[str, Any]) -> RunFolder:
        worker = Path(container["Labels"].get(labels.WORKER, "none")).name
        return RunFolder(worker, self._session.layout.worker_dir(self._session.folder, worker))


async def remove_networks(session: Session, name: str) -> None:
    """Remove the networks of the session ``name``; one that something still uses stays.

    Raises:
        EngineGoneError: The engine is gone.
    """
    engine = session.engine
    for network in await engine.call(engine.client.api.networks, filters={"label": [f"{labels.SESSION}={name}"]}):
        try:
            await engine.call(engine.client.api.remove_network, network["Id"])
        except RefusedError:
            continue


def _spec(container: Mapping[str, Any], record: OrderRecord, pipeline: str, project_dir: Path) -> WorkerSpec:
    """Return what is still known of the spec; enough for messages, not for a dispatch."""
    folders = {inner: Path(outer) for outer, inner in record.paths}
    image = str(container.get("ImageID") or container.get("Image", ""))
    return WorkerSpec(
        pipeline=pipeline,
        step=record.step,
        title=record.title,
        kind=cast("StepKind", record.kind),
        language="",
        environment=PreparedEnvironment(environment="", name="", key="", image=image, python=None, tools=None),
        environ=(),
        imports=(),
        project_dir=project_dir,
        data_dir=folders.get("/data", project_dir),
        cwd=project_dir,
        output_dir=Path(record.output_dir),
        spill_dir=project_dir,
        input_dirs=(),
        memory=record.memory,
    )
