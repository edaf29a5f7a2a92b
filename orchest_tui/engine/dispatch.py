"""From a step of the definition to what an executor needs: the worker's specification and the run's order."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchest_tui.engine.freshness import host_path, step_path
from orchest_tui.execution.executor import (
    PIPELINE_FILE,
    OrderInput,
    OrderOutput,
    PreparedEnvironment,
    RunOrder,
    WorkerSpec,
)
from orchest_tui.project.load import definition_bytes

if TYPE_CHECKING:
    from orchest_tui.cache.entry import OutputEntry
    from orchest_tui.engine.opened import OpenPipeline
    from orchest_tui.engine.requests import RunRequest
    from orchest_tui.execution.protocol import StepKind
    from orchest_tui.project.definition import Step


def step_kind(step: Step) -> StepKind:
    """Return how the step's file is run, by its suffix."""
    return {"py": "python", "ipynb": "notebook"}.get(step.suffix, "command")  # type: ignore[return-value]


def project_uuid(project_dir: Path) -> str:
    """Return a stable uuid for a project, which has none on disk: from its folder."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, project_dir.as_uri()))


def step_environ(opened: OpenPipeline, step: Step) -> dict[str, str]:
    """Return the step's environment variables: the user's, and Orchest's own, which win."""
    pipeline = opened.pipeline.uuid
    return {
        **opened.variables,
        "ORCHEST_STEP_UUID": step.uuid,
        "ORCHEST_SESSION_UUID": pipeline,
        "ORCHEST_SESSION_TYPE": "interactive",
        "ORCHEST_PIPELINE_UUID": pipeline,
        "ORCHEST_PIPELINE_PATH": PIPELINE_FILE,
        "ORCHEST_PROJECT_UUID": project_uuid(opened.project_dir),
    }


def step_file(opened: OpenPipeline, step: Step) -> Path:
    """Return the step's file on the host."""
    return Path(host_path(step_path(step, opened.pipeline), opened.project_dir, opened.data_dir))


def worker_spec(
    opened: OpenPipeline, step: Step, environment: PreparedEnvironment, imports: tuple[str, ...] = ()
) -> WorkerSpec:
    """Return what a worker for ``step`` is made from; equal as long as nothing that matters to it changes."""
    return WorkerSpec(
        pipeline=opened.pipeline.uuid,
        step=step.uuid,
        title=step.title,
        kind=step_kind(step),
        language=step.kernel_language,
        environment=environment,
        environ=tuple(sorted(step_environ(opened, step).items())),
        imports=imports,
        project_dir=opened.project_dir,
        data_dir=opened.data_dir,
        cwd=step_file(opened, step).parent,
        output_dir=opened.store.output_dir(step.uuid),
        spill_dir=opened.store.spill_dir(step.uuid),
        input_dirs=tuple((parent, opened.store.output_dir(parent)) for parent in step.incoming),
        memory=step.memory,
        cpus=step.cpus,
    )


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One attempt of one step, ready to go.

    Attributes:
        order: What the worker is told.
        context: What the success record needs to know later, a JSON document; kept in the history so that an adopting
            engine has it too.
        inputs: The parents' outputs as they were handed over, by parent.
    """

    order: RunOrder
    context: Mapping[str, Any]
    inputs: Mapping[str, tuple[OutputEntry, ...]]


def make_dispatch(opened: OpenPipeline, request: RunRequest, run: int, step: Step, attempt: int) -> Dispatch:
    """Return the order for one attempt; its parents' outputs must be pinned already."""
    pipeline, store = opened.pipeline, opened.store
    inputs = {parent: store.outputs(parent) for parent in step.incoming if parent in pipeline.steps}
    present = opened.present(request.parameters, request.step_parameters, {})
    own_path = step_path(step, pipeline)
    context = {
        "file": own_path,
        "digest": present.file_digest(own_path),
        "environment": present.environment_key(step.environment),
        "variables": dict(present.variables),
        "step_parameters": present.step_values(step.uuid),
        "pipeline_parameters": present.pipeline_values(),
        "inputs": [[parent, [entry.id for entry in entries]] for parent, entries in inputs.items()],
    }
    order = RunOrder(
        run=str(run),
        attempt=attempt,
        file=step_file(opened, step),
        log=opened.layout.log_file(run, step.uuid),
        definition=definition_bytes(pipeline, request.parameters, request.step_parameters),
        inputs=tuple(
            OrderInput(
                parent,
                pipeline.steps[parent].title,
                tuple(OrderOutput(e.name, e.path, e.kind, e.serialization) for e in entries),
            )
            for parent, entries in inputs.items()
        ),
        recycle=store.recyclable(step.uuid),
        touch=opened.settings.touch,
        timeout=step.timeout,
        grace=opened.settings.abort_grace,
    )
    return Dispatch(order, context, inputs)
