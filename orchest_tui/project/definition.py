"""A pipeline's definition in memory: frozen, typed, with every default filled in.

``load.load_pipeline`` makes these from an ``*.orchest`` file. ``Pipeline.raw`` keeps the migrated document itself, so
that saving loses no key that this program does not know.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchest_tui.project.layout import DATA_MOUNT

SCHEMA_VERSION = "1.2.3"
"""The newest schema of ``*.orchest`` files; older documents are migrated to it in memory."""

DEFAULT_DATA_PASSING_MEMORY = 1000**3
"""Bytes; what a definition without ``data_passing_memory_size`` gets."""


@dataclass(frozen=True, slots=True)
class Step:
    """One executable file of a pipeline.

    Attributes:
        uuid: The step's key in the file.
        title: What people call it; not unique; the file's name where the file has an empty title.
        file_path: As written: relative to the pipeline file's folder, or absolute below ``/data``; may be empty.
        environment: Uuid of its environment; empty when unassigned.
        incoming: Uuids of the parents in connection order, which is the order of unnamed inputs; each once.
        parameters: The step's parameters, any JSON values.
        kernel_language: ``python``, ``r``, ``julia`` or ``javascript``.
        hidden: Whether the reference's editor hides it.
        position: Its place in the reference's editor, pixels.
        retries: How often it is tried again after a failure.
        timeout: Seconds that one attempt may take, None for no limit.
        memory: Bytes that it may use, None for no limit.
        cpus: Cores that it may use, None for no limit.
    """

    uuid: str
    title: str
    file_path: str
    environment: str
    incoming: tuple[str, ...]
    parameters: Mapping[str, Any]
    kernel_language: str = "python"
    hidden: bool = False
    position: tuple[float, float] | None = None
    retries: int = 0
    timeout: float | None = None
    memory: int | None = None
    cpus: float | None = None

    @property
    def suffix(self) -> str:
        """The lower-case text after the last dot of the file's name; ``sh`` where there is no dot."""
        name = self.file_path.rpartition("/")[2]
        return name.rpartition(".")[2].lower() if "." in name else "sh"


@dataclass(frozen=True, slots=True)
class Service:
    """A side container that lives as long as the session.

    Attributes:
        name: Its name, which is also its host name (RFC 1035 label).
        aliases: Other names it answers to: those it had before a migration renamed it.
        image: Image name, or ``environment@<uuid>``.
        scope: ``interactive`` and ``noninteractive``: in which kind of session it runs.
        command: The container's entry point, one string that is not split; None for the image's own.
        args: Its arguments, to be split as a shell would; None for the image's own.
        ports: TCP ports that it listens on.
        binds: ``/data`` and ``/project-dir`` → path inside.
        env_variables: Variables and values from the file.
        env_variables_inherit: Names of project and pipeline variables that it gets; they win.
        exposed: Whether it is meant to be reached from outside.
        requires_authentication: Whether reaching it from outside needs a login.
        preserve_base_path: Whether a proxy in front keeps the base path.
        order: Its place in lists.
    """

    name: str
    aliases: tuple[str, ...]
    image: str
    scope: frozenset[str]
    command: str | None
    args: str | None
    ports: tuple[int, ...]
    binds: Mapping[str, str]
    env_variables: Mapping[str, str]
    env_variables_inherit: tuple[str, ...]
    exposed: bool
    requires_authentication: bool
    preserve_base_path: bool
    order: int


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """The ``settings`` of a definition.

    Attributes:
        auto_eviction: Whether an output leaves the cache once every child has read it.
        data_passing_memory_size: Budget of the output cache, bytes.
        max_steps_parallelism: Steps at once in a run, 0 for no limit.
    """

    auto_eviction: bool = False
    data_passing_memory_size: int = DEFAULT_DATA_PASSING_MEMORY
    max_steps_parallelism: int = 0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One ``*.orchest`` file.

    Attributes:
        path: Absolute path of the file.
        relative_path: The path below the project's folder, with slashes.
        uuid: The file's uuid, or one made from the relative path where the file has none of its own.
        name: The label inside the file.
        version: Schema version that the file was written with.
        parameters: The pipeline's parameters.
        settings: Its settings.
        steps: Uuid → step, in file order.
        services: Name → service, by ``order``.
        raw: The migrated document with every unknown key; to be read, not changed.
    """

    path: Path
    relative_path: str
    uuid: str
    name: str
    version: str
    parameters: Mapping[str, Any]
    settings: PipelineSettings
    steps: Mapping[str, Step]
    services: Mapping[str, Service]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def parents(self) -> dict[str, tuple[str, ...]]:
        """Step → parents in connection order: what the functions in ``graph/`` take."""
        return {uuid: step.incoming for uuid, step in self.steps.items()}

    def step_path(self, step: Step, data_dir: Path) -> Path:
        """Return the host path of a step's file.

        Args:
            step: A step of this pipeline with a file.
            data_dir: The host folder that steps see as ``/data``.
        """
        inner = os.path.normpath(step.file_path)
        if inner == DATA_MOUNT or inner.startswith(DATA_MOUNT + "/"):
            return data_dir / inner[len(DATA_MOUNT) :].lstrip("/")
        return Path(os.path.normpath(os.path.join(os.path.dirname(self.path), step.file_path)))  # noqa: PTH118, PTH120

    def project_path(self, step: Step) -> str:
        """Return a step's file as seen from the project's folder; absolute for a file below ``/data``."""
        return os.path.normpath(os.path.join(os.path.dirname(self.relative_path), step.file_path))  # noqa: PTH118, PTH120
