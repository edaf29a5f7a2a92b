"""From a ``RunOrder`` with host paths to the ``run`` message that a worker understands."""

from __future__ import annotations

from orchest_tui.execution.executor import PathMap, RunOrder, WorkerSpec
from orchest_tui.execution.protocol import InputOutput, InputStep, Run


def run_message(spec: WorkerSpec, paths: PathMap, order: RunOrder) -> Run:
    """Return ``order`` as a worker made from ``spec`` is told it.

    Raises:
        ExecutorError: A path of the order is not visible to the worker.
    """
    return Run(
        run=order.run,
        step=spec.step,
        file=paths.inside(order.file),
        log=paths.inside(order.log),
        output_dir=paths.inside(spec.output_dir),
        spill_dir=paths.inside(spec.spill_dir),
        inputs=[
            InputStep(
                step=parent.step,
                title=parent.title,
                outputs=[
                    InputOutput(
                        name=output.name,
                        path=paths.inside(output.path),
                        kind=output.kind,
                        serialization=output.serialization,
                    )
                    for output in parent.outputs
                ],
            )
            for parent in order.inputs
        ],
        recycle=list(order.recycle),
        touch=order.touch,
        roots=[paths.inside(spec.project_dir), paths.inside(spec.data_dir)],
        timeout=order.timeout,
        grace=order.grace,
    )
