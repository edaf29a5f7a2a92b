"""Making a success record from what a step was told, what it touched and what it handed over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchest_tui.engine.freshness import DATA_PREFIX, PROJECT_PREFIX, Present, host_path

if TYPE_CHECKING:
    from orchest_tui.cache.entry import OutputEntry
    from orchest_tui.execution.protocol import Touched

CHANGED_WHILE_RUNNING = "changed while the step ran"
"""Stands in for the digest of a file that was edited after the step had read it."""

EVERY = "*"

_MAX_PARAMETERS = 50
_MAX_VALUE = 200
"""Parameters, and characters of each, that are kept beside an output."""


def success_record(
    context: Mapping[str, Any],
    touched: Touched | None,
    inputs: Sequence[tuple[str, Sequence[tuple[str | None, str]]]],
    outputs: Sequence[OutputEntry],
    present: Present,
) -> dict[str, Any]:
    """Return the record of a success (see ``freshness`` for its form).

    Args:
        context: What ``dispatch.make_dispatch`` kept.
        touched: What the runner saw; None where it could not look, so that everything counts.
        inputs: Parents in connection order, each with output names and digests.
        outputs: What the step handed over, with digests.
        present: For the digests of the files that it touched.
    """
    complete = touched is not None and touched.complete
    everything = touched is None or not complete
    return {
        "file": context["file"],
        "code": [[context["file"], context["digest"]], *_code(context, touched, present)],
        "data": _data(touched),
        "step_parameters": _read_parameters(
            context["step_parameters"], None if everything or touched is None else touched.step_parameters
        ),
        "pipeline_parameters": _read_parameters(
            context["pipeline_parameters"], None if everything or touched is None else touched.pipeline_parameters
        ),
        "all_parameters": everything,
        "environment": context["environment"],
        "variables": context["variables"],
        "inputs": [[parent, [list(output) for output in sorted(named, key=_by_name)]] for parent, named in inputs],
        "outputs": [[entry.name, entry.digest] for entry in outputs],
        "early_imports": touched.early_imports if touched is not None else [],
        "complete": complete,
    }


def parameters_read(context: Mapping[str, Any], touched: Touched | None) -> dict[str, str]:
    """Return the parameters that a step read as short texts, its own before the pipeline's; all where nobody saw.

    Args:
        context: What ``dispatch.make_dispatch`` kept.
        touched: What the runner saw.
    """
    seen = touched if touched is not None and touched.complete else None
    own = _read_parameters(context["step_parameters"], None if seen is None else seen.step_parameters)
    shared = _read_parameters(context["pipeline_parameters"], None if seen is None else seen.pipeline_parameters)
    found = [item for item in {**shared, **own}.items() if item[1] is not None]
    return {name: json.dumps(value)[:_MAX_VALUE] for name, value in found[:_MAX_PARAMETERS]}


def _by_name(output: tuple[str | None, str]) -> str:
    return output[0] or ""


def _code(context: Mapping[str, Any], touched: Touched | None, present: Present) -> list[list[str]]:
    """Return path and digest of the project files that the step read but did not write."""
    if touched is None:
        return []
    written = set(touched.written)
    files = []
    for file in touched.read:
        if file.path in written or file.path == context["file"] or not file.path.startswith(PROJECT_PREFIX + "/"):
            continue
        files.append([file.path, _digest_as_read(file.path, file.size, file.mtime_ns, present)])
    return sorted(files)


def _digest_as_read(path: str, size: int, mtime_ns: int, present: Present) -> str:
    """Return the digest of a file as the step read it, which may have been saved again since."""
    host = host_path(path, present.project_dir, present.data_dir)
    digest = present.digests.digest_of_version(host, size, mtime_ns)
    if digest is not None:
        return digest
    try:
        found = Path(host).stat()
    except OSError:
        return CHANGED_WHILE_RUNNING
    return (
        present.file_digest(path) if (found.st_size, found.st_mtime_ns) == (size, mtime_ns) else CHANGED_WHILE_RUNNING
    )


def _data(touched: Touched | None) -> list[list[Any]]:
    if touched is None:
        return []
    written = set(touched.written)
    return sorted(
        [file.path, file.size, file.mtime_ns]
        for file in touched.read
        if file.path.startswith(DATA_PREFIX + "/") and file.path not in written
    )


def _read_parameters(values: Mapping[str, Any], read: Sequence[str] | None) -> dict[str, Any]:
    """Return the values of the parameters that were read; None stands for one that was asked for in vain."""
    if read is None or EVERY in read:
        return dict(values)
    return {name: values.get(name) for name in read}
