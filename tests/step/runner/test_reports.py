"""Reports are checked before anything of them goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.execution import protocol
from orchest_tui.step.runner import messages
from orchest_tui.step.runner.reports import MAX_PACKET_BYTES, ReportError, Reports


def make_reports(folder: Path) -> Reports:
    for name in ("out", "spill", "project"):
        (folder / name).mkdir(exist_ok=True)
    run = messages.Run(
        run="1",
        step="s",
        file="f",
        log="l",
        output_dir=str(folder / "out"),
        spill_dir=str(folder / "spill"),
        inputs=[],
        roots=[str(folder / "project")],
    )
    return Reports(run)


def packet(**report: Any) -> bytes:
    return json.dumps(report).encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    [
        "name",
        "file",
        "bytes",
        "kind",
        "serialization",
        "preview",
        "fraction",
        "text",
        "read",
        "written",
        "step",
        "pipeline",
        "early_imports",
        "complete",
    ]
)
kinds = st.sampled_from(["output", "progress", "parameters", "touched", "started"]) | st.text(max_size=5)


@given(kind=kinds, report=st.dictionaries(fields, json_values | st.lists(st.lists(json_values))))
def test_any_report_is_dropped_or_gives_what_the_engine_takes(kind: str, report: dict[str, Any]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        reports = make_reports(Path(folder))
        try:
            message = reports.message(json.dumps({**report, "type": kind}).encode())
            if message is not None:
                protocol.decode(messages.encode(message))
        except ValueError:
            return
        protocol.decode(messages.encode(reports.touched.message()))


@given(st.binary(max_size=300))
def test_any_bytes_are_dropped(data: bytes) -> None:
    with pytest.raises(ReportError):
        make_reports(Path("/tmp")).message(b"\x00" + data)


def test_outputs_lie_where_they_may(tmp_path: Path) -> None:
    reports = make_reports(tmp_path)
    (tmp_path / "out" / "a.seg").write_bytes(b"123")
    (tmp_path / "spill" / "b.seg").write_bytes(b"1234")
    (tmp_path / "project" / "c.PICKLE").write_bytes(b"12345")
    (tmp_path / "secret").write_bytes(b"1")
    (tmp_path / "out" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "out" / "folder").mkdir()
    (tmp_path / "spill" / "link").symlink_to(tmp_path / "secret")

    def size(file: str) -> int:
        message = reports.message(packet(type="output", name=None, file=file, bytes=7))
        assert isinstance(message, messages.Output)
        return message.bytes

    assert size("a.seg") == 3
    assert size(str(tmp_path / "spill" / "b.seg")) == 4
    assert size(str(tmp_path / "project" / "c.PICKLE")) == 5
    bad = ["link", "folder", "none", "", ".", "..", "a/b", "../secret", "a\0b", "x" * 300, "/etc/passwd"]
    bad += [str(tmp_path / "secret"), str(tmp_path / "spill" / ".." / "secret"), str(tmp_path / "spill" / "link")]
    for file in bad:
        with pytest.raises(ReportError):
            size(file)


@pytest.mark.parametrize(
    "report",
    [
        {"type": "output", "name": 3, "file": "a"},
        {"type": "output", "name": "x" * 2000, "file": "a"},
        {"type": "output", "name": "x", "file": "a", "kind": "other"},
        {"type": "output", "name": "x", "file": "a", "preview": []},
        {"type": "progress", "fraction": 1.5},
        {"type": "progress", "fraction": True},
        {"type": "progress", "text": 5},
        {"type": "touched", "read": [["a", 1]]},
        {"type": "touched", "read": [["a", 1, 2.5]]},
        {"type": "touched", "read": [["a", 1 << 70, 2]]},
        {"type": "parameters", "step": "a"},
        {"type": "finished", "status": "SUCCESS", "time": 1},
    ],
)
def test_wrong_types(tmp_path: Path, report: dict[str, Any]) -> None:
    reports = make_reports(tmp_path)
    (tmp_path / "out" / "a").touch()
    with pytest.raises(ReportError):
        reports.message(packet(**report))


def test_size_and_depth_are_bounded(tmp_path: Path) -> None:
    reports = make_reports(tmp_path)
    (tmp_path / "out" / "a").touch()
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    with pytest.raises(ReportError, match="deep"):
        reports.message(packet(type="output", name="x", file="a", preview={"x": deep}))
    with pytest.raises(ReportError, match="bytes"):
        reports.message(packet(type="progress", text="x" * MAX_PACKET_BYTES))


def test_the_record_of_touched_files_fits_one_line(tmp_path: Path) -> None:
    reports = make_reports(tmp_path)
    for start in range(0, 3000, 100):
        read = [[f"/p/{'ü' * 100}/{number}", 1, 2] for number in range(start, start + 100)]
        reports.message(packet(type="touched", read=read))
    touched = protocol.decode(messages.encode(reports.touched.message()))
    assert isinstance(touched, protocol.Touched)
    assert not touched.complete
    assert len(touched.read) > 100


def test_records_are_merged(tmp_path: Path) -> None:
    reports = make_reports(tmp_path)
    for part in (
        {"read": [["/p/a", 1, 2]], "early_imports": ["x", "y"]},
        {"read": [["/p/a", 9, 9], ["/p/b", 3, 4]], "written": ["/p/c"]},
        {"written": ["/p/c"], "early_imports": ["x"], "complete": False},
    ):
        assert reports.message(packet(type="touched", **part)) is None
    assert reports.touched.message() == messages.Touched(
        read=[["/p/a", 1, 2], ["/p/b", 3, 4]], written=["/p/c"], early_imports=["x", "y"], complete=False
    )
