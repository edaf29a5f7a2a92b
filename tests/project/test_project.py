import pytest

from orchest_tui.errors import OrchestTuiError
from orchest_tui.project.project import new_project, open_project
from tests.project.builders import PIPELINE, document, step, write


def test_all_of_a_project_is_opened(project):
    write(project, document(step()), "a.orchest")
    write(project, document(), "b.orchest")
    write(project, "{", "c.orchest")
    opened = open_project(project)
    assert list(opened.pipelines) == ["a.orchest", "b.orchest", "c.orchest"]
    assert opened.pipelines["a.orchest"].uuid == PIPELINE
    assert opened.pipelines["b.orchest"].uuid not in {PIPELINE, None}
    assert opened.pipelines["c.orchest"] is None
    assert {(problem.file, problem.code) for problem in opened.problems} == {
        ("b.orchest", "duplicate-uuid"),
        ("c.orchest", "bad-json"),
    }
    with pytest.raises(OrchestTuiError, match="There is no folder"):
        open_project(project / "none")


def test_a_new_project_is_sound(tmp_path):
    made = new_project(tmp_path / "fresh")
    assert made.problems == ()
    assert [pipeline.name for pipeline in made.pipelines.values()] == ["Main"]
    assert [(each.name, each.base_image) for each in made.environments.values()] == [
        ("Python 3", "orchest/base-kernel-py")
    ]
    assert ".orchest/pipelines/*/data/" in (tmp_path / "fresh" / ".gitignore").read_text()


def test_what_is_there_is_left_alone(project):
    write(project, document(name="Mine"), "mine.orchest")
    (project / ".gitignore").write_text("mine\n")
    before = open_project(project)
    after = new_project(project)
    assert (after.environments, list(after.pipelines)) == (before.environments, ["mine.orchest"])
    assert (project / ".gitignore").read_text() == "mine\n"


def test_a_place_that_can_not_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OrchestTuiError, match="can't be made"):
        new_project(tmp_path / "file" / "x")
