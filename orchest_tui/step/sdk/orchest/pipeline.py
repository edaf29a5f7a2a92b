"""The pipeline's definition as a step sees it: steps, their parents, parameters, services."""

from __future__ import annotations

import json
from typing import Any

from .config import Config
from .error import Error, PipelineDefinitionNotFoundError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class PipelineStep:
    """One step of the pipeline.

    Args:
        properties: The step as the definition has it.

    Attributes:
        properties: The same.
        parents: The steps that it is connected to, in the order of its connections.
        children: The steps connected to it.
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self.properties = dict(properties)
        self.parents: list[PipelineStep] = []
        self.children: list[PipelineStep] = []

    @property
    def uuid(self) -> str:
        """The step's uuid."""
        return str(self.properties.get("uuid", ""))

    @property
    def title(self) -> str:
        """The step's title."""
        return str(self.properties.get("title", ""))

    @property
    def file_path(self) -> str:
        """The step's file, relative to the pipeline's folder."""
        return str(self.properties.get("file_path", ""))

    def get_params(self) -> dict[str, Any]:
        """Return the step's parameters."""
        return dict(self.properties.get("parameters") or {})


class Pipeline:
    """A pipeline's definition.

    Args:
        properties: The definition.

    Attributes:
        properties: The same.
        steps: The steps, with their connections.
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self.properties = dict(properties)
        by_uuid = {
            uuid: PipelineStep({"uuid": uuid, **step}) for uuid, step in (self.properties.get("steps") or {}).items()
        }
        for step in by_uuid.values():
            for uuid in step.properties.get("incoming_connections") or ():
                if uuid in by_uuid:
                    step.parents.append(by_uuid[uuid])
                    by_uuid[uuid].children.append(step)
        self.steps = list(by_uuid.values())

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> Pipeline:
        """Return the pipeline of a definition that was read already."""
        return cls(description)

    @classmethod
    def from_file(cls, path: str | None = None) -> Pipeline:
        """Read a definition, without a path the one that the running step belongs to.

        Raises:
            PipelineDefinitionNotFoundError: It is not there.
            Error: It is no definition.
        """
        path = path or Config.PIPELINE_DEFINITION_PATH
        if not path:
            raise PipelineDefinitionNotFoundError(
                "The pipeline's definition is not known: ORCHEST_PIPELINE_PATH is not set. "
                "Run this as a step of a pipeline, or set it to the pipeline's .orchest file."
            )
        try:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
        except OSError as error:
            raise PipelineDefinitionNotFoundError(
                f"The pipeline's definition {path} can't be read: {error.strerror}."
            ) from error
        except ValueError as error:
            raise Error(f"The pipeline's definition {path} is not valid JSON: {error}.") from error
        if not isinstance(document, dict):
            raise Error(f"The pipeline's definition {path} is not a JSON object.")
        return cls(document)

    def get_step_by_uuid(self, uuid: str) -> PipelineStep:
        """Return the step with this uuid.

        Raises:
            StepUUIDResolveError: There is none.
        """
        from .error import StepUUIDResolveError

        for step in self.steps:
            if step.uuid == uuid:
                return step
        raise StepUUIDResolveError(f"The pipeline has no step with the uuid {uuid!r}.")

    def get_params(self) -> dict[str, Any]:
        """Return the pipeline's parameters."""
        return dict(self.properties.get("parameters") or {})
