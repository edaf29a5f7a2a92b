"""Parameters of the step and of its pipeline, read from the definition each time."""

from __future__ import annotations

from typing import Any

from . import reports
from .error import StepUUIDResolveError
from .pipeline import Pipeline
from .utils import get_step_uuid


def get_params() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return all parameters: those of the step, and those of the pipeline.

    Raises:
        StepUUIDResolveError: It is not known which step this is.
        PipelineDefinitionNotFoundError: The definition can't be read.
    """
    pipeline = Pipeline.from_file()
    step = _step_parameters(pipeline)
    reports.parameters_read("step", "*")
    reports.parameters_read("pipeline", "*")
    return step, pipeline.get_params()


def get_step_param(name: str, default: Any = None) -> Any:
    """Return a parameter of the step, ``default`` where it has none of this name.

    Raises:
        StepUUIDResolveError: It is not known which step this is.
        PipelineDefinitionNotFoundError: The definition can't be read.
    """
    parameters = _step_parameters(Pipeline.from_file())
    reports.parameters_read("step", name)
    return parameters.get(name, default)


def get_pipeline_param(name: str, default: Any = None) -> Any:
    """Return a parameter of the pipeline, ``default`` where it has none of this name.

    Raises:
        PipelineDefinitionNotFoundError: The definition can't be read.
    """
    parameters = Pipeline.from_file().get_params()
    reports.parameters_read("pipeline", name)
    return parameters.get(name, default)


def _step_parameters(pipeline: Pipeline) -> dict[str, Any]:
    try:
        return pipeline.get_step_by_uuid(get_step_uuid(pipeline)).get_params()
    except StepUUIDResolveError as error:
        raise StepUUIDResolveError(f"The step's parameters can't be told. {error}") from error
