"""Handing data from step to step: ``output`` and ``get_inputs``."""

from __future__ import annotations

import os
import warnings
from typing import Any

from . import handover, inputs, reports
from .config import Config
from .error import DataInvalidNameError, Error, OrchestNetworkError, SerializationError, StepUUIDResolveError
from .legacy import Serialization

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Serialization", "get_inputs", "output", "output_to_disk", "output_to_memory"]

_names_on_disk: set[str | None] = set()


def get_inputs(ignore_failure: bool = False, verbose: bool = False) -> dict[str, Any]:
    """Return what the incoming steps handed over.

    Arrays and tables are mapped, not copied; they may be changed at will, and the step that made them, and others that
    get them, see nothing of it.

    Args:
        ignore_failure: Return None in place of what can't be had, instead of raising. A step without any output has
            its None in the list ``unnamed``.
        verbose: Print a line for each input.

    Returns:
        Named outputs under their names; unnamed ones in a list under ``"unnamed"``, which is always there, in the order
        of the step's connections.

    Raises:
        OutputNotFoundError: An incoming step has no output, or its file is gone.
        InputNameCollisionError: Outputs of several incoming steps have the same name.
        DeserializationError: An output can't be read here: it is damaged, or a module is missing.
        StepUUIDResolveError: It is not known which step this is.
        PipelineDefinitionNotFoundError: There is no engine, and the pipeline's definition can't be read.
    """
    return inputs.collect(ignore_failure, verbose)


def output(data: Any, name: str | None) -> None:
    """Hand data over to the steps that are connected to this one.

    A step may hand over several outputs under different names; one of the same name replaces the last.

    Args:
        data: Anything that can be pickled, functions and classes of this very file among it.
        name: Under which name the others get it; None for none.

    Raises:
        DataInvalidNameError: No output can have this name.
        SerializationError: The data can't be pickled; the message names the part of it.
        NoRoomError: It fits neither memory nor disk (an ``OSError``).
        StepUUIDResolveError: It is not known which step this is.
    """
    _check_name(name)
    arranged = handover.current()
    if arranged is None:
        output_to_disk(data, name)
    else:
        _output_segment(data, name, arranged, disk_fallback=True)


def output_to_memory(data: Any, name: str | None, disk_fallback: bool = True) -> None:
    """Hand data over in memory.

    Args:
        data: As for ``output``.
        name: As for ``output``.
        disk_fallback: Whether disk is fine where memory is full.

    Raises:
        MemoryError: It does not fit, and ``disk_fallback`` is false.
        OrchestNetworkError: There is no engine to take it, and ``disk_fallback`` is false.
        Error: As for ``output``.
    """
    _check_name(name)
    arranged = handover.current()
    if arranged is not None:
        _output_segment(data, name, arranged, disk_fallback)
    elif disk_fallback:
        output_to_disk(data, name)
    else:
        raise OrchestNetworkError("No engine is there that could keep an output in memory.")


def output_to_disk(
    data: Any,
    name: str | None,
    serialization: Serialization | None = None,
) -> None:
    """Hand data over on disk, in Orchest's own format.

    Args:
        data: As for ``output``.
        name: As for ``output``.
        serialization: What to write it as; without it, Arrow tables and batches as such, anything else as a pickle.

    Raises:
        Error: As for ``output``.
    """
    from . import legacy

    _check_name(name)
    with_engine = handover.current() is not None
    step = _step_uuid()
    kind = serialization or legacy.serialization_of(data)
    stored = _pickling(lambda: legacy.write(data, name, step, kind, keep=with_engine), data, name)
    if with_engine:
        _report(data, name, stored.path, stored.bytes, kind.name)
    elif _names_on_disk - {name} and not Config.silence_multiple_data_transfer_calls_warning:
        warnings.warn(
            "Without an engine a step has one output on disk: this one replaces that of another name.",
            RuntimeWarning,
            stacklevel=3,
        )
    _names_on_disk.add(name)


def _check_name(name: object) -> None:
    """Raise DataInvalidNameError unless an output can have this name."""
    if name is None:
        return
    if not isinstance(name, str):
        raise DataInvalidNameError(f"An output's name is a string or None, not a {type(name).__name__}.")
    if name == Config._RESERVED_UNNAMED_OUTPUTS_STR:
        raise DataInvalidNameError(f'An output can\'t be named "{name}": that stands for those without a name.')
    if Config.__METADATA_SEPARATOR__ in name:
        raise DataInvalidNameError(f'The output name {name!r} can\'t have "{Config.__METADATA_SEPARATOR__}" in it.')


def _step_uuid() -> str:
    uuid = os.environ.get("ORCHEST_STEP_UUID")
    if uuid:
        return uuid
    from .pipeline import Pipeline
    from .utils import get_step_uuid

    try:
        return get_step_uuid(Pipeline.from_file())
    except StepUUIDResolveError as error:
        raise StepUUIDResolveError(f"It is not known where to output data to. {error}") from error


def _output_segment(data: Any, name: str | None, arranged: handover.Handover, disk_fallback: bool) -> None:
    """Write a segment and report it."""
    from . import segment
    from .writing import NoRoomError

    file = segment.file_name(name)
    step = os.environ.get("ORCHEST_STEP_UUID", "")
    spill = os.path.join(arranged.spill_dir, file) if disk_fallback else None
    path = os.path.join(arranged.output_dir, file)
    try:
        written = _pickling(
            lambda: segment.write_segment(data, path, name=name, step=step, spill=spill, recycle=arranged.recycle),
            data,
            name,
        )
    except NoRoomError as error:
        if disk_fallback:
            raise
        raise MemoryError(f"The output does not fit in memory: {error.strerror}.") from error
    _report(data, name, written.path if written.spilled else file, written.bytes, None)


def _pickling(write: Callable[[], Any], data: object, name: str | None) -> Any:
    """Do what pickles ``data``; say in one sentence what can't be pickled.

    Raises:
        SerializationError: Something can't.
    """
    try:
        return write()
    except (Error, OSError, MemoryError):
        raise
    except Exception as error:  # pickling runs the values' own code, which may raise anything
        from .culprit import locate

        what = "The output" if name is None else f'The output "{name}"'
        raise SerializationError(
            f"{what} can't be pickled at {locate(data)}: {type(error).__name__}: {error}."
        ) from error


def _report(data: object, name: str | None, file: str, size: int, serialization: str | None) -> None:
    """Tell the engine of an output that is in place."""
    from .previews import preview

    report: dict[str, object] = {
        "type": "output",
        "name": name,
        "file": file,
        "bytes": size,
        "kind": "segment" if serialization is None else "legacy",
        "preview": {**preview(data), "bytes": size},
    }
    if serialization is not None:
        report["serialization"] = serialization
    if not reports.send(report):
        warnings.warn(
            f"The output was written ({file}), but there is nobody to tell: the step's supervisor does not answer.",
            RuntimeWarning,
            stacklevel=4,
        )
