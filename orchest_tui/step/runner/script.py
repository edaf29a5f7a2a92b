"""Python scripts: the child itself becomes the script, as ``python file`` would run it."""

from __future__ import annotations

import builtins
import gc
import sys
import time
from importlib.machinery import SourceFileLoader

from .files import Roots, step_file_problem
from .imports import EarlyImports, ImportRecorder
from .messages import Prepare, Ready, Run, Started, python_version
from .report import Reporter
from .touch import TouchRecorder
from .tracebacks import forget_frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from .child import Supervisor

INTERRUPTED = 130


class ScriptProgram:
    """Runs a Python file in this process."""

    def __init__(self) -> None:
        self._early = EarlyImports()

    def prepare(self, prepare: Prepare) -> Ready:
        """Put the script's folder on ``sys.path`` and import early what is worth it."""
        sys.path.insert(0, prepare.cwd)
        imported = self._early.load(prepare.imports)
        gc.freeze()
        return Ready(python=python_version(), imported=imported)

    def run(self, run: Run, supervisor: Supervisor) -> int:
        """Run the script; return 0 at its end, 1 for an uncaught exception.

        Raises:
            SystemExit: The script's own; the interpreter deals with it as ever.
        """
        problem = step_file_problem(run.file)
        if problem is not None:
            supervisor.ending(problem)
            return 1
        roots = Roots(run.roots)
        self._early.forget_project(roots)
        with open(run.file, "rb") as file:
            source = file.read()
        reporter = Reporter()
        scope = _enter_main(run.file)
        supervisor.send(Started(time=time.time()))
        supervisor.close()
        if run.touch:
            reporter.touched(read=[run.file])
            TouchRecorder(roots, reporter).install()
            ImportRecorder(self._early.before, roots, reporter).install()
        return _execute(source, run.file, scope)


def _enter_main(file: str) -> dict[str, object]:
    """Make a new ``__main__`` for ``file`` and return its namespace, as it is when a script starts."""
    main = type(sys)("__main__")
    main.__file__ = file
    main.__loader__ = SourceFileLoader("__main__", file)
    main.__builtins__ = builtins  # type: ignore[attr-defined]
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    if sys.version_info < (3, 15):
        main.__cached__ = None  # type: ignore[attr-defined]
    sys.modules["__main__"] = main
    sys.argv[:] = [file]
    return main.__dict__


def _execute(source: bytes, file: str, scope: dict[str, object]) -> int:
    try:
        code: CodeType = compile(source, file, "exec", dont_inherit=True)
        exec(code, scope)  # noqa: S102  (it is what this program is for)
    except SystemExit:
        raise
    except BaseException as error:
        _show(error)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _show(error: BaseException) -> None:
    """Print an uncaught exception as the interpreter would, without the runner's own frames."""
    forget_frames(error)
    kind, trace = type(error), error.__traceback__
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
    try:
        sys.excepthook(kind, error, trace)
    except BaseException:
        sys.stderr.write("Error in sys.excepthook:\n")
        sys.__excepthook__(*sys.exc_info())
        sys.stderr.write("\nOriginal exception was:\n")
        sys.__excepthook__(kind, error, trace)
