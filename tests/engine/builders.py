"""Small definitions and records for the engine's tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchest_tui.engine.digests import FileDigests
from orchest_tui.engine.freshness import Present
from orchest_tui.engine.history import StepRow, Success
from orchest_tui.project.definition import Pipeline, PipelineSettings, Step


def make_pipeline(
    project: Path,
    parents: Mapping[str, Sequence[str]],
    *,
    parameters: Mapping[str, Any] | None = None,
    step_parameters: Mapping[str, Mapping[str, Any]] | None = None,
) -> Pipeline:
    """Return a pipeline whose steps are named by single letters: uuid, title (upper case) and file ``x.py``."""
    steps = {
        name: Step(name, name.upper(), f"{name}.py", "env", tuple(above), (step_parameters or {}).get(name, {}))
        for name, above in parents.items()
    }
    return Pipeline(
        path=project / "main.orchest",
        relative_path="main.orchest",
        uuid="pipeline",
        name="Main",
        version="1.2.3",
        parameters=parameters or {},
        settings=PipelineSettings(),
        steps=steps,
        services={},
        raw={},
    )


def make_present(pipeline: Pipeline, **changes: Any) -> Present:
    """Return the present state of ``pipeline``'s project folder."""
    project = pipeline.path.parent
    values: dict[str, Any] = {
        "project_dir": project,
        "data_dir": project / "data",
        "digests": FileDigests({}),
        "environment_key": lambda _uuid: "environment-1",
        "variables": {},
        "outputs": {},
    }
    return Present(pipeline, **{**values, **changes})


def make_record(present: Present, step: str, **changes: Any) -> dict[str, Any]:
    """Return the record of a success of ``step`` under exactly the present state."""
    inner = f"/project-dir/{step}.py"
    record = {
        "file": inner,
        "code": [[inner, present.file_digest(inner)]],
        "data": [],
        "step_parameters": present.step_values(step),
        "pipeline_parameters": present.pipeline_values(),
        "all_parameters": False,
        "environment": present.environment_key("env"),
        "variables": dict(present.variables),
        "inputs": [
            [parent, [list(pair) for pair in present.outputs.get(parent, {}).items()]]
            for parent in present.pipeline.steps[step].incoming
        ],
        "outputs": [],
        "early_imports": [],
        "complete": True,
    }
    return {**record, **changes}


def success(step: str, record: Mapping[str, Any], run: int = 1) -> Success:
    """Return a success of ``step``."""
    return Success(step, run, 100.0, 1.0, record)


def row(step: str, status: Any, run: int = 1, reason: str | None = None) -> StepRow:
    """Return a step's row of a run."""
    return StepRow(run, step, step.upper(), status, reason, 1, 99.0, 100.0, None, None, None)
