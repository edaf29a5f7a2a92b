from orchest_tui.project.environments import load_environments
from tests.project.builders import ENVIRONMENT, write_environment


def codes(problems):
    return {(problem.code, problem.severity, problem.file.rpartition("/")[2]) for problem in problems}


def test_an_environment_is_read(tmp_path):
    folder = write_environment(tmp_path, ENVIRONMENT, "pip install a\r\npip install b\r\n", gpu_support=True, extra=1)
    environments, problems = load_environments(tmp_path)
    assert problems == []
    found = environments[ENVIRONMENT]
    assert (found.name, found.language, found.base_image, found.gpu_support) == ("Python 3", "python", "x", True)
    assert found.setup_script == "pip install a\npip install b\n"
    assert found.folder == folder


def test_a_project_without_environments(tmp_path):
    assert load_environments(tmp_path) == ({}, [])


def test_a_missing_script_is_an_empty_one(tmp_path):
    write_environment(tmp_path, ENVIRONMENT, None)
    environments, problems = load_environments(tmp_path)
    assert environments[ENVIRONMENT].setup_script == ""
    assert codes(problems) == {("missing-file", "warning", "setup_script.sh")}


def test_what_can_not_be_used_is_left_out(tmp_path):
    write_environment(tmp_path, "good")
    write_environment(tmp_path, "renamed", uuid="other")
    write_environment(tmp_path, "no-image", base_image="")
    write_environment(tmp_path, "typed", gpu_support="yes")
    write_environment(tmp_path, "a b")
    (write_environment(tmp_path, "broken") / "properties.json").write_text("{")
    (write_environment(tmp_path, "bytes") / "setup_script.sh").write_bytes(b"\xff")
    (tmp_path / ".orchest/environments/empty").mkdir()
    environments, problems = load_environments(tmp_path)
    assert list(environments) == ["good"]
    assert codes(problems) == {
        ("uuid-mismatch", "error", "properties.json"),
        ("missing-key", "error", "properties.json"),
        ("wrong-type", "error", "properties.json"),
        ("bad-uuid", "error", "properties.json"),
        ("bad-json", "error", "properties.json"),
        ("bad-text", "error", "setup_script.sh"),
        ("unreadable", "error", "properties.json"),
    }
