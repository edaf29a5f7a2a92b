import pytest

from orchest_tui.errors import OrchestTuiError
from orchest_tui.project.discovery import find_pipeline, find_pipelines, find_project, resolve_steps
from orchest_tui.project.load import load_pipeline
from tests.project.builders import LOAD, OTHER, TRAIN, document, step, write


@pytest.fixture
def pipeline(project):
    content = document(
        step(LOAD, "../load.py", title="Load data"),
        step(TRAIN, "train.ipynb", title="Twice"),
        step(OTHER, "deep/train.py", title="twice"),
    )
    return load_pipeline(write(project, content, "sub/main.orchest"), project)[0]


def test_a_project_is_found_from_below(tmp_path):
    (tmp_path / "a" / ".orchest").mkdir(parents=True)
    (tmp_path / "a" / "b").mkdir()
    write(tmp_path, "{}", "c/x.orchest")
    assert find_project(tmp_path / "a" / "b") == tmp_path / "a"
    assert find_project(tmp_path / "c") == tmp_path / "c"
    assert find_project(tmp_path / "gone") != tmp_path


def test_a_pipeline_in_a_folder_of_its_own_belongs_to_the_project_with_the_environments(tmp_path):
    (tmp_path / "a" / ".orchest" / "environments").mkdir(parents=True)
    write(tmp_path, "{}", "a/pipes/deep/x.orchest")
    (tmp_path / "a" / "pipes" / ".orchest").mkdir()
    assert find_project(tmp_path / "a" / "pipes" / "deep") == tmp_path / "a"


def test_pipelines_are_sorted_and_leftovers_skipped(tmp_path):
    for name in ("b.orchest", "a/x.orchest", ".ipynb_checkpoints/b.orchest", ".git/g.orchest", ".orchest/o.orchest"):
        write(tmp_path, "{}", name)
    write(tmp_path, "", ".orchest/x")
    assert find_pipelines(tmp_path) == [tmp_path / "a/x.orchest", tmp_path / "b.orchest"]


def test_the_only_pipeline_needs_no_name(tmp_path):
    with pytest.raises(OrchestTuiError, match="has no pipelines"):
        find_pipeline(tmp_path)
    path = write(tmp_path, document())
    assert find_pipeline(tmp_path) == path
    write(tmp_path, document(), "other.orchest")
    with pytest.raises(OrchestTuiError, match=r"main\.orchest, other\.orchest"):
        find_pipeline(tmp_path)


def test_a_pipeline_is_found_by_path_file_and_name(tmp_path, monkeypatch):
    first = write(tmp_path, document(name="Wine"), "main.orchest")
    second = write(tmp_path, document(name="Beer"), "sub/train.orchest")
    write(tmp_path, "no json", "sub/broken.orchest")
    monkeypatch.chdir(tmp_path / "sub")
    for text in ("../main.orchest", "main.orchest", "main", "Wine", str(first)):
        assert find_pipeline(tmp_path, text) == first
    for text in ("train.orchest", "sub/train.orchest", "train", "Beer"):
        assert find_pipeline(tmp_path, text) == second
    with pytest.raises(OrchestTuiError, match=r"no pipeline 'none'.*main\.orchest"):
        find_pipeline(tmp_path, "none")


def test_a_file_outside_the_project_is_none_of_its_pipelines(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    inside = write(tmp_path / "project", document())
    outside = write(tmp_path / "elsewhere", document())
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert find_pipeline(tmp_path / "project", "main.orchest") == inside
    with pytest.raises(OrchestTuiError, match="no pipeline"):
        find_pipeline(tmp_path / "project", str(outside))
    (tmp_path / "link").symlink_to(tmp_path / "project")
    assert find_pipeline(tmp_path / "project", str(tmp_path / "link" / "main.orchest")) == inside


def test_a_pipeline_name_that_several_have(tmp_path):
    for folder in ("a", "b"):
        write(tmp_path, document(), f"{folder}/same.orchest")
    with pytest.raises(OrchestTuiError, match=r"a/same\.orchest, b/same\.orchest"):
        find_pipeline(tmp_path, "same")


@pytest.mark.parametrize(
    ("name", "uuid"),
    [
        (LOAD, LOAD),
        ("Load data", LOAD),
        ("LOAD DATA", LOAD),
        ("../load.py", LOAD),
        ("load.py", LOAD),
        ("load", LOAD),
        ("Twice", TRAIN),
        ("twice", OTHER),
        ("sub/train.ipynb", TRAIN),
        ("./deep/train.py", OTHER),
        ("train.py", OTHER),
        ("3f1c", LOAD),
        ("3F1C7A", LOAD),
    ],
)
def test_a_step_is_named_by_title_file_or_uuid(pipeline, name, uuid):
    assert resolve_steps(pipeline, [name]) == [uuid]


def test_the_order_of_the_names_stays_and_each_step_comes_once(pipeline):
    assert resolve_steps(pipeline, ["Twice", "load", "train.ipynb"]) == [TRAIN, LOAD]
    assert resolve_steps(pipeline, []) == []


@pytest.mark.parametrize("name", ["TWICE", "train"])
def test_an_ambiguous_name_lists_the_candidates(pipeline, name):
    with pytest.raises(OrchestTuiError, match=f"{TRAIN[:8]}.*{OTHER[:8]}"):
        resolve_steps(pipeline, [name])


def test_an_unknown_name_suggests_the_nearest(pipeline):
    with pytest.raises(OrchestTuiError, match="Did you mean 'Load data'"):
        resolve_steps(pipeline, ["load dat"])
    with pytest.raises(OrchestTuiError, match="It has 'Load data', 'Twice', 'twice'"):
        resolve_steps(pipeline, ["3f1"])
    with pytest.raises(OrchestTuiError, match="no step ''"):
        resolve_steps(pipeline, [""])
