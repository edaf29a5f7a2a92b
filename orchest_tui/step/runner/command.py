"""Steps that are neither Python scripts nor notebooks: the child becomes their interpreter."""

from __future__ import annotations

import os
import shutil
import signal
import time

from .files import step_file_problem
from .messages import Prepare, Ready, Run, Started, python_version
from .report import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .child import Supervisor

INTERPRETERS = {
    "sh": ("bash", "sh"),
    "py": ("python3", "python"),
    "r": ("Rscript",),
    "jl": ("julia",),
    "js": ("node", "nodejs"),
}
"""Interpreters for the suffix of a file's name, in order of preference; a name without a suffix is a shell script."""

NOT_INSTALLED = 127
UNSUPPORTED = 126


class CommandProgram:
    """Runs a file with the interpreter that its suffix asks for."""

    def prepare(self, prepare: Prepare) -> Ready:  # noqa: ARG002
        """Return that this program is always ready."""
        return Ready(python=python_version())

    def run(self, run: Run, supervisor: Supervisor) -> int:
        """Replace this process by the interpreter; return an exit code only where that is not possible."""
        problem = step_file_problem(run.file)
        if problem is not None:
            supervisor.ending(problem)
            return 1
        suffix = suffix_of(run.file)
        if suffix not in INTERPRETERS:
            supervisor.ending(f"files that end in .{suffix} can't be run")
            return UNSUPPORTED
        if run.touch:
            Reporter().touched(read=[run.file], complete=False)
        supervisor.send(Started(time=time.time()))
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        program = next(filter(None, map(shutil.which, INTERPRETERS[suffix])), None)
        if program is None:
            supervisor.ending(f"{INTERPRETERS[suffix][0]} is not installed in this environment")
            return NOT_INSTALLED
        try:
            os.execv(program, [os.path.basename(program), run.file])  # noqa: S606
        except OSError as error:
            supervisor.ending(f"{program} can't be started: {error.strerror}")
            return UNSUPPORTED


def suffix_of(path: str) -> str:
    """Return what follows the last dot of the file's name, in lower case; ``sh`` where there is no dot."""
    _, dot, suffix = os.path.basename(path).rpartition(".")
    return suffix.lower() if dot else "sh"
