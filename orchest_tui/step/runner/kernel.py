"""A notebook's Python kernel: ipykernel from the tools folder, in the environment's interpreter.

The tools folder comes first on ``sys.path`` only while ipykernel is imported, and last from then on, so that the
notebook finds the environment's own packages before those that ipykernel happens to need.
"""

from __future__ import annotations

import os
import sys

from .files import Roots
from .imports import EarlyImports, ImportRecorder
from .report import Reporter
from .touch import TouchRecorder
from .tracebacks import forget_frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_early: EarlyImports | None = None
_imported: list[str] = []


def main(arguments: list[str]) -> int:
    """Run a kernel until it is told to end; return the exit code.

    Args:
        arguments: Path of the connection file, the tools folder, modules to import early with commas between them;
            the latter two may be empty.
    """
    global _early  # noqa: PLW0603  (the kernel's process has one kernel, and ``begin`` comes as code for it)
    connection_file, tools, imports = arguments
    if tools:
        sys.path.insert(0, tools)
    from ipykernel.kernelapp import IPKernelApp

    sys.argv[:] = ["ipykernel"]
    app: Any = IPKernelApp.instance()
    app.initialize(["-f", connection_file, "--HistoryManager.enabled=False", "--IPKernelApp.quiet=True"])
    if tools:
        sys.path.remove(tools)
        sys.path.append(tools)
    _hide_runner(app.shell)
    _early = EarlyImports()
    _imported[:] = _early.load([name for name in imports.split(",") if name])
    app.start()
    return 0


def imported() -> list[str]:
    """Return the modules that were imported early: called as hidden code."""
    return _imported


def _hide_runner(shell: Any) -> None:
    """Keep the runner's frames out of the tracebacks that the notebook's reader sees."""
    display = shell.InteractiveTB.structured_traceback

    def structured_traceback(etype: Any, evalue: Any = None, etb: Any = None, *rest: Any, **options: Any) -> Any:
        forget_frames(evalue)
        return display(
            etype, evalue, evalue.__traceback__ if etb is not None and evalue is not None else etb, *rest, **options
        )

    shell.InteractiveTB.structured_traceback = structured_traceback


def begin(environ: dict[str, str], roots: list[str], touch: bool) -> None:
    """Turn a waiting kernel into the step's: called as hidden code before the first cell.

    Args:
        environ: Environment variables that were not known when the kernel started.
        roots: Folders of the project and its data.
        touch: Whether to record what the notebook's code touches.
    """
    os.environ.update(environ)
    known = Roots(roots)
    if _early is None:
        return
    _early.forget_project(known)
    if touch:
        reporter = Reporter()
        TouchRecorder(known, reporter).install()
        ImportRecorder(_early.before, known, reporter).install()
