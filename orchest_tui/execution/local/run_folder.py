"""A worker's own folder: what it sees as ``/pipeline.json``, what it said, and for a later engine, who it is.

``<session folder>/run/local-<random>/`` holds::

    owner           the engine process that it belongs to
    pipeline.json   the definition that the worker sees; written in place, since it may be a mount's source
    process.json    ProcessRecord: which processes the worker is; written when it is warm
    order.json      OrderRecord: what it was told to run; a worker without one is a spare
    journal.jsonl   every line that its runner said, in order
    stderr.log      what the runner itself, or the sandbox, complained about
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from orchest_tui.execution.executor import PathMap, RunOrder, WorkerSpec
from orchest_tui.execution.local.worker_process import WorkerIds
from orchest_tui.execution.owned_folder import LOCAL_PREFIX, make_owned

_DIAGNOSTIC_BYTES = 4096
_Record = TypeVar("_Record", bound=msgspec.Struct)


class ProcessRecord(msgspec.Struct, frozen=True):
    """What ``process.json`` says.

    Attributes:
        session: The engine session that made the worker.
        spec: What it was made from, without its environment variables, which may be secret.
        paths: Its path map.
        ids: Its processes.
    """

    session: str
    spec: WorkerSpec
    paths: tuple[tuple[Path, str], ...]
    ids: WorkerIds


class OrderRecord(msgspec.Struct, frozen=True):
    """What ``order.json`` says: run, attempt, and seconds between SIGTERM and SIGKILL."""

    run: str
    attempt: int
    grace: float


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one worker."""

    path: Path

    @classmethod
    def create(cls, session_dir: Path) -> RunFolder:
        """Make the folder of a new worker with an empty definition in it."""
        folder = cls(session_dir / "run" / f"{LOCAL_PREFIX}{secrets.token_hex(6)}")
        make_owned(folder.path)
        folder.definition.touch(mode=0o600)
        return folder

    @classmethod
    def all(cls, session_dir: Path) -> list[RunFolder]:
        """Return the folders of all local workers of a session folder, this engine's and earlier ones'."""
        return [cls(path) for path in sorted((session_dir / "run").glob(f"{LOCAL_PREFIX}*"))]

    @property
    def definition(self) -> Path:
        """What the worker sees as ``/pipeline.json``."""
        return self.path / "pipeline.json"

    @property
    def journal(self) -> Path:
        """Every line that the runner said."""
        return self.path / "journal.jsonl"

    @property
    def stderr(self) -> Path:
        """What runner and sandbox complained about."""
        return self.path / "stderr.log"

    def write_process(self, session: str, spec: WorkerSpec, paths: PathMap, ids: WorkerIds) -> None:
        """Say who the worker is."""
        self._write("process.json", ProcessRecord(session, replace(spec, environ=()), paths.pairs, ids))

    def write_order(self, order: RunOrder) -> None:
        """Say what it is told, and let it see the definition."""
        self.definition.write_bytes(order.definition)
        self._write("order.json", OrderRecord(order.run, order.attempt, order.grace))

    def read_process(self) -> ProcessRecord | None:
        """Return who the worker is, None where it never became warm."""
        return self._read("process.json", ProcessRecord)

    def read_order(self) -> OrderRecord | None:
        """Return what the worker was told, None for a spare."""
        return self._read("order.json", OrderRecord)

    def diagnostics(self) -> str:
        """Return the last words in ``stderr.log``."""
        try:
            content = self.stderr.read_bytes()
        except FileNotFoundError:
            return ""
        return content[-_DIAGNOSTIC_BYTES:].decode(errors="replace").strip()

    def remove(self) -> None:
        """Remove the folder; fine when it is gone."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _write(self, name: str, record: msgspec.Struct) -> None:
        beside = self.path / f"{name}.new"
        beside.write_bytes(msgspec.json.encode(record, enc_hook=os.fspath))
        beside.rename(self.path / name)

    def _read(self, name: str, kind: type[_Record]) -> _Record | None:
        try:
            return msgspec.json.decode((self.path / name).read_bytes(), type=kind, dec_hook=_decode_path)
        except FileNotFoundError:
            return None


def _decode_path(kind: type, value: Any) -> Any:
    """Let msgspec make the one type that it doesn't know."""
    if kind is Path:
        return Path(value)
    raise NotImplementedError(f"{kind} in a record")
