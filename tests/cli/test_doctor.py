from __future__ import annotations

from pathlib import Path

import pytest

from orchest_tui.cli import machine
from orchest_tui.errors import ExecutorError
from orchest_tui.project.settings import Settings
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine whose container engine is not there, whatever the real one has."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")


def test_doctor_works_outside_of_a_project_and_without_an_engine(command: Command) -> None:
    result = command("doctor", "--json")
    found = {finding["topic"]: finding for finding in result.json}
    assert found["engine"]["state"] == "note"
    assert found["engine"]["advice"]
    assert {"Python", "venv", "cgroups", "memory", "disk", "bubblewrap", "user namespaces", "terminal"} <= set(found)
    assert all(finding["advice"] for finding in found.values() if finding["state"] == "missing")
    assert "local executor" in command("doctor").out


def test_doctor_exits_1_when_steps_could_not_run(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHEST_TUI_CA_BUNDLE", "/nowhere/ca.pem")
    result = command("doctor")
    assert result.code == 1
    assert "/nowhere/ca.pem" in result.out


def test_doctor_tells_wrong_settings_and_goes_on(command: Command, project: Path) -> None:
    (project / "orchest-tui.yaml").write_text("parallel: many\n")
    result = command("doctor", "--project", project)
    assert "orchest-tui.yaml" in result.out
    assert "bubblewrap" in result.out


def test_nothing_installed_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for finding in (machine.bubblewrap_finding(), machine.user_namespace_finding()):
        assert finding.state == "note"
        assert "install" in finding.advice.lower()


def test_a_sandbox_that_is_refused_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    finding = machine.bubblewrap_finding()
    assert finding.state == "note"
    assert "No permissions to create new namespace" in finding.what


@pytest.mark.parametrize(
    ("files", "state", "what"),
    [
        ({"cgroup.controllers": "cpuset cpu io memory pids"}, "ok", "version 2"),
        ({"cgroup.controllers": "io pids"}, "note", "version 2 without cpu and memory"),
        ({"memory/tasks": ""}, "ok", "version 1"),
        ({}, "note", "none are visible"),
    ],
)
def test_cgroup_versions(tmp_path: Path, files: dict[str, str], state: str, what: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    finding = machine.cgroup_finding(tmp_path)
    assert (finding.state, finding.what) == (state, what)


def test_the_memory_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.memory_finding(tmp_path / "none").state == "missing"
    monkeypatch.setattr(machine, "filesystem_of", lambda folder: "ext4")
    assert "not kept in memory" in machine.memory_finding(tmp_path).what
    monkeypatch.setattr(machine, "filesystem_of", lambda folder: "tmpfs")
    monkeypatch.setattr(machine, "_SMALL_TMPFS", 0)
    assert machine.memory_finding(tmp_path).state == "ok"


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    (tmp_path / "in side" / "deep").mkdir(parents=True)
    inside = str(tmp_path / "in side").replace(" ", "\\040")
    mounts.write_text(f"/dev/root / ext4 rw 0 0\ntmpfs {inside} tmpfs rw 0 0\nx /elsewhere xfs rw 0 0\n")
    assert machine.filesystem_of(tmp_path / "in side" / "deep", mounts) == "tmpfs"
    assert machine.filesystem_of(tmp_path, mounts) == "ext4"
    assert machine.filesystem_of(tmp_path, tmp_path / "no mounts") is None


def test_disks_that_are_one_are_told_once(tmp_path: Path) -> None:
    folders = {"a": tmp_path / "not" / "yet", "b": tmp_path}
    [finding] = machine.disk_findings(folders)
    assert finding.what.endswith("free for a, b")


def test_certificates_of_the_shell_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert machine.ca_bundle_finding(Settings()).what == str(bundle)
    assert machine.ca_bundle_finding(Settings(ca_bundle="none")).what == "those of the images"


@pytest.mark.parametrize(
    ("state", "level", "what"),
    [
        ("here", "ok", "mirror/python:3.11, in the engine"),
        ("offered", "ok", "mirror/python:3.11, will be pulled"),
        ("refused", "note", "mirror/python:3.11 is not in the engine, can't be pulled"),
        ("silent", "note", "mirror/python:3.11 is not in the engine, no registry answers"),
    ],
)
def test_the_base_image(monkeypatch: pytest.MonkeyPatch, state: str, level: str, what: str) -> None:
    monkeypatch.setattr("orchest_tui.execution.docker.pull.image_state", lambda *_: state)
    finding = machine.base_image_finding(Settings(images={"python:3.11-slim": "mirror/python:3.11"}))
    assert finding.state == level
    assert finding.what.startswith(what)
    assert bool(finding.advice) is (level == "note")


def test_an_engine_that_goes_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> str:
        raise ExecutorError("The engine went away.", "Start it again.")

    monkeypatch.setattr("orchest_tui.execution.docker.pull.image_state", gone)
    finding = machine.base_image_finding(Settings())
    assert (finding.state, finding.advice) == ("note", "Start it again.")
