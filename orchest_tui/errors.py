"""Errors that are meant for a person: what is wrong, where, and how to mend it.

Every room raises these; the front ends print them without a traceback. Anything else that reaches a front end is
a defect of the program.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file.

    Attributes:
        file: The file's path as the user would type it (project-relative where it lies in the project).
        place: Where in the file: a JSON path (``steps.3f1c….environment``) or ``line 3, column 7``; may be empty.
        what: What is wrong, one sentence without a full stop.
        mend: What to do about it, one imperative sentence without a full stop.
        severity: An ``error`` stops the pipeline from running, a ``warning`` does not.
        code: A stable short name of the kind of problem (``bad-json``, ``cycle``, ``missing-file``, …).
        step: The uuid of the step that the problem is about, where there is one.
    """

    file: str
    place: str
    what: str
    mend: str
    severity: Severity = "error"
    code: str = "invalid"
    step: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether it stops the pipeline, or its step, from running."""
        return self.severity == "error"

    def __str__(self) -> str:
        """Return the problem as one line: ``file: place: what. mend.``."""
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.what}. {self.mend}."


class OrchestTuiError(Exception):
    """Base of all errors that are told to the user as one message.

    Args:
        message: What went wrong, with the file or thing named.
        mend: What the user can do about it; may be empty.
    """

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        """Return message and mend as one text."""
        return f"{self.message} {self.mend}".rstrip()


class InvalidProjectError(OrchestTuiError):
    """A project file can't be used; carries every problem found, not only the first.

    Args:
        problems: The problems, errors and warnings alike, in the file's order.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ExecutorError(OrchestTuiError):
    """The machine's side of running a step failed: engine gone, image not to be had, sandbox refused."""


class ExecutorUnavailableError(ExecutorError):
    """No such executor on this machine, or its engine does not answer."""


class BuildError(ExecutorError):
    """An environment could not be built; the message names the environment and its build log."""


class ImageUnavailableError(BuildError):
    """An image that a build starts from is neither in the engine nor to be had from its registry."""
