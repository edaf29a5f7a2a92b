"""The demo is copied where there is room for it, and never over anything."""

import pytest

from orchest_tui.demo import copy_demo, is_demo
from orchest_tui.errors import OrchestTuiError


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("exists", [True, False])
def test_it_is_copied_whole(tmp_path, exists):
    target = tmp_path / "some" / "demo"
    if exists:
        target.mkdir(parents=True)
    assert copy_demo(target) == target
    assert is_demo(target)
    found = names(target)
    assert {"README.md", "main.orchest", "steps/features.py", "steps/explore.ipynb", "steps/publish.sh"} <= set(found)
    assert sum(name.endswith("setup_script.sh") for name in found) == 1
    assert not any("__pycache__" in name for name in found)
    for path in target.rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o200


def test_a_copy_that_is_there_stays_as_it_is(tmp_path):
    copy_demo(tmp_path / "demo")
    edited = tmp_path / "demo" / "steps" / "features.py"
    edited.write_text("HARMONICS = 1\n")
    (tmp_path / "demo" / "README.md").unlink()
    copy_demo(tmp_path / "demo")
    assert edited.read_text() == "HARMONICS = 1\n"
    assert not (tmp_path / "demo" / "README.md").exists()


@pytest.mark.parametrize("content", ["", "[]", "no json", '{"uuid": "another"}'])
def test_another_folder_is_refused_and_not_touched(tmp_path, content):
    (tmp_path / "main.orchest").write_text(content)
    with pytest.raises(OrchestTuiError, match=r"does not hold the demo.*Name another folder"):
        copy_demo(tmp_path)
    assert names(tmp_path) == ["main.orchest"]


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(OrchestTuiError, match="does not hold the demo"):
        copy_demo(tmp_path / "demo")
    with pytest.raises(OrchestTuiError, match="can't be copied"):
        copy_demo(tmp_path / "demo" / "below")
    assert (tmp_path / "demo").read_text() == "mine"
