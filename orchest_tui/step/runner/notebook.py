"""Notebook steps: the child drives a kernel, which was started while nothing was to be done yet."""

from __future__ import annotations

import os
import sys
import time

from .files import step_file_problem
from .messages import Prepare, Ready, Run, Started, python_version
from .report import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .child import Supervisor
    from .notebook_session import NotebookSession


class NotebookProgram:
    """Runs a notebook in place, cell by cell."""

    def __init__(self) -> None:
        self._session: NotebookSession | None = None
        self._problem: str | None = None

    def prepare(self, prepare: Prepare) -> Ready:
        """Import nbclient and start the kernel; what goes wrong is told, and told again when the step is run."""
        if prepare.tools:
            sys.path.insert(0, prepare.tools)
        try:
            from .notebook_session import NotebookSession
        except ImportError as error:
            self._problem = f"notebooks can't run in this environment: {error}"
            return Ready(python=python_version(), problem=self._problem)
        self._session = NotebookSession(prepare.tools or "", prepare.imports)
        self._problem = self._session.start(prepare.language)
        return Ready(python=python_version(), imported=self._session.imported, problem=self._problem)

    def run(self, run: Run, supervisor: Supervisor) -> int:
        """Run the notebook; return 1 where a cell failed, the kernel died, or there is no notebook to run."""
        problem = step_file_problem(run.file) or self._problem
        if problem is not None or self._session is None:
            supervisor.ending(str(problem))
            return 1
        problem = self._session.open(run.file)
        if problem is None:
            if run.touch:
                Reporter().touched(read=[run.file], written=[run.file])
            supervisor.send(Started(time=time.time()))
            problem = self._session.execute(run, supervisor)
        if problem is not None:
            supervisor.ending(problem)
        self._session.kill()
        os._exit(0 if problem is None else 1)
