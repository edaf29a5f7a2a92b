import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.project.load import load_pipeline
from orchest_tui.project.migration import SERVICE_NAME, migrate, version_of
from orchest_tui.project.problems import Problems
from tests.project.builders import LOAD, document, service, step, write

OLD = {"name": "Shop", "image": "x", "scope": ["interactive"]}


def migrated(**content):
    result = {"name": "x", "steps": {}, "settings": {}, **content}
    problems = Problems("x")
    migrate(result, problems)
    return result, problems.found


def services(version, **more):
    named = {"Shop": {**OLD, **more}}
    return next(iter(migrated(version=version, services=named)[0]["services"].values()))


def test_the_first_version_comes_to_the_newest():
    result, problems = migrated(
        version="1.0.0",
        steps={"a": {"kernel": {"name": "ir"}}, "b": {"kernel": {"name": "python"}}},
        services={"shop": {**OLD, "name": "shop", "env_variables": {"A B": "1"}, "env_variables_inherit": ["C.D", 3]}},
    )
    assert problems == []
    assert result["version"] == "1.2.3"
    assert result["parameters"] == {}
    assert result["settings"] == {"max_steps_parallelism": 0}
    assert [each["kernel"]["name"] for each in result["steps"].values()] == ["r", "python"]
    assert result["services"]["shop"] == {
        **OLD,
        "name": "shop",
        "env_variables": {"A_B": "1"},
        "env_variables_inherit": ["C_D", 3],
        "ports": [8080],
        "exposed": False,
        "requires_authentication": True,
        "order": 0,
    }


def test_a_missing_version_is_the_first_one():
    assert migrated(parameters={"a": 1})[0]["parameters"] == {"a": 1}
    assert migrated()[0]["version"] == "1.2.3"


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_the_old_command_becomes_the_arguments(version):
    service = services(version, command="serve --all", entrypoint="bash")
    assert (service["command"], service["args"]) == ("bash", "serve --all")
    service = services(version, command="serve --all")
    assert "command" not in service
    assert service["args"] == "serve --all"


def test_the_new_command_stays():
    service = services("1.2.0", command="bash", args="-c x")
    assert (service["command"], service["args"]) == ("bash", "-c x")
    assert services("1.2.1", command="bash")["command"] == "bash"
    assert services("1.0.0", command="bash", args="-c x")["command"] == "bash"


def test_an_entrypoint_tells_the_old_meaning_in_a_new_file():
    service = services("1.2.3", command="serve", entrypoint="bash")
    assert (service["command"], service["args"]) == ("bash", "serve")
    assert "entrypoint" not in service


@pytest.mark.parametrize(
    ("image", "port"),
    [("redis:7", 6379), ("bitnami/postgresql", 5432), ("orchest/streamlit", 8501), ("rabbitmq", 5672), ("own", 8080)],
)
def test_guessed_ports(image, port):
    assert services("1.1.0", image=image)["ports"] == [port]
    assert services("1.1.0", image=image, ports=[1])["ports"] == [1]


def test_places_are_filled_in_after_those_that_are_there():
    named = {"a": {**OLD, "order": 4}, "b": dict(OLD), "c": dict(OLD)}
    result, _ = migrated(version="1.2.0", services=named)
    assert [each["order"] for each in result["services"].values()] == [4, 5, 6]


def test_a_renamed_service_keeps_its_old_name_as_an_alias(tmp_path):
    content = document(services=[service("PyWebIO"), service("pywebio", order=1)], version="1.2.1")
    pipeline, problems = load_pipeline(write(tmp_path, content), tmp_path)
    assert problems == []
    assert {each.name: each.aliases for each in pipeline.services.values()} == {
        "pywebio": (),
        "pywebio-2": ("PyWebIO",),
    }
    assert pipeline.raw["service_aliases"] == {"PyWebIO": "pywebio-2"}
    again, problems = load_pipeline(write(tmp_path, dict(pipeline.raw)), tmp_path)
    assert problems == []
    assert again.services["pywebio-2"].aliases == ("PyWebIO",)


@given(st.lists(st.text(min_size=1, max_size=40), unique=True, max_size=6))
def test_renaming_gives_every_service_a_valid_name_of_its_own(names):
    result, _ = migrated(version="1.2.1", services={name: {"name": name} for name in names})
    assert len(result["services"]) == len(names)
    for name, found in result["services"].items():
        assert SERVICE_NAME.fullmatch(name)
        assert found["name"] == name
    aliases = result.get("service_aliases", {})
    assert all(name in result["services"] or aliases[name] in result["services"] for name in names)


def test_newer_and_odd_versions_are_told_and_opened(tmp_path):
    pipeline, problems = load_pipeline(write(tmp_path, document(version="1.3.0", fresh={"a": 1})), tmp_path)
    assert [(problem.code, problem.severity) for problem in problems] == [("newer-version", "warning")]
    assert (pipeline.version, pipeline.raw["version"], pipeline.raw["fresh"]) == ("1.3.0", "1.3.0", {"a": 1})
    for odd in ("latest", 3, None, ["1.0.0"]):
        _, problems = load_pipeline(write(tmp_path, document(version=odd)), tmp_path)
        assert [(problem.code, problem.severity) for problem in problems] == [("bad-version", "warning")]
        assert version_of({"version": odd}) == "1.0.0"


def test_the_version_that_was_written_is_remembered(tmp_path):
    (tmp_path / "load.py").touch()
    pipeline, _ = load_pipeline(write(tmp_path, document(step(), version="1.0.0")), tmp_path)
    assert (pipeline.version, pipeline.raw["version"]) == ("1.0.0", "1.2.3")
    assert pipeline.steps[LOAD]
