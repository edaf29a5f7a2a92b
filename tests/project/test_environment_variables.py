import stat

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.errors import InvalidProjectError, OrchestTuiError
from orchest_tui.project.environment_variables import EnvironmentVariables
from orchest_tui.project.layout import Layout
from tests.project.builders import PIPELINE


def test_variables_survive_and_only_the_user_can_read_them(tmp_path):
    variables = EnvironmentVariables.load(tmp_path)
    variables.set("A", "secret: yes")
    variables.set("B", "1")
    variables.set("B", "no", PIPELINE)
    variables.save()
    path = Layout(tmp_path).environment_variables_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (path.parent / ".gitignore").read_text() == "*\n"
    loaded = EnvironmentVariables.load(tmp_path)
    assert loaded.project == {"A": "secret: yes", "B": "1"}
    assert loaded.merged(PIPELINE) == {"A": "secret: yes", "B": "no"}
    assert loaded.merged("other") == loaded.project
    assert "secret" not in repr(loaded)


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_value_comes_back_as_it_was(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("variables")
    variables = EnvironmentVariables(folder, {"A": value})
    variables.save()
    assert EnvironmentVariables.load(folder).project == {"A": value}


def test_a_file_that_others_could_read_is_closed_by_saving(tmp_path):
    path = Layout(tmp_path).environment_variables_file
    Layout(tmp_path).ensure_state_dir()
    path.write_text("project: {A: 1}\n")
    path.chmod(0o644)
    variables = EnvironmentVariables.load(tmp_path)
    assert variables.project == {"A": "1"}
    variables.save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "A B", "A=B", "Ä", "ORCHEST_STEP_UUID", "ORCHEST_X"])
def test_names_that_are_refused(tmp_path, name):
    with pytest.raises(OrchestTuiError) as caught:
        EnvironmentVariables(tmp_path).set(name, "secret")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["A", "a-b", "1A", "_", "ORCHEST"])
def test_names_that_are_allowed(tmp_path, name):
    variables = EnvironmentVariables(tmp_path)
    variables.set(name, "x")
    assert variables.project == {name: "x"}


def test_a_nul_is_refused(tmp_path):
    with pytest.raises(OrchestTuiError, match="NUL"):
        EnvironmentVariables(tmp_path).set("A", "a\0b")


def test_removing(tmp_path):
    variables = EnvironmentVariables(tmp_path, {"A": "", "B": "2"}, {PIPELINE: {"A": "3"}})
    assert variables.remove("A")
    assert variables.remove("A", PIPELINE)
    assert not variables.remove("A")
    assert not variables.remove("B", "other")
    assert variables.merged(PIPELINE) == {"B": "2"}


@pytest.mark.parametrize(
    "text",
    ["project: [secret]", "pipelines: secret", "variables: {A: secret}", "project: {A B: secret}", "a: 'secret",
     "secret", "project: {A: [secret]}", "pipelines: {u: secret}", "project: {ORCHEST_A: secret}"],
)  # fmt: skip
def test_a_broken_file_is_told_without_its_values(tmp_path, text):
    Layout(tmp_path).ensure_state_dir()
    Layout(tmp_path).environment_variables_file.write_text(text)
    with pytest.raises(InvalidProjectError) as caught:
        EnvironmentVariables.load(tmp_path)
    assert caught.value.problems[0].file == ".orchest/tui/environment-variables.yaml"
    assert "secret" not in str(caught.value)


def test_importing_a_dotenv_file(tmp_path):
    (tmp_path / ".env").write_text("A=1\nexport B='x y'\n")
    variables = EnvironmentVariables(tmp_path, {"A": "0"})
    assert variables.import_dotenv(tmp_path / ".env") == ["A", "B"]
    assert variables.project == {"A": "1", "B": "x y"}
    assert variables.import_dotenv(tmp_path / ".env", PIPELINE) == ["A", "B"]
    assert variables.pipelines == {PIPELINE: {"A": "1", "B": "x y"}}


@pytest.mark.parametrize("text", ["A=1\nB\n", "A=1\nORCHEST_X=secret\n", "A=1\nB.C=secret\n"])
def test_an_import_with_a_fault_changes_nothing(tmp_path, text):
    (tmp_path / ".env").write_text(text)
    variables = EnvironmentVariables(tmp_path)
    with pytest.raises(InvalidProjectError) as caught:
        variables.import_dotenv(tmp_path / ".env")
    assert "secret" not in str(caught.value)
    assert variables.project == {}
    with pytest.raises(InvalidProjectError, match="can't be read"):
        variables.import_dotenv(tmp_path / "none")


def test_the_file_is_plain_yaml(tmp_path):
    EnvironmentVariables(tmp_path, {"A": "1"}, {PIPELINE: {"B": "2"}}).save()
    assert yaml.safe_load(Layout(tmp_path).environment_variables_file.read_text()) == {
        "project": {"A": "1"},
        "pipelines": {PIPELINE: {"B": "2"}},
    }
