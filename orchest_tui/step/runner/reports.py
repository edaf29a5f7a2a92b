"""Reports from the step's processes: a socket that they reach, and the checks before anything goes to the engine.

A report is one JSON object in one packet: ``output``, ``progress`` and ``parameters`` from the SDK (see its
``reports.py``), ``touched`` from the recorder. It was made beside foreign code, by whoever found the socket, so
nothing in it is believed: types and sizes are checked, files are looked at, unknown fields are dropped.
"""

from __future__ import annotations

import os
import selectors
import socket
import stat

from .messages import MessageError, Output, Progress, Touched, decode_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .messages import Run

MAX_PACKET_BYTES = 200_000
MAX_DEPTH = 32
MAX_NAME = 1000
MAX_TEXT = 1000
MAX_FILES = 2000
"""Touched files above which the record is called incomplete."""

MAX_PATH_BYTES = 150_000
"""The same for the length of all paths together, so that the message fits one line."""

BACKLOG = 128


class ReportError(ValueError):
    """A report is not what it should be; the text says why."""


class ReportServer:
    """Listens on the report socket.

    Args:
        path: Where the socket is made.
        selector: Where connections are registered.
        on_packet: Called with each packet.
    """

    def __init__(self, path: str, selector: selectors.BaseSelector, on_packet: Callable[[bytes], None]) -> None:
        self._selector = selector
        self._on_packet = on_packet
        self._connections: dict[socket.socket, Callable[[], None]] = {}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(path)
        self._listener.listen(BACKLOG)
        self._listener.setblocking(False)
        selector.register(self._listener, selectors.EVENT_READ, self.drain)

    def drain(self) -> None:
        """Take everything that has been sent by now, in the order of the connections.

        A process that sends each report over a connection of its own has sent the one before it makes the next, so
        that its reports arrive in its order.
        """
        while self._accept():
            pass
        for read in list(self._connections.values()):
            read()

    def _accept(self) -> bool:
        """Take one connection; return whether there was one."""
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return False
        connection.setblocking(False)

        def read(connection: socket.socket = connection) -> None:
            self._read(connection)

        self._connections[connection] = read
        self._selector.register(connection, selectors.EVENT_READ, read)
        return True

    def _read(self, connection: socket.socket) -> None:
        while True:
            try:
                packet = connection.recv(MAX_PACKET_BYTES + 1)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                self._selector.unregister(connection)
                del self._connections[connection]
                connection.close()
                return
            self._on_packet(packet)


class Reports:
    """Turns packets into messages for the engine, and collects what the step touched.

    Args:
        run: What the step was told, for the folders that its outputs may lie in.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.touched = TouchRecord()

    def message(self, packet: bytes) -> Output | Progress | None:
        """Return what the engine is told because of ``packet``, None where that comes with ``touched``.

        Raises:
            ReportError: The packet is no report.
        """
        if len(packet) > MAX_PACKET_BYTES:
            raise ReportError(f"more than {MAX_PACKET_BYTES} bytes")
        try:
            report = decode_object(packet)
        except MessageError as error:
            raise ReportError(str(error)) from error
        kind = report["type"]
        if kind == "output":
            return self._output(report)
        if kind == "progress":
            return _progress(report)
        if kind == "parameters":
            self.touched.add_parameters(_names(report, "step"), _names(report, "pipeline"))
        elif kind == "touched":
            self.touched.add(report)
        else:
            raise ReportError("unknown type")
        return None

    def _output(self, report: Mapping[str, Any]) -> Output:
        name = report.get("name")
        if name is not None and not (isinstance(name, str) and len(name) <= MAX_NAME):
            raise ReportError("the output's name is no text or too long")
        kind = report.get("kind", "segment")
        serialization = report.get("serialization")
        if kind not in ("segment", "legacy") or not (serialization is None or isinstance(serialization, str)):
            raise ReportError("unknown kind of output")
        preview = report.get("preview", {})
        if not isinstance(preview, dict) or not _shallow(preview, MAX_DEPTH):
            raise ReportError("the preview is no object or too deep")
        file = report.get("file")
        if not isinstance(file, str):
            raise ReportError("the output has no file")
        size = self._size(file)
        return Output(name=name, file=file, bytes=size, kind=kind, serialization=serialization, preview=preview)

    def _size(self, file: str) -> int:
        """Return the size of an output's file in bytes, if it lies where outputs may lie."""
        if os.path.isabs(file):
            allowed = [self._run.spill_dir, self._run.output_dir, *self._run.roots]
            path = os.path.realpath(file)
            if not any(_below(path, os.path.realpath(folder)) for folder in allowed):
                raise ReportError(f"{file!r} lies outside of the step's folders")
        elif "/" in file or file in ("", ".", ".."):
            raise ReportError(f"{file!r} is no file name")
        else:
            path = os.path.join(self._run.output_dir, file)
        try:
            status = os.lstat(path)
        except (OSError, ValueError) as error:
            raise ReportError(f"{file!r} can't be found") from error
        if not stat.S_ISREG(status.st_mode):
            raise ReportError(f"{file!r} is no regular file")
        return status.st_size


class TouchRecord:
    """What all processes of the step touched, merged."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[int, int]] = {}
        self._written: dict[str, None] = {}
        self._step_parameters: dict[str, None] = {}
        self._pipeline_parameters: dict[str, None] = {}
        self._early_imports: list[str] = []
        self._complete = True
        self._path_bytes = 0

    def add(self, report: Mapping[str, Any]) -> None:
        """Add one ``touched`` report; fields as in ``messages.Touched``, each of them optional.

        Raises:
            ReportError: A field has the wrong type.
        """
        early = _names(report, "early_imports")
        for entry in _list(report, "read"):
            if not (isinstance(entry, list) and len(entry) == 3 and isinstance(entry[0], str)):
                raise ReportError("read holds something else than path, size and time")
            path, size, mtime_ns = entry
            if not _is_int(size) or not _is_int(mtime_ns):
                raise ReportError("a size or a time is no integer")
            if path not in self._read and self._fits(path):
                self._read[path] = (size, mtime_ns)
        for path in _names(report, "written"):
            if path not in self._written and self._fits(path):
                self._written[path] = None
        if len(early) > len(self._early_imports):
            self._early_imports = early
        if report.get("complete") is False:
            self._complete = False

    def add_parameters(self, step: list[str], pipeline: list[str]) -> None:
        """Add names of parameters that were read, ``*`` for all of them."""
        self._step_parameters.update(dict.fromkeys(step))
        self._pipeline_parameters.update(dict.fromkeys(pipeline))

    def message(self) -> Touched:
        """Return the whole record."""
        return Touched(
            read=[[path, size, mtime_ns] for path, (size, mtime_ns) in self._read.items()],
            written=list(self._written),
            step_parameters=list(self._step_parameters),
            pipeline_parameters=list(self._pipeline_parameters),
            early_imports=self._early_imports,
            complete=self._complete,
        )

    def _fits(self, path: str) -> bool:
        self._path_bytes += len(path.encode("utf-8", "replace")) + 48
        if len(self._read) + len(self._written) < MAX_FILES and self._path_bytes < MAX_PATH_BYTES:
            return True
        self._complete = False
        return False


def _progress(report: Mapping[str, Any]) -> Progress:
    fraction, text = report.get("fraction"), report.get("text", "")
    if fraction is not None and not (_is_number(fraction) and 0 <= fraction <= 1):
        raise ReportError("the progress's fraction is no number from 0 to 1")
    if not isinstance(text, str):
        raise ReportError("the progress's text is no text")
    return Progress(fraction=None if fraction is None else float(fraction), text=text[:MAX_TEXT])


def _list(report: Mapping[str, Any], field: str) -> list[Any]:
    value = report.get(field, [])
    if not isinstance(value, list):
        raise ReportError(f"{field} is no list")
    return value


def _names(report: Mapping[str, Any], field: str) -> list[str]:
    names = _list(report, field)
    if not all(isinstance(name, str) for name in names):
        raise ReportError(f"{field} holds something else than text")
    return names


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _shallow(value: object, depth: int) -> bool:
    """Whether ``value`` nests at most ``depth`` levels of lists and objects."""
    if isinstance(value, dict):
        return depth > 0 and all(_shallow(item, depth - 1) for item in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_shallow(item, depth - 1) for item in value)
    return True
