"""A stand-in for the supervisor: a report socket, the file of inputs, and a project folder."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.step.sdk.orchest import reports, transfer
from orchest_tui.step.sdk.orchest.config import Config

STEP = "3f1c7a52-6d0e-4b8a-9a51-2f4f6f3b7c01"
PIPELINE = "0d4f9a7e-2b1c-4e6d-8c3a-5b6a7c8d9e03"


class Engine:
    """What the SDK sees of the engine: where outputs go, what inputs there are; and what it was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output_dir = folder / "out"
        self.spill_dir = folder / "spill"
        self.inputs_file = folder / "inputs.json"
        self.address = folder / "report"
        for made in (self.output_dir, self.spill_dir):
            made.mkdir()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(self.address))
        self._listener.listen(128)
        self._listener.settimeout(0)
        self.arrange()

    def arrange(self, inputs: list[dict[str, Any]] | None = None, recycle: tuple[str, ...] = ()) -> None:
        document = {
            "inputs": inputs or [],
            "output_dir": str(self.output_dir),
            "spill_dir": str(self.spill_dir),
            "recycle": list(recycle),
        }
        self.inputs_file.write_text(json.dumps(document))

    def reports(self) -> list[dict[str, Any]]:
        """Return what arrived and was not asked for yet."""
        arrived = []
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                return arrived
            with connection:
                arrived.append(json.loads(connection.recv(1 << 20)))

    def segments(self) -> list[Path]:
        return sorted(self.output_dir.iterdir())

    def parent(self, title: str, *outputs: dict[str, Any]) -> dict[str, Any]:
        return {"step": f"uuid-of-{title}", "title": title, "outputs": list(outputs)}

    def hand_over(self, title: str, **values: Any) -> dict[str, Any]:
        """Make a parent with outputs; ``_`` is the unnamed one."""
        outputs = []
        for key, value in values.items():
            name = None if key == "_" else key
            transfer.output(value, name)
            (report,) = self.reports()
            outputs.append({"name": name, "path": str(self.output_dir / report["file"]), "kind": "segment"})
        return self.parent(title, *outputs)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without an engine, as Orchest's own SDK would find it; returns the folder of outputs on disk."""
    for variable in ("ORCHEST_TUI_SOCKET", "ORCHEST_TUI_INPUTS", "KERNEL_ID", "JPY_SESSION_NAME"):
        monkeypatch.delenv(variable, raising=False)
    data = tmp_path / "project" / ".orchest" / "pipelines" / PIPELINE / "data"
    monkeypatch.setenv("ORCHEST_STEP_UUID", STEP)
    monkeypatch.setattr(Config, "PIPELINE_DEFINITION_PATH", str(tmp_path / "pipeline.json"))
    monkeypatch.setattr(Config, "STEP_DATA_DIR", str(data / "{step_uuid}"))
    monkeypatch.setattr(Config, "silence_multiple_data_transfer_calls_warning", False)
    monkeypatch.setattr(reports, "_reported", {"step": set(), "pipeline": set()})
    monkeypatch.setattr(reports, "_allowance", reports._Allowance())
    monkeypatch.setattr(transfer, "_names_on_disk", set())
    return data


@pytest.fixture
def definition(tmp_path: Path, project: Path) -> Any:
    """Return a function that writes the pipeline's definition."""

    def write(**content: Any) -> None:
        (tmp_path / "pipeline.json").write_text(json.dumps(content))

    return write


@pytest.fixture
def engine(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    folder = tmp_path / "e"
    folder.mkdir()
    made = Engine(folder)
    monkeypatch.setenv("ORCHEST_TUI_SOCKET", str(made.address))
    monkeypatch.setenv("ORCHEST_TUI_INPUTS", str(made.inputs_file))
    yield made
    made.close()
