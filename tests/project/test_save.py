import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.errors import OrchestTuiError
from orchest_tui.project.atomic import write_atomically
from orchest_tui.project.load import load_pipeline
from orchest_tui.project.save import save_pipeline
from tests.project.builders import document, step, write


def test_a_file_is_written_as_the_reference_writes_it(tmp_path):
    path = tmp_path / "main.orchest"
    content = document(step(title="Größe"), unknown={"b": [1], "a": None})
    save_pipeline(content, path)
    assert path.read_text() == json.dumps(content, indent=4, sort_keys=True)
    assert path.read_bytes().isascii()


def test_unknown_keys_survive(tmp_path):
    content = document(step(mine={"x": 1}), unknown=[1])
    pipeline, _ = load_pipeline(write(tmp_path, content), tmp_path)
    save_pipeline(pipeline.raw, pipeline.path)
    assert json.loads(pipeline.path.read_text()) == content


def test_saving_gives_a_file_its_uuid(tmp_path):
    content = document()
    del content["uuid"]
    pipeline, _ = load_pipeline(write(tmp_path, content), tmp_path)
    save_pipeline(pipeline.raw, pipeline.path)
    assert json.loads(pipeline.path.read_text())["uuid"] == pipeline.uuid


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none() | st.lists(st.floats(allow_nan=False))))
def test_saving_is_stable(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("save") / "main.orchest"
    save_pipeline(content, path)
    once = path.read_bytes()
    assert json.loads(once) == content
    save_pipeline(json.loads(once), path)
    assert path.read_bytes() == once


def test_mode_and_links_stay(tmp_path):
    target = tmp_path / "real" / "main.orchest"
    target.parent.mkdir()
    target.write_text("old")
    target.chmod(0o640)
    link = tmp_path / "main.orchest"
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(target.parent.iterdir()) == [target]


def test_modes_of_new_files(tmp_path):
    previous = os.umask(0o027)
    try:
        write_atomically(tmp_path / "open", b"")
        write_atomically(tmp_path / "secret", b"", mode=0o600)
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = write(tmp_path, "old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OrchestTuiError, match="No space left on device"):
        write_atomically(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(OrchestTuiError, match="can't be written"):
        write_atomically(tmp_path / "none" / "x", b"")
