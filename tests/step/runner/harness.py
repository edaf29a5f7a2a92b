"""A stand-in for the engine: starts the runner, tells it what to run, and gathers what it says."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orchest_tui.execution import protocol

RUNNER = Path(__file__).parents[3] / "orchest_tui" / "step" / "runner"
PATIENCE = 60.0
"""Seconds after which a test gives up; never what a test measures."""


class Step:
    """One step of a project in ``folder``, and the runner that runs it."""

    def __init__(self, folder: Path, python: str = sys.executable, runner: Sequence[str] = ()) -> None:
        self.project = folder / "project"
        self.source = self.project / "src"
        self.output = folder / "out"
        self.spill = folder / "spill"
        self.log_file = folder / "step.log"
        for path in (self.source, self.output, self.spill):
            path.mkdir(parents=True, exist_ok=True)
        self._messages: list[protocol.RunnerMessage] = []
        self._pending = b""
        self.raw = b""
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("ORCHEST", "PYTHON"))}
        self.process = subprocess.Popen(
            [*runner, python, str(RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            start_new_session=True,
        )

    def write(self, name: str, content: str) -> Path:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content))
        return path

    def send(self, message: protocol.EngineMessage) -> None:
        self.send_raw(protocol.encode(message))

    def send_raw(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def prepare(self, kind: protocol.StepKind = "python", **fields: Any) -> protocol.Ready:
        values: dict[str, Any] = {"environ": {}, "cwd": str(self.source), "version": protocol.PROTOCOL_VERSION}
        self.send(protocol.Prepare(kind=kind, **{**values, **fields}))
        return self.wait_for(protocol.Ready)

    def start(self, file: str, **fields: Any) -> None:
        values: dict[str, Any] = {"roots": [str(self.project)], "inputs": [], "grace": 10.0}
        self.send(
            protocol.Run(
                run="1",
                step="a-step",
                file=str(self.project / file),
                log=str(self.log_file),
                output_dir=str(self.output),
                spill_dir=str(self.spill),
                **{**values, **fields},
            )
        )

    def finish(self) -> protocol.Finished:
        return self.wait_for(protocol.Finished)

    def run(self, code: str, name: str = "src/step.py", kind: protocol.StepKind = "python", **fields: Any) -> Any:
        """Write, prepare, run and wait; ``prepare_…`` fields go to ``prepare``."""
        self.write(name, code)
        early = {key[8:]: fields.pop(key) for key in list(fields) if key.startswith("prepare_")}
        self.prepare(kind, **early)
        self.start(name, **fields)
        return self.finish()

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @property
    def messages(self) -> list[protocol.RunnerMessage]:
        return list(self._messages)

    @property
    def kinds(self) -> list[str]:
        """Names of the messages, without those that come by the clock."""
        return [type(message).__name__ for message in self._messages if not isinstance(message, protocol.Usage)]

    def of(self, kind: type) -> list[Any]:
        return [message for message in self._messages if isinstance(message, kind)]

    @property
    def touched(self) -> protocol.Touched:
        return self.wait_for(protocol.Touched)

    def read_relative(self) -> set[str]:
        return {os.path.relpath(file.path, self.project) for file in self.touched.read}

    def wait_for(self, kind: type) -> Any:
        """Return the first message of ``kind``, waiting for it."""
        deadline = time.monotonic() + PATIENCE
        while not self.of(kind):
            assert time.monotonic() < deadline, f"no {kind.__name__} but {self._messages}; log: {self.log}"
            assert self._read(deadline), f"no {kind.__name__}: {self._messages}; log: {self.log}; {self.errors()}"
        return self.of(kind)[0]

    def wait_for_log(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.log:
            assert time.monotonic() < deadline, f"no {text!r} in the log: {self.log}"
            time.sleep(0.01)

    def wait_for_end(self) -> int:
        """Read to the end of the runner's output and return its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(PATIENCE)

    def _read(self, deadline: float) -> bool:
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not readable:
            return True
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        self.raw += data
        *lines, self._pending = (self._pending + data).split(b"\n")
        self._messages += [protocol.decode(line) for line in lines]
        return bool(data)

    def errors(self) -> str:
        """Return what the runner itself wrote to its standard error, once it has ended."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode(errors="replace")

    def close(self) -> None:
        """End the runner, whatever it does."""
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def alive(pid: int) -> bool:
    """Whether a process exists that is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def notebook(*sources: str, metadata: dict[str, Any] | None = None, tags: dict[int, list[str]] | None = None) -> str:
    """Return a notebook of code cells as JSON."""
    cells = [
        {
            "cell_type": "code",
            "source": source,
            "metadata": {"tags": tags[index]} if tags and index in tags else {},
            "outputs": [],
            "execution_count": None,
        }
        for index, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)
