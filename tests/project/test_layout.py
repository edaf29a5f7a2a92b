import os
import stat
from pathlib import Path

import pytest

from orchest_tui.errors import OrchestTuiError
from orchest_tui.project import layout
from orchest_tui.project.layout import Layout
from orchest_tui.project.settings import Settings

UUID = "0d4f9a7e-2b1c-4e6d-8c3a-5b6a7c8d9e03"


def test_folders_of_the_user(own_machine, monkeypatch):
    assert layout.config_dir() == own_machine / ".config/orchest-tui"
    assert layout.cache_dir() == own_machine / ".cache/orchest-tui"
    assert layout.state_dir() == own_machine / ".local/state/orchest-tui"
    assert layout.data_dir(Settings()) == own_machine / ".local/share/orchest-tui/data"
    assert layout.data_dir(Settings(data_dir=Path("/x"))) == Path("/x")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/etc/xdg")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert layout.config_dir() == Path("/etc/xdg/orchest-tui")
    assert layout.cache_dir() == own_machine / ".cache/orchest-tui"


def test_paths_of_a_pipeline(tmp_path):
    paths = Layout(tmp_path, UUID)
    state = tmp_path / ".orchest/tui"
    assert paths.log_file(3, "a-b") == state / UUID / "logs/3/a-b.log"
    assert paths.spill_dir("s") == state / UUID / "spill/s"
    assert paths.legacy_output_dir("s") == tmp_path / f".orchest/pipelines/{UUID}/data/s"
    assert paths.environment_variables_file == state / "environment-variables.yaml"


@pytest.mark.parametrize("name", ["..", "", "a/b", ".hidden", "a\0", "x" * 200])
def test_nothing_leaves_its_folder(tmp_path, name):
    with pytest.raises(ValueError, match="part of a path"):
        Layout(tmp_path, UUID).spill_dir(name)
    with pytest.raises(ValueError, match="part of a path"):
        _ = Layout(tmp_path, name).pipeline_dir


def test_the_state_never_shows_in_git(tmp_path):
    paths = Layout(tmp_path, UUID)
    assert paths.ensure_state_dir() == paths.pipeline_dir
    assert paths.ensure_state_dir().is_dir()
    assert (tmp_path / ".orchest/tui/.gitignore").read_text() == "*\n"


def test_build_logs_are_counted(tmp_path):
    paths = Layout(tmp_path)
    first = paths.new_build_log("env")
    assert first == paths.build_log("env", 1)
    first.touch()
    paths.build_log("env", 9).touch()
    assert paths.new_build_log("env") == paths.build_log("env", 10)


def test_the_session_folder_is_private(tmp_path):
    session = Layout(tmp_path / "p", UUID).session_dir(tmp_path / "shm")
    assert session == Layout(tmp_path / "p", UUID).session_path(tmp_path / "shm")
    assert session.parent.name == f"orchest-tui-{os.getuid()}"
    assert session.name.endswith(UUID[:8])
    session.chmod(0o755)
    assert Layout(tmp_path / "p", UUID).session_dir(tmp_path / "shm") == session
    assert {stat.S_IMODE(each.stat().st_mode) for each in (session, session.parent)} == {0o700}
    assert Layout(tmp_path / "q", UUID).session_path(tmp_path / "shm") != session


def test_a_link_or_a_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    place = tmp_path / f"orchest-tui-{os.getuid()}"
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OrchestTuiError, match="not a folder of yours"):
        Layout(tmp_path, UUID).session_dir(tmp_path)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    place.unlink()
    place.touch()
    with pytest.raises(OrchestTuiError, match="not a folder of yours"):
        Layout(tmp_path, UUID).session_dir(tmp_path)


def test_a_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    uid = os.getuid() + 1
    (tmp_path / f"orchest-tui-{uid}").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: uid)
    with pytest.raises(OrchestTuiError, match="not a folder of yours"):
        Layout(tmp_path, UUID).session_dir(tmp_path)


def test_a_machine_without_memory_folder_uses_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "DEFAULT_MEMORY_DIR", tmp_path / "none")
    session = Layout(tmp_path, UUID).session_dir(tmp_path / "none")
    assert session.is_relative_to(layout.cache_dir())
    assert session.is_dir()
