"""Parameters, services, and which step this is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchest_tui.step.sdk import orchest
from orchest_tui.step.sdk.orchest import error, parameters, utils
from orchest_tui.step.sdk.orchest.config import Config
from orchest_tui.step.sdk.orchest.pipeline import Pipeline

from .conftest import STEP, Engine

SESSION = "5e551011-0000-4000-8000-000000000000"


@pytest.fixture
def pipeline(definition: Any) -> None:
    definition(
        parameters={"seed": 7, "none": None},
        steps={
            STEP: {"uuid": STEP, "title": "Load", "file_path": "src/load.ipynb", "parameters": {"rows": 10}},
            "other": {
                "uuid": "other",
                "title": "Other",
                "file_path": "more/load.ipynb",
                "incoming_connections": [STEP],
            },
            "third": {"uuid": "third", "title": "Third", "file_path": "train.ipynb"},
        },
    )


def test_parameters_and_defaults(pipeline: None) -> None:
    assert orchest.get_step_param("rows") == 10
    assert orchest.get_step_param("seed") is None
    assert orchest.get_step_param("seed", default=3) == 3
    assert orchest.get_pipeline_param("seed") == 7
    assert orchest.get_pipeline_param("none", 5) is None
    assert orchest.get_pipeline_param("rows", 1) == 1
    assert parameters.get_params() == ({"rows": 10}, {"seed": 7, "none": None})


def test_which_parameters_were_read_is_reported_once(engine: Engine, pipeline: None) -> None:
    orchest.get_step_param("rows")
    orchest.get_step_param("rows")
    orchest.get_step_param("missing")
    orchest.get_pipeline_param("seed")
    assert engine.reports() == [
        {"type": "parameters", "step": ["rows"], "pipeline": []},
        {"type": "parameters", "step": ["missing"], "pipeline": []},
        {"type": "parameters", "step": [], "pipeline": ["seed"]},
    ]
    parameters.get_params()
    orchest.get_step_param("another")
    assert engine.reports() == [
        {"type": "parameters", "step": ["*"], "pipeline": []},
        {"type": "parameters", "step": [], "pipeline": ["*"]},
    ]


def test_a_definition_that_is_not_there(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(error.PipelineDefinitionNotFoundError, match=r"pipeline\.json can't be read"):
        orchest.get_pipeline_param("seed")
    monkeypatch.setattr(Config, "PIPELINE_DEFINITION_PATH", None)
    with pytest.raises(error.PipelineDefinitionNotFoundError, match="ORCHEST_PIPELINE_PATH is not set"):
        orchest.get_step_param("rows")


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_definition_that_is_none(content: str, project: Any) -> None:
    Path(str(Config.PIPELINE_DEFINITION_PATH)).write_text(content)
    with pytest.raises(error.Error, match=r"pipeline\.json is not"):
        orchest.get_pipeline_param("seed")


def test_a_step_that_is_not_in_the_definition(pipeline: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHEST_STEP_UUID", "unknown")
    with pytest.raises(error.StepUUIDResolveError, match=r"parameters can't be told.*'unknown'"):
        orchest.get_step_param("rows")


def test_without_a_uuid_the_choices_are_printed(
    pipeline: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ORCHEST_STEP_UUID")
    with pytest.raises(error.StepUUIDResolveError, match="where to output data to"):
        orchest.output(1, None)
    assert 'ORCHEST_STEP_UUID=third (Step with title "Third" and path "train.ipynb")' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("notebook", "step"),
    [
        ("/project-dir/src/load.ipynb", STEP),
        ("more/load.ipynb", "other"),
        ("train.ipynb", "third"),
        ("/project-dir/elsewhere/train.ipynb", "third"),
        ("load.ipynb", None),
        ("unknown.ipynb", None),
    ],
)
def test_a_kernel_is_the_step_of_its_notebook(
    notebook: str, step: str | None, pipeline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORCHEST_STEP_UUID")
    monkeypatch.setenv("KERNEL_ID", "k")
    monkeypatch.setenv("JPY_SESSION_NAME", notebook)
    if step is None:
        with pytest.raises(error.StepUUIDResolveError, match="set ORCHEST_STEP_UUID"):
            utils.get_step_uuid(Pipeline.from_file())
    else:
        assert utils.get_step_uuid(Pipeline.from_file()) == step


def test_the_definition_is_read_each_time(definition: Any) -> None:
    for value in (1, 2):
        definition(parameters={"seed": value}, steps={})
        assert orchest.get_pipeline_param("seed") == value


def test_the_graph_of_the_definition(pipeline: None) -> None:
    read = Pipeline.from_file()
    assert [parent.uuid for parent in read.get_step_by_uuid("other").parents] == [STEP]
    assert [child.title for child in read.get_step_by_uuid(STEP).children] == ["Other"]
    assert Pipeline.from_json(read.properties).get_params() == {"seed": 7, "none": None}


@pytest.fixture
def services(definition: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    definition(
        steps={},
        service_aliases={"Py Web": "py-web"},
        services={
            "py-web": {
                "name": "py-web",
                "image": "python:3.11",
                "scope": ["interactive"],
                "ports": [8000, 8001],
                "preserve_base_path": True,
            },
            "cache": {"name": "cache", "image": "redis:7", "scope": ["noninteractive"], "ports": [6379]},
        },
    )
    monkeypatch.setattr(Config, "SESSION_UUID", SESSION)
    monkeypatch.setattr(Config, "SESSION_TYPE", "noninteractive")


def test_a_service_tells_where_it_is(services: None) -> None:
    assert orchest.get_service("cache") == {
        "name": "cache",
        "image": "redis:7",
        "ports": [6379],
        "internal_hostname": f"cache-{SESSION}",
        "base_paths": {6379: f"/service-cache-{SESSION}_6379"},
        "external_urls": {6379: "http://{host_name}:{port}/service-cache-" + SESSION + "_6379"},
    }
    assert orchest.get_service("py-web")["base_paths"][8001] == f"/pbp-service-py-web-{SESSION}_8001"


def test_a_renamed_service_is_found_by_its_old_name(services: None) -> None:
    assert orchest.get_service("Py Web") == orchest.get_service("py-web")


def test_an_interactive_session_has_services_of_its_scope(services: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(orchest.get_services()) == {"py-web", "cache"}
    monkeypatch.setattr(Config, "SESSION_TYPE", "interactive")
    assert set(orchest.get_services()) == {"py-web"}


def test_unknown_services_and_sessions(services: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(error.ServiceNotFound, match=r"no service 'db'.*cache, py-web"):
        orchest.get_service("db")
    monkeypatch.setattr(Config, "SESSION_UUID", None)
    with pytest.raises(error.SessionNotFound):
        orchest.get_services()
    monkeypatch.setattr(Config, "SESSION_TYPE", None)
    with pytest.raises(error.UnrecognizedSessionType):
        orchest.get_services()


def test_a_pipeline_without_services(definition: Any, services: None) -> None:
    definition(steps={})
    assert orchest.get_services() == {}
