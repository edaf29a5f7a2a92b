"""The runner's side of the runner protocol; ``execution/protocol.py`` is the other side and says what fields mean.

One JSON object a line. Written without dataclasses and typing, whose imports cost more than everything else here.
"""

from __future__ import annotations

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, ClassVar, TypeVar, dataclass_transform

    MessageType = TypeVar("MessageType", bound="Message")
else:

    def dataclass_transform(**_options):
        """Stand in for ``typing.dataclass_transform``, which is for type checkers only."""
        return lambda decorated: decorated


PROTOCOL_VERSION = 1
"""The version that this runner speaks; ``prepare`` with another one is refused."""

MAX_LINE_BYTES = 256 * 1024
"""The engine takes no longer line."""


class MessageError(ValueError):
    """A line is not a message that this runner knows."""


@dataclass_transform(kw_only_default=True)
class Message:
    """Base of all messages: keyword arguments become attributes, class attributes are the defaults.

    Raises:
        TypeError: A field without a default is missing.
    """

    type: ClassVar[str] = ""

    def __init__(self, **values: Any) -> None:
        for name in self.fields():
            if name in values:
                setattr(self, name, values[name])
            elif not hasattr(type(self), name):
                raise TypeError(f"{self.type}: {name} is missing")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.as_dict() == getattr(other, "as_dict", dict)()

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def fields(cls) -> tuple[str, ...]:
        """Return the names of the message's fields, in the protocol's order."""
        return tuple(cls.__annotations__)

    def as_dict(self) -> dict[str, Any]:
        """Return the message as it goes over the wire: fields that have their default value are left out."""
        wire: dict[str, Any] = {"type": self.type}
        for name in self.fields():
            value = getattr(self, name)
            default = getattr(type(self), name, _NO_DEFAULT)
            if default is _NO_DEFAULT or not (value == default or (default in ((), {}) and not value)):
                wire[name] = value
        return wire


_NO_DEFAULT = object()


class Prepare(Message):
    """First message of the engine: what can be done before anything is known about the run."""

    type = "prepare"
    version: int
    kind: str
    environ: Mapping[str, str]
    cwd: str
    imports: Sequence[str] = ()
    tools: str | None = None
    language: str = "python"
    home: str | None = None


class Run(Message):
    """Second message of the engine: run the step now."""

    type = "run"
    run: str
    step: str
    file: str
    log: str
    output_dir: str
    spill_dir: str
    inputs: Sequence[Mapping[str, Any]]
    recycle: Sequence[str] = ()
    touch: bool = True
    roots: Sequence[str] = ()
    timeout: float | None = None
    grace: float = 10.0


class Abort(Message):
    """The engine wants the step to end."""

    type = "abort"
    grace: float = 10.0
    reason: str = "aborted"


class Ready(Message):
    """The child is warm."""

    type = "ready"
    python: str
    imported: Sequence[str] = ()
    problem: str | None = None


class Started(Message):
    """The step's own code is about to run."""

    type = "started"
    time: float


class Output(Message):
    """The step handed something over."""

    type = "output"
    name: str | None
    file: str
    bytes: int
    kind: str = "segment"
    serialization: str | None = None
    preview: Mapping[str, Any] = {}


class Progress(Message):
    """How far the step is."""

    type = "progress"
    fraction: float | None = None
    text: str = ""


class Usage(Message):
    """What the step uses."""

    type = "usage"
    time: float
    cpu: float
    memory: int


class Cell(Message):
    """A notebook's cell changed its state."""

    type = "cell"
    index: int
    count: int
    status: str
    seconds: float | None = None


class Touched(Message):
    """What the step used; ``read`` holds lists of path, size in bytes and mtime in ns."""

    type = "touched"
    read: Sequence[Sequence[Any]] = ()
    written: Sequence[str] = ()
    step_parameters: Sequence[str] = ()
    pipeline_parameters: Sequence[str] = ()
    early_imports: Sequence[str] = ()
    complete: bool = True


class Finished(Message):
    """How the step ended."""

    type = "finished"
    status: str
    time: float
    exit_code: int | None = None
    signal: int | None = None
    reason: str | None = None
    cpu_seconds: float = 0.0
    max_rss: int = 0


ENGINE_MESSAGES = (Prepare, Run, Abort)
RUNNER_MESSAGES = (Ready, Started, Output, Progress, Usage, Cell, Touched, Finished)


def encode(message: Message) -> bytes:
    """Return ``message`` as one line of UTF-8, newline included; lone surrogates become question marks.

    Raises:
        ValueError: A number in it is not finite, or the line would be longer than the engine takes.
    """
    line = encode_object(message.as_dict())
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"a {message.type} message of {len(line)} bytes, {MAX_LINE_BYTES} are allowed")
    return line


def encode_object(value: Mapping[str, Any]) -> bytes:
    """Return ``value`` as one line of JSON in UTF-8, of any length.

    Raises:
        ValueError: A number in it is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace") + b"\n"


def decode_object(line: bytes) -> dict[str, Any]:
    """Return the JSON object of ``line``.

    Raises:
        MessageError: It is no JSON object with a ``type``.
    """
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"no JSON: {error}") from error
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise MessageError("no JSON object with a type")
    return value


def build(cls: type[MessageType], value: Mapping[str, Any]) -> MessageType:
    """Return ``value`` as a message of type ``cls``; unknown fields are ignored, so that an engine may know more.

    Raises:
        MessageError: A field is missing.
    """
    try:
        return cls(**{name: value[name] for name in cls.fields() if name in value})
    except TypeError as error:
        raise MessageError(str(error)) from error


class LineBuffer:
    """Cuts a stream of bytes into lines."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that ``data`` completes, without their newlines."""
        if b"\n" not in data:
            self._rest += data
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines


def python_version() -> str:
    """Return the interpreter's version as ``ready`` tells it: ``3.11.7``."""
    return ".".join(map(str, sys.version_info[:3]))
