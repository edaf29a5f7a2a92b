"""A worker's own folder on the host: the definition that it sees, and what it was told to do.

``<session folder>/run/<worker>/`` holds ``pipeline.json`` (mounted as ``/pipeline.json``, so always written in place),
``order.json`` (written right before a dispatch; how a later engine tells a worker from a spare), ``owner`` (see
``owned_folder``) and, for a step in an image without Python, the script that runs it.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec

from orchest_tui.execution.executor import RunOrder, WorkerSpec
from orchest_tui.execution.owned_folder import make_owned
from orchest_tui.project.layout import Layout


class OrderRecord(msgspec.Struct, frozen=True):
    """What ``order.json`` says.

    Attributes:
        run: Identity of the run.
        attempt: Which try.
        step: The step's uuid.
        title: The step's title.
        kind: How its file is run.
        runner: Whether our runner runs it, or a plain command in an image without Python.
        output_dir: Host folder of its segments.
        log: Host path of its log.
        memory: Its limit in bytes, None for none.
        paths: The worker's path map.
    """

    run: str
    attempt: int
    step: str
    title: str
    kind: str
    runner: bool
    output_dir: str
    log: str
    memory: int | None
    paths: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one worker.

    Attributes:
        worker: Our own name of the worker.
        path: The folder.
    """

    worker: str
    path: Path

    @classmethod
    def create(cls, layout: Layout, session_dir: Path) -> RunFolder:
        """Make the folder of a new worker, with an empty definition to mount."""
        worker = secrets.token_hex(6)
        folder = cls(worker, layout.worker_dir(session_dir, worker))
        make_owned(folder.path)
        folder.definition.touch(mode=0o600)
        folder.script.touch(mode=0o600)
        return folder

    @property
    def definition(self) -> Path:
        """What the worker sees as ``/pipeline.json``."""
        return self.path / "pipeline.json"

    @property
    def script(self) -> Path:
        """What runs a step in an image without Python."""
        return self.path / "command.sh"

    def write_order(self, spec: WorkerSpec, order: RunOrder, paths: tuple[tuple[Path, str], ...]) -> None:
        """Write definition and order; the order is there whole or not at all."""
        self.definition.write_bytes(order.definition)
        record = OrderRecord(
            run=order.run,
            attempt=order.attempt,
            step=spec.step,
            title=spec.title,
            kind=spec.kind,
            runner=spec.environment.python is not None,
            output_dir=str(spec.output_dir),
            log=str(order.log),
            memory=spec.memory,
            paths=tuple((str(outer), inner) for outer, inner in paths),
        )
        beside = self.path / "order.json.new"
        beside.write_bytes(msgspec.json.encode(record))
        beside.rename(self._order)

    def read_order(self) -> OrderRecord | None:
        """Return what the worker was told, None for a spare or where the folder is gone (a reboot empties tmpfs)."""
        try:
            return msgspec.json.decode(self._order.read_bytes(), type=OrderRecord)
        except (OSError, msgspec.DecodeError):
            return None

    def remove(self) -> None:
        """Remove the folder; fine when it is gone."""
        shutil.rmtree(self.path, ignore_errors=True)

    @property
    def _order(self) -> Path:
        return self.path / "order.json"
