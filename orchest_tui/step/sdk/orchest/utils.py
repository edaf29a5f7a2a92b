"""Which step is this?"""

from __future__ import annotations

import os

from .error import StepUUIDResolveError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pipeline import Pipeline


def get_step_uuid(pipeline: Pipeline) -> str:
    """Return the uuid of the step that this code runs as.

    A step that is run knows it from ``ORCHEST_STEP_UUID``. In a Jupyter kernel (``KERNEL_ID``) it is the step whose
    file is the notebook; Jupyter tells its path in ``JPY_SESSION_NAME``.

    Raises:
        StepUUIDResolveError: Neither tells; what ``ORCHEST_STEP_UUID`` could be is printed.
    """
    uuid = os.environ.get("ORCHEST_STEP_UUID")
    if uuid:
        return uuid
    notebook = os.environ.get("JPY_SESSION_NAME") if os.environ.get("KERNEL_ID") else None
    if notebook:
        return _step_of_notebook(pipeline, notebook)
    print("Set the environment variable ORCHEST_STEP_UUID to say which step this is:")  # noqa: T201 - for the user
    for step in pipeline.steps:
        print(  # noqa: T201
            f'ORCHEST_STEP_UUID={step.uuid} (Step with title "{step.title}" and path "{step.file_path}")'
        )
    raise StepUUIDResolveError("It is not known which step this code runs as: ORCHEST_STEP_UUID is not set.")


def _step_of_notebook(pipeline: Pipeline, notebook: str) -> str:
    """Return the uuid of the step with this file, known by the longest tail of its path.

    Raises:
        StepUUIDResolveError: No step has it, or several do.
    """
    wanted = _components(notebook)
    matches: dict[int, list[str]] = {}
    for step in pipeline.steps:
        length = _common_tail(wanted, _components(step.file_path))
        if length:
            matches.setdefault(length, []).append(step.uuid)
    best = matches[max(matches)] if matches else []
    if len(best) == 1:
        return best[0]
    number = "Several steps have" if best else "No step has"
    raise StepUUIDResolveError(f"{number} the notebook {notebook}: set ORCHEST_STEP_UUID to say which step this is.")


def _components(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _common_tail(one: list[str], other: list[str]) -> int:
    length = 0
    for left, right in zip(reversed(one), reversed(other)):
        if left != right:
            break
        length += 1
    return length
