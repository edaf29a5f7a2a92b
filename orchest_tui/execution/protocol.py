"""The runner protocol: what the engine and the runner in a step's container say to each other.

One JSON object a line, UTF-8, in both directions: engine → runner on the runner's standard input, runner → engine on
its standard output. ``type`` tells the message. The runner's side of the same format is ``step/runner/messages.py``
(standard library only, Python 3.8); a test holds the two together. What the runner sends was made beside foreign
code, so it is decoded strictly and its sizes are bounded.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

PROTOCOL_VERSION = 1
"""Raised whenever a message changes its meaning; the runner refuses another version."""

MAX_LINE_BYTES = 256 * 1024
"""A longer line from a runner is a protocol error (previews are bounded far below it)."""

StepKind = Literal["python", "notebook", "command"]
EndStatus = Literal["SUCCESS", "FAILURE", "ABORTED"]


class InputOutput(msgspec.Struct, frozen=True, omit_defaults=True):
    """One output of a parent, as its consumer finds it.

    Attributes:
        name: The output's name, None for an unnamed one.
        path: Absolute path of the payload as the consumer's process sees it.
        kind: ``segment`` (our format) or ``legacy`` (the reference's disk payload, see ``serialization``).
        serialization: For ``legacy``: ``PICKLE``, ``ARROW_TABLE`` or ``ARROW_BATCH``.
    """

    name: str | None
    path: str
    kind: Literal["segment", "legacy"] = "segment"
    serialization: str | None = None


class InputStep(msgspec.Struct, frozen=True):
    """A parent of the step that runs, in the order of ``incoming_connections``, with all that it has handed over."""

    step: str
    title: str
    outputs: list[InputOutput]


class Prepare(msgspec.Struct, frozen=True, tag="prepare", omit_defaults=True):
    """First message: what can be done before anything is known about the run.

    Attributes:
        version: ``PROTOCOL_VERSION``.
        kind: How the step's file is run.
        environ: Environment variables of the step's process, secrets among them, ``ORCHEST_*`` included.
        imports: Modules to import early, dotted names, in order; a failing one is skipped silently.
        tools: Folder with nbclient and ipykernel as the process sees it, None where there is none.
        language: Kernel language of a notebook step (``python``, ``r``, ``julia``, ``javascript``).
        home: A writable folder to use as HOME where the image's own is not writable.
        cwd: The step file's folder as the process sees it (also ``sys.path[0]`` of a script).
    """

    version: int
    kind: StepKind
    environ: dict[str, str]
    cwd: str
    imports: list[str] = []
    tools: str | None = None
    language: str = "python"
    home: str | None = None


class Run(msgspec.Struct, frozen=True, tag="run", omit_defaults=True):
    """Go: run the step now.

    Attributes:
        run: Identity of the run, for the log.
        step: The step's uuid.
        file: Absolute path of the step's file as the process sees it.
        log: Absolute path of the log file; appended to, made if missing.
        output_dir: Folder that receives this step's segments.
        spill_dir: Folder on disk for a segment that does not fit ``output_dir`` any more.
        inputs: The parents with their outputs.
        recycle: Segment files (names in ``output_dir``) whose pages may be overwritten.
        touch: Whether to record what the step touches, and send ``touched``.
        roots: Folders below which touched files are of interest: project and ``/data``, as the process sees them.
        timeout: Seconds after which the step is ended, None for never.
        grace: Seconds between SIGTERM and SIGKILL.
    """

    run: str
    step: str
    file: str
    log: str
    output_dir: str
    spill_dir: str
    inputs: list[InputStep]
    recycle: list[str] = []
    touch: bool = True
    roots: list[str] = []
    timeout: float | None = None
    grace: float = 10.0


class Abort(msgspec.Struct, frozen=True, tag="abort", omit_defaults=True):
    """End the step: SIGTERM to its processes, SIGKILL after ``grace`` seconds; ``reason`` goes into the log."""

    grace: float = 10.0
    reason: str = "aborted"


class Ready(msgspec.Struct, frozen=True, tag="ready", omit_defaults=True):
    """The child is warm: environment set, early imports done, a notebook's kernel started."""

    python: str
    imported: list[str] = []
    problem: str | None = None


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The step's own code is about to run; ``time`` in Unix seconds."""

    time: float


class Output(msgspec.Struct, frozen=True, tag="output", omit_defaults=True):
    """The step handed something over; the file is whole and in place.

    Attributes:
        name: Output name, None when unnamed.
        file: File name in the step's output folder, or an absolute path (spilled or legacy payload).
        bytes: Size of the payload in bytes.
        kind: ``segment`` or ``legacy``.
        serialization: For ``legacy`` payloads only.
        preview: What the SDK says about the value; bounded, hostile text (see ``step/sdk/orchest/previews.py``).
    """

    name: str | None
    file: str
    bytes: int
    kind: Literal["segment", "legacy"] = "segment"
    serialization: str | None = None
    preview: dict[str, Any] = {}


class Progress(msgspec.Struct, frozen=True, tag="progress", omit_defaults=True):
    """How far the step is: ``fraction`` from 0 to 1 where known, and a short text."""

    fraction: float | None = None
    text: str = ""


class Usage(msgspec.Struct, frozen=True, tag="usage"):
    """What the step uses, about once a second while it runs.

    Attributes:
        time: Unix seconds, when it was measured.
        cpu: User and system seconds of all processes of the step since it was ready.
        memory: Bytes resident now, of all of them; what they share counts once.
    """

    time: float
    cpu: float
    memory: int


class Cell(msgspec.Struct, frozen=True, tag="cell", omit_defaults=True):
    """A notebook's cell changed its state; ``index`` counts all cells from 0, ``count`` is their number."""

    index: int
    count: int
    status: Literal["running", "ok", "error", "skipped"]
    seconds: float | None = None


class TouchedFile(msgspec.Struct, frozen=True, array_like=True):
    """A file that the step read: path as the process sees it, size in bytes, mtime in ns, as they were when read."""

    path: str
    size: int
    mtime_ns: int


class Touched(msgspec.Struct, frozen=True, tag="touched", omit_defaults=True):
    """What the step used, sent once, before ``finished``.

    Attributes:
        read: Files under ``roots`` opened for reading, modules imported from there included.
        written: Paths under ``roots`` opened for writing or renamed into place.
        step_parameters: Names of step parameters that were read, ``*`` for all of them.
        pipeline_parameters: The same for the pipeline's.
        early_imports: Top-level and dotted modules that the step imported from outside ``roots`` before it changed
            anything that an import can see; what a spare may import early.
        complete: False where a part could not be seen (a step that is not Python, or too many files).
    """

    read: list[TouchedFile] = []
    written: list[str] = []
    step_parameters: list[str] = []
    pipeline_parameters: list[str] = []
    early_imports: list[str] = []
    complete: bool = True


class Finished(msgspec.Struct, frozen=True, tag="finished", omit_defaults=True):
    """How the step ended, the supervisor's word alone, from the child's exit status.

    Attributes:
        status: SUCCESS, FAILURE or ABORTED.
        time: Unix seconds.
        exit_code: The child's exit code, None when a signal ended it.
        signal: The signal's number, None when it exited.
        reason: In words, for anything but SUCCESS (``exit code 1``, ``killed: out of memory``, ``timed out after
            5 s``, ``file src/x.py is missing``).
        cpu_seconds: User and system time of the child.
        max_rss: Peak resident memory in bytes.
    """

    status: EndStatus
    time: float
    exit_code: int | None = None
    signal: int | None = None
    reason: str | None = None
    cpu_seconds: float = 0.0
    max_rss: int = 0


EngineMessage = Prepare | Run | Abort
RunnerMessage = Ready | Started | Output | Progress | Usage | Cell | Touched | Finished

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[RunnerMessage] = msgspec.json.Decoder(RunnerMessage)


class ProtocolError(ValueError):
    """A line from a runner is not a message of this protocol."""


def encode(message: EngineMessage | RunnerMessage) -> bytes:
    """Return ``message`` as one line, newline included."""
    return _encoder.encode(message) + b"\n"


def decode(line: bytes) -> RunnerMessage:
    """Return the message that a runner sent as ``line``.

    Raises:
        ProtocolError: The line is too long, no JSON, or no message of this protocol.
    """
    if len(line) > MAX_LINE_BYTES:
        raise ProtocolError(f"a line of {len(line)} bytes, {MAX_LINE_BYTES} are allowed")
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(str(error)) from error
