"""Loading a pipeline: read, migrate, validate; and the definition that a run's steps get to see."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from orchest_tui.errors import Problem
from orchest_tui.project.checks import check_connections, check_environments, check_files
from orchest_tui.project.definition import Pipeline
from orchest_tui.project.document import read_document
from orchest_tui.project.identity import own_uuid, relative_name
from orchest_tui.project.migration import migrate, version_of
from orchest_tui.project.problems import Fields, Problems
from orchest_tui.project.service_fields import read_services
from orchest_tui.project.step_fields import read_settings, read_step

if TYPE_CHECKING:
    from orchest_tui.project.environments import Environment

_REQUIRED = {
    "name": "Write a name for the pipeline",
    "settings": "Write an object, {} for the defaults",
    "steps": "Write an object, {} for a pipeline without steps",
}


def load_pipeline(
    path: Path,
    project_dir: Path,
    environments: Mapping[str, Environment] | None = None,
    *,
    data_dir: Path | None = None,
    taken: Collection[str] | None = None,
) -> tuple[Pipeline | None, list[Problem]]:
    """Load one pipeline file; everything that is wrong with it is told at once, nothing is raised.

    Args:
        path: The ``*.orchest`` file.
        project_dir: The project's folder.
        environments: The project's environments; None leaves references to them unchecked.
        data_dir: The host folder that steps see as ``/data``; None leaves files below it unchecked.
        taken: Uuids of the pipelines that come before this one; None looks for them in the project.

    Returns:
        The pipeline, None where the file is no JSON object, and the problems in the order of the file's parts. A
        problem with ``step`` set keeps that step from running, an error without one the whole pipeline.
    """
    path, project_dir = path.absolute(), project_dir.absolute()
    relative_path = relative_name(path, project_dir)
    problems = Problems(relative_path)
    document = read_document(path, problems)
    if document is None:
        return None, problems.found
    version = version_of(document)
    migrate(document, problems)
    fields = Fields(document, "", problems)
    for key, mend in _REQUIRED.items():
        if key not in document:
            fields.warning(key, "the key is missing", mend, "missing-key")
    document["uuid"] = own_uuid(fields, path, project_dir, taken)
    steps = {key: read_step(key, value, problems) for key, value in fields.object("steps").items()}
    pipeline = Pipeline(
        path=path,
        relative_path=relative_path,
        uuid=document["uuid"],
        name=fields.text("name") or path.stem,
        version=version,
        parameters=fields.object("parameters"),
        settings=read_settings(document, problems),
        steps=MappingProxyType({key: step for key, step in steps.items() if step is not None}),
        services=MappingProxyType(read_services(document, problems)),
        raw=MappingProxyType(document),
    )
    check_connections(pipeline, problems)
    check_files(pipeline, data_dir, problems)
    if environments is not None:
        check_environments(pipeline, environments, problems)
    return pipeline, problems.found


def definition_bytes(
    pipeline: Pipeline,
    parameters: Mapping[str, Any] | None = None,
    step_parameters: Mapping[str, Mapping[str, Any]] | None = None,
) -> bytes:
    """Return what the steps of one run see as ``/pipeline.json``: the definition with the run's parameters in it.

    Args:
        pipeline: The pipeline.
        parameters: Pipeline parameters of the run; each replaces the file's of the same name.
        step_parameters: Step uuid → parameters of the run, likewise.
    """
    overrides = step_parameters or {}
    steps = {}
    for uuid, step in pipeline.steps.items():
        merged = {**step.parameters, **overrides.get(uuid, {})}
        steps[uuid] = {
            **pipeline.raw["steps"][uuid],
            "uuid": uuid,
            "title": step.title,
            "incoming_connections": list(step.incoming),
            "parameters": merged,
        }
    document = {**pipeline.raw, "parameters": {**pipeline.parameters, **(parameters or {})}, "steps": steps}
    return json.dumps(document).encode()
