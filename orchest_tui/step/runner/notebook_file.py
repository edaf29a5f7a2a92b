"""A notebook's file: read without changing more than its outputs, saved as a whole at once."""

from __future__ import annotations

import os
from contextlib import suppress

import nbformat
import nbformat.reader
import nbformat.v4

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # Its functions have no types.
    _format: Any = nbformat
else:
    _format = nbformat

MAJOR = 4
LANGUAGES = {"ir": "r", "ipython": "python", "node": "javascript", "js": "javascript"}
"""Other names that notebooks have for the languages of kernels."""

SKIP_TAG = "skip"


class NotebookError(ValueError):
    """A file is not a notebook; the text says why."""


def read_notebook(path: str) -> Any:
    """Return the notebook at ``path``, converted to the current major version of the format where it is older.

    It is not validated against the format's schema: that costs more than running a small notebook, and one that has
    cells can be run.

    Raises:
        NotebookError: It is no notebook.
    """
    try:
        with open(path, encoding="utf-8") as file:
            notebook = _format.reader.reads(file.read())
        return notebook if notebook.get("nbformat") == MAJOR else _format.convert(notebook, MAJOR)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, ValueError, KeyError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NotebookError(f"file {path} is no notebook: {reason[:200]}") from error


def save_notebook(notebook: Any, path: str) -> None:
    """Write ``notebook`` to ``path``, beside it first where the folder allows that, so that no reader sees half of it.

    Raises:
        OSError: It can't be written.
    """
    target = os.path.realpath(path)
    data = (_format.v4.writes(notebook).rstrip("\n") + "\n").encode("utf-8", "surrogatepass")
    beside = f"{target}.{os.getpid()}.tmp"
    try:
        with open(beside, "wb") as file:
            file.write(data)
        os.chmod(beside, os.stat(target).st_mode & 0o7777)
        os.replace(beside, target)
    except OSError:
        with suppress(OSError):
            os.unlink(beside)
        with open(target, "wb") as file:
            file.write(data)


def scratch_notebook(source: str) -> Any:
    """Return a notebook of one code cell that has been written once, in memory."""
    notebook = _format.v4.new_notebook(cells=[_format.v4.new_code_cell(source)])
    _format.v4.writes(notebook)
    return notebook


def clear_outputs(notebook: Any) -> None:
    """Remove what former runs left in the cells that are going to run."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and not is_skipped(cell):
            cell.outputs = []
            cell.execution_count = None


def is_skipped(cell: Any) -> bool:
    """Whether the cell's tags ask for it not to be run."""
    return SKIP_TAG in cell.metadata.get("tags", [])


def language_of(notebook: Any) -> str | None:
    """Return the language that the notebook asks a kernel for, None where it does not say."""
    metadata = notebook.metadata
    language = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name")
    if not isinstance(language, str):
        return None
    return LANGUAGES.get(language.lower(), language.lower())
