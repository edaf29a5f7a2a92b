"""What a step gets: the outputs of the steps that it is connected to, found first and read then."""

from __future__ import annotations

import sys
import warnings

from . import legacy
from .error import (
    DeserializationError,
    DiskOutputNotFoundError,
    InputNameCollisionError,
    InvalidMetaDataError,
    OutputNotFoundError,
    StepUUIDResolveError,
)
from .handover import Handover, Output, Parent, current
from .segment import SegmentError, read_header, read_segment

UNNAMED = "unnamed"


def collect(ignore_failure: bool, verbose: bool) -> dict[str, object]:
    """Return the inputs as ``transfer.get_inputs`` promises them."""
    found = [_find(parent) for parent in _parents(current())]
    _check_names(found)
    if not ignore_failure:
        for parent in found:
            if not parent.outputs:
                raise _nothing_from(parent)
    unnamed: list[object] = []
    inputs: dict[str, object] = {UNNAMED: unnamed}
    for parent in found:
        for output in parent.outputs or (None,):
            value = _retrieve(parent, output, ignore_failure, verbose)
            if output is None or output.name is None:
                unnamed.append(value)
            else:
                inputs[output.name] = value
    return inputs


def _parents(handover: Handover | None) -> tuple[Parent, ...]:
    """Return the step's parents in the order of its connections."""
    if handover is not None:
        return handover.parents
    from .pipeline import Pipeline
    from .utils import get_step_uuid

    pipeline = Pipeline.from_file()
    try:
        step = pipeline.get_step_by_uuid(get_step_uuid(pipeline))
    except StepUUIDResolveError as error:
        raise StepUUIDResolveError(f"It is not known from where to get inputs. {error}") from error
    return tuple(Parent(parent.uuid, parent.title, ()) for parent in step.parents)


def _find(parent: Parent) -> Parent:
    """Return the parent, with its output on disk where the engine knows of none: that of an old project."""
    if parent.outputs:
        return parent
    try:
        stored = legacy.find(parent.step)
    except (InvalidMetaDataError, DiskOutputNotFoundError):
        return parent  # nothing that can be read is nothing
    if stored is None:
        return parent
    return parent._replace(outputs=(Output(stored.name, stored.path, "legacy", stored.serialization.name),))


def _check_names(parents: list[Parent]) -> None:
    """Raise InputNameCollisionError where a name comes from several steps."""
    titles: dict[str, list[str]] = {}
    for parent in parents:
        for output in parent.outputs:
            if output.name is not None:
                titles.setdefault(output.name, []).append(parent.title)
    collisions = {name: sorted(of) for name, of in titles.items() if len(of) > 1}
    if collisions:
        lines = "\n".join(f'  "{name}" from: {", ".join(of)}' for name, of in sorted(collisions.items()))
        raise InputNameCollisionError(
            f"Several incoming steps hand over outputs of the same name:\n{lines}\nGive each output another name."
        )


def _nothing_from(parent: Parent) -> OutputNotFoundError:
    return OutputNotFoundError(
        f'The incoming step "{parent.title}" ({parent.step}) has no output. Run it first; if it did run, let it call '
        "orchest.output(...), or remove the connection."
    )


def _retrieve(parent: Parent, output: Output | None, ignore_failure: bool, verbose: bool) -> object:
    """Return the value of an output, None where it can't be had and that does not matter."""
    try:
        if output is None:
            raise _nothing_from(parent)
        value = _read(parent, output)
    except (OutputNotFoundError, DeserializationError) as error:
        if not ignore_failure:
            raise
        if isinstance(error, DeserializationError):
            warnings.warn(f"An input is None: {error}", RuntimeWarning, stacklevel=4)
        if verbose:
            print(f'Failed to retrieve input from step: "{parent.title}"')  # noqa: T201 - that is what verbose is
        return None
    if verbose:
        print(f'Retrieved input from step: "{parent.title}"')  # noqa: T201
    return value


def _read(parent: Parent, output: Output) -> object:
    """Return the value of an output.

    Raises:
        OutputNotFoundError: Its payload is gone.
        DeserializationError: It can't be turned into a value here.
    """
    what = f'the output of the step "{parent.title}" ({parent.step})'
    if output.name is not None:
        what = f'the output "{output.name}" of the step "{parent.title}" ({parent.step})'
    try:
        if output.kind == "legacy":
            return legacy.read(output.path, output.serialization)
        return read_segment(output.path)
    except FileNotFoundError as error:
        if error.filename != output.path:
            raise _unreadable(what, output, error) from error
        raise OutputNotFoundError(f"The file with {what} is gone ({output.path}). Run that step again.") from error
    except SegmentError as error:
        raise DeserializationError(f"The file with {what} is damaged: {error}. Run that step again.") from error
    except ModuleNotFoundError as error:
        raise DeserializationError(
            f"To read {what}, the module {error.name!r} is needed, which is missing in this step's environment. "
            "Install it there, or hand over something that does not need it."
        ) from error
    except Exception as error:  # unpickling runs the classes' own code, which may raise anything
        raise _unreadable(what, output, error) from error


def _unreadable(what: str, output: Output, error: Exception) -> DeserializationError:
    return DeserializationError(
        f"It is not possible to read {what}: {type(error).__name__}: {error}.{_version_hint(output)} "
        "If its file is damaged, run that step again."
    )


def _version_hint(output: Output) -> str:
    """Return a sentence where the writer's Python was another one: functions and classes by value need the same."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    try:
        there = read_header(output.path)["python"] if output.kind == "segment" else here
    except (OSError, SegmentError, KeyError):
        there = here
    return "" if there == here else f" It was written by Python {there}, this is {here}."
