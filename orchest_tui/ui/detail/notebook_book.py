"""A notebook as it is shown: cells and their outputs, bounded and of known types."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from orchest_tui.ui.detail import notebook_reduced

_LARGE = 1024 * 1024
"""Bytes from which reading a file would be felt as a hitch: JSON is read with Python's lock held."""

_PATIENCE = 60.0
"""Seconds after which reading a notebook is given up."""

CellKind = Literal["code", "markdown", "raw"]
OutputKind = Literal["stdout", "stderr", "text", "markdown", "error", "picture", "note"]


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a cell; ``text`` is foreign, of a picture its PNG in base64."""

    kind: OutputKind
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        kind: What it holds.
        source: Its text, foreign.
        count: The execution count that Jupyter shows in brackets.
        skipped: Whether its tags ask for it not to be run.
        outputs: What it showed.
    """

    kind: CellKind
    source: str
    count: int | None = None
    skipped: bool = False
    outputs: tuple[Output, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether an error is among its outputs."""
        return any(output.kind == "error" for output in self.outputs)


@dataclass(frozen=True, slots=True)
class Book:
    """A notebook.

    Attributes:
        cells: The cells in order.
        language: The code's language, in lower case.
        left_out: How many cells more there are.
        problem: Why there are none, a sentence; empty where nothing is wrong.
    """

    cells: tuple[Cell, ...] = ()
    language: str = "python"
    left_out: int = 0
    problem: str = ""


def read_book(path: Path) -> Book:
    """Return the notebook at ``path``; call it in a thread. What is wrong with it stands in the book."""
    try:
        size = path.stat().st_size
    except OSError as error:
        return Book(problem=f"{path.name} can't be read: {error.strerror or error}.")
    if size < _LARGE:
        return _book(notebook_reduced.reduced_file(str(path)))
    command = [sys.executable, "-I", "-S", str(Path(notebook_reduced.__file__)), str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=True, stdin=subprocess.DEVNULL)
        return _book(json.loads(done.stdout))
    except (subprocess.SubprocessError, OSError, ValueError):
        return Book(problem=f"{path.name} ({size / 1e6:,.0f} MB) can't be read: it takes too much time or memory.")


def _book(reduced: dict[str, Any]) -> Book:
    if "problem" in reduced:
        return Book(problem=reduced["problem"])
    cells = tuple(
        Cell(
            cell["kind"],
            cell["source"],
            cell["count"],
            "skip" in cell["tags"],
            tuple(Output(output["kind"], output["text"]) for output in cell["outputs"]),
        )
        for cell in reduced["cells"]
    )
    return Book(cells, reduced["language"], reduced["left_out"])
