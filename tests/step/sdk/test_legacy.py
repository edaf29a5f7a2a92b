"""Outputs on disk in Orchest's own format, without an engine and beside one."""

from __future__ import annotations

import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from orchest_tui.step.sdk import orchest
from orchest_tui.step.sdk.orchest import error, transfer
from orchest_tui.step.sdk.orchest.config import Config

from .conftest import STEP, Engine

PARENT = "b7e2d9c4-51aa-4c0f-8f0b-6c1d2e3f4a02"


@pytest.fixture
def connected(definition: Any) -> None:
    definition(
        steps={
            STEP: {"uuid": STEP, "title": "Here", "incoming_connections": [PARENT]},
            PARENT: {"uuid": PARENT, "title": "Load", "incoming_connections": []},
        }
    )


def as_step(uuid: str, monkeypatch: pytest.MonkeyPatch, value: object, name: str | None, **options: Any) -> None:
    monkeypatch.setenv("ORCHEST_STEP_UUID", uuid)
    transfer.output_to_disk(value, name, **options)
    monkeypatch.setenv("ORCHEST_STEP_UUID", STEP)


def test_the_files_are_those_of_the_reference(project: Path) -> None:
    orchest.output({"a": 1}, name="x")
    folder = project / STEP
    head = (folder / "HEAD").read_text()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d; PICKLE; x", head)
    assert pickle.loads((folder / f"{STEP}.PICKLE").read_bytes()) == {"a": 1}
    assert sorted(path.name for path in folder.iterdir()) == [f"{STEP}.PICKLE", "HEAD"]


def test_an_unnamed_output_says_so(project: Path) -> None:
    orchest.output(1, name=None)
    assert (project / STEP / "HEAD").read_text().endswith("; PICKLE; unnamed")


def test_arrow_has_its_own_payloads(project: Path, connected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"n": [1, 2, 3]})
    for value, kind in ((table, "ARROW_TABLE"), (table.to_batches()[0], "ARROW_BATCH")):
        as_step(PARENT, monkeypatch, value, "t")
        assert f"; {kind}; " in (project / PARENT / "HEAD").read_text()
        with pa.ipc.open_stream((project / PARENT / f"{PARENT}.{kind}").read_bytes()) as reader:
            assert reader.read_all().equals(table)
        assert orchest.get_inputs()["t"].equals(value)


def test_a_serialization_that_does_not_fit(project: Path) -> None:
    with pytest.raises(error.SerializationError, match="can't be written as ARROW_TABLE"):
        transfer.output_to_disk(1, None, serialization=transfer.Serialization.ARROW_TABLE)


def test_a_table_may_be_pickled(project: Path, connected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"n": [1]})
    as_step(PARENT, monkeypatch, table, None, serialization=transfer.Serialization.PICKLE)
    assert (project / PARENT / "HEAD").read_text().endswith("; PICKLE; unnamed")
    assert orchest.get_inputs()["unnamed"][0].equals(table)


def test_a_payload_of_another_sdk_is_read(project: Path, connected: None) -> None:
    folder = project / PARENT
    folder.mkdir(parents=True)
    (folder / "HEAD").write_text("2022-03-21T10:00:00; PICKLE; a\nb")
    (folder / f"{PARENT}.PICKLE").write_bytes(pickle.dumps([1, 2], protocol=4))
    assert orchest.get_inputs() == {"unnamed": [], "a\nb": [1, 2]}


@pytest.mark.parametrize("head", ["", "nonsense", "2022; PICKLE", "2022; MARSHAL; x", "\udcff; a; b"])
def test_a_description_of_nonsense_is_no_output(head: str, project: Path, connected: None) -> None:
    (project / PARENT).mkdir(parents=True)
    (project / PARENT / "HEAD").write_bytes(head.encode("utf-8", "surrogateescape"))
    with pytest.raises(error.OutputNotFoundError, match="Load"):
        orchest.get_inputs()
    assert orchest.get_inputs(ignore_failure=True) == {"unnamed": [None]}


@pytest.mark.parametrize("payload", [b"", b"\x80\x04garbage", pickle.dumps([1, 2])[:-3]])
def test_a_broken_payload_names_the_step(payload: bytes, project: Path, connected: None) -> None:
    (project / PARENT).mkdir(parents=True)
    (project / PARENT / "HEAD").write_text("2022-03-21T10:00:00; PICKLE; x")
    (project / PARENT / f"{PARENT}.PICKLE").write_bytes(payload)
    with pytest.raises(error.DeserializationError, match=r'"x" of the step "Load"'):
        orchest.get_inputs()


def test_a_missing_payload_is_no_output(project: Path, connected: None) -> None:
    (project / PARENT).mkdir(parents=True)
    (project / PARENT / "HEAD").write_text("2022-03-21T10:00:00; PICKLE; x")
    with pytest.raises(error.OutputNotFoundError, match="Run it first"):
        orchest.get_inputs()


def test_a_second_name_warns_unless_silenced(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orchest.output(1, "a")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        orchest.output(2, "a")
    with pytest.warns(RuntimeWarning, match="replaces that of another name"):
        orchest.output(3, "b")
    monkeypatch.setattr(Config, "silence_multiple_data_transfer_calls_warning", True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        orchest.output(4, "c")


def test_memory_needs_an_engine(project: Path) -> None:
    with pytest.raises(error.OrchestNetworkError):
        transfer.output_to_memory(1, None, disk_fallback=False)
    transfer.output_to_memory(1, None)
    assert (project / STEP / "HEAD").exists()


def test_with_an_engine_all_outputs_on_disk_are_kept(engine: Engine, project: Path) -> None:
    transfer.output_to_disk("one", "a")
    transfer.output_to_disk("two", "b")
    reports = engine.reports()
    assert [(report["name"], report["kind"], report["serialization"]) for report in reports] == [
        ("a", "legacy", "PICKLE"),
        ("b", "legacy", "PICKLE"),
    ]
    engine.arrange([engine.parent("A", *({**report, "path": report["file"]} for report in reports))])
    assert orchest.get_inputs() == {"unnamed": [], "a": "one", "b": "two"}
    assert pickle.loads((project / STEP / f"{STEP}.PICKLE").read_bytes()) == "two"


def test_an_old_projects_output_is_found_where_the_engine_has_none(
    engine: Engine, project: Path, connected: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORCHEST_TUI_INPUTS")
    as_step(PARENT, monkeypatch, "old", "x")
    monkeypatch.setenv("ORCHEST_TUI_INPUTS", str(engine.inputs_file))
    engine.arrange([{"step": PARENT, "title": "Load", "outputs": []}])
    assert orchest.get_inputs() == {"unnamed": [], "x": "old"}


def test_parents_are_those_of_the_definition(project: Path, connected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    as_step(PARENT, monkeypatch, 7, None)
    assert orchest.get_inputs() == {"unnamed": [7]}
    monkeypatch.setenv("ORCHEST_STEP_UUID", PARENT)
    assert orchest.get_inputs() == {"unnamed": []}
    monkeypatch.setenv("ORCHEST_STEP_UUID", "nobody")
    with pytest.raises(error.StepUUIDResolveError, match="from where to get inputs"):
        orchest.get_inputs()


def test_any_step_uuid_may_hand_over(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_step("not-in-the-pipeline", monkeypatch, 1, None)
    assert (project / "not-in-the-pipeline" / "HEAD").exists()
