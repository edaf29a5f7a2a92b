"""What all containers of one engine process share: the connection, labels, the runtime folder, cleaning up behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from orchest_tui.execution.docker import labels
from orchest_tui.execution.docker.client import Engine
from orchest_tui.execution.docker.labels import Role
from orchest_tui.execution.owner import owner
from orchest_tui.project.layout import Layout
from orchest_tui.project.network import CA_VARIABLES

_T = TypeVar("_T")

CA_BUNDLE = "/opt/orchest-tui-ca.crt"


class Session:
    """The shared ground of an executor's containers.

    Args:
        engine: The connection.
        name: The session's identity.
        layout: Paths of the project and the pipeline.
        folder: The session folder with ``run/`` and ``out/``.
        runtime: The staged runtime folder.
        network_environ: Proxy and pip variables of the user.
        ca_bundle: The CA bundle's host path, None for none.
    """

    def __init__(  # noqa: PLR0913 - plain facts, each named at the only call
        self,
        engine: Engine,
        *,
        name: str,
        layout: Layout,
        folder: Path,
        runtime: Path,
        network_environ: Mapping[str, str],
        ca_bundle: Path | None,
    ) -> None:
        self.engine = engine
        self.name = name
        self.layout = layout
        self.folder = folder
        self.runtime = runtime
        self.ca_bundle = ca_bundle
        self.network_environ = dict(network_environ)
        if ca_bundle is not None:
            self.network_environ |= dict.fromkeys(CA_VARIABLES, CA_BUNDLE)
        self._owner = owner()
        self._tasks: set[asyncio.Task[Any]] = set()

    def labels(self, role: Role, **more: str) -> dict[str, str]:
        """Return the labels of something with ``role``; ``more`` by constant name (``step=…``, ``worker=…``)."""
        return {
            labels.PROJECT: str(self.layout.project_dir),
            labels.PIPELINE: self.layout.pipeline_uuid,
            labels.SESSION: self.name,
            labels.OWNER: self._owner,
            labels.ROLE: role,
            **{getattr(labels, name.upper()): value for name, value in more.items()},
        }

    def identity(self) -> tuple[str, str]:
        """Return ``User`` and ``UsernsMode`` with which a container's process owns files as the user does."""
        facts = self.engine.facts
        if facts.rootless and not facts.podman:
            return "0:0", ""  # the rootless daemon maps the container's root to the user
        return f"{os.getuid()}:{os.getgid()}", "keep-id" if facts.rootless else ""

    def security(self) -> list[str]:
        """Return the security options of every container."""
        options = ["no-new-privileges"]
        return [*options, "label=disable"] if self.engine.facts.selinux else options

    def background(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Do ``work`` behind the caller's back; ``drain`` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self) -> None:
        """Wait for all background work, and for what that starts in its turn; failures were told where they count."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)


def bind(source: Path, target: str, *, read_only: bool) -> dict[str, Any]:
    """Return a bind mount that fails, instead of making a folder of root's, where ``source`` is not there."""
    return {"Type": "bind", "Source": str(source), "Target": target, "ReadOnly": read_only}
