"""The view state of a pipeline that was just opened: what history and output cache say, before anything happens."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from orchest_tui.engine.state import RunView, StepView, ViewState

if TYPE_CHECKING:
    from orchest_tui.engine.history import RunRow
    from orchest_tui.engine.opened import OpenPipeline


def initial_state(opened: OpenPipeline) -> ViewState:
    """Return a view state with every step of the definition as its last run left it.

    Freshness is not in it: verdicts come as events.

    Args:
        opened: The pipeline, with its output cache opened.
    """
    latest = opened.history.latest()
    steps = {}
    for uuid in opened.order:
        row = latest.get(uuid)
        outputs = {entry.name: entry.bytes for entry in opened.store.outputs(uuid)}
        title = opened.pipeline.steps[uuid].title
        steps[uuid] = (
            StepView(uuid, title, outputs=outputs)
            if row is None
            else StepView(
                uuid, title, row.status, row.reason, row.run, row.attempt, row.started, row.seconds, outputs=outputs
            )
        )
    runs = opened.history.runs(1)
    run = _run_view(opened, runs[0]) if runs else None
    return ViewState(version=1, steps=MappingProxyType(steps), run=run)


def _run_view(opened: OpenPipeline, row: RunRow) -> RunView:
    steps = tuple(step.step for step in opened.history.steps_of(row.number))
    return RunView(row.number, row.kind, steps, row.status, row.started, row.finished, row.reason)
