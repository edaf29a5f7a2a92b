"""Where benchmarks work: a user and projects of their own in temporary folders, and engines on them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.timing import run, wait_until
from orchest_tui.engine.engine import Engine
from orchest_tui.engine.requests import RunRequest
from orchest_tui.project.settings import load_settings

PLAIN = "orchest-tui/base-py"
"""Base image of an environment with nothing but Python and the notebook tools."""

STACK = "orchest/base-kernel-py"
"""Base image of an environment with numpy, pandas and pyarrow."""

CALM = 0.3
"""Seconds after a spare got warm in which what the last run left is cleaned up; a person is no faster."""

_IMAGE_VARIABLE = "ORCHEST_TUI_BASE_IMAGE"
_TEST_IMAGE = "orchest-tui-test-base"


@dataclass(frozen=True, slots=True)
class StepFile:
    """A step of a benchmark's pipeline.

    Attributes:
        title: Its title; the file is named after it.
        content: What stands in its file.
        parents: Titles of the steps that it is connected to.
        suffix: What kind of file it is.
    """

    title: str
    content: str
    parents: Sequence[str] = ()
    suffix: str = "py"

    @property
    def uuid(self) -> str:
        """A uuid that only depends on the title."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.title))

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.title.lower().replace(' ', '_')}.{self.suffix}"


@dataclass
class Workbench:
    """A temporary user with projects.

    Attributes:
        folder: Where everything lies that needs no memory.
        rounds: How often to measure.
        quick: Whether to be content with rough figures.
    """

    folder: Path
    rounds: int
    quick: bool

    def pipeline(self, steps: Sequence[StepFile], base_image: str = PLAIN) -> Path:
        """Make a project with one pipeline of ``steps`` and return the pipeline's file."""
        project = Path(tempfile.mkdtemp(prefix="project-", dir=self.folder))
        environment = str(uuid.uuid5(uuid.NAMESPACE_OID, base_image))
        folder = project / ".orchest" / "environments" / environment
        folder.mkdir(parents=True)
        properties = {"uuid": environment, "name": "Python", "language": "python", "gpu_support": False}
        (folder / "properties.json").write_text(json.dumps({**properties, "base_image": base_image}))
        (folder / "setup_script.sh").write_text("#!/bin/bash\n")
        by_title = {step.title: step.uuid for step in steps}
        described = {}
        for step in steps:
            (project / step.file).write_text(step.content)
            described[step.uuid] = {
                "uuid": step.uuid, "title": step.title, "file_path": step.file, "environment": environment,
                "incoming_connections": [by_title[title] for title in step.parents], "parameters": {},
                "kernel": {"name": "python", "display_name": "Python 3"},
            }  # fmt: skip
        document = {
            "name": "Benchmark", "uuid": str(uuid.uuid4()), "version": "1.2.3", "parameters": {}, "services": {},
            "steps": described, "settings": {"auto_eviction": False, "data_passing_memory_size": "8GB"},
        }  # fmt: skip
        path = project / "main.orchest"
        path.write_text(json.dumps(document, indent=4, sort_keys=True))
        return path

    def open_engine(self, path: Path, **settings: Any) -> Engine:
        """Return an open engine as a front end that stays has it, with ``settings`` in the place of the user's."""
        chosen = replace(load_settings(path.parent).settings, **settings)
        engine = Engine(path.parent, path, chosen, keep_warm=True)
        engine.open()
        return engine

    @contextlib.contextmanager
    def engine(self, path: Path, **settings: Any) -> Iterator[Engine]:
        """Open an engine for the length of a ``with`` block; arguments as for ``open_engine``."""
        engine = self.open_engine(path, **settings)
        try:
            yield engine
        finally:
            engine.close()


@contextlib.contextmanager
def workbench(rounds: int, *, quick: bool) -> Iterator[Workbench]:
    """Give a workbench whose user has no settings, data or history; nothing is left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="orchest-tui-benchmarks-"))
    memory = Path(tempfile.mkdtemp(prefix="orchest-tui-benchmarks-", dir="/dev/shm"))
    before = dict(os.environ)
    for name in before:
        if name.startswith(("ORCHEST_TUI_", "PYTHON")) and name != _IMAGE_VARIABLE:
            del os.environ[name]
    os.environ |= {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    os.environ |= {"ORCHEST_TUI_MEMORY_DIR": str(memory), "ORCHEST_TUI_EXECUTOR": "docker", **_base_image()}
    try:
        yield Workbench(folder, rounds, quick)
    finally:
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(memory, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _base_image() -> Mapping[str, str]:
    """Return the variable that names the tests' own base image, where the machine has it and the user names none."""
    if _IMAGE_VARIABLE in os.environ:
        return {}
    tags = run(["docker", "image", "ls", _TEST_IMAGE, "--format", "{{.Repository}}:{{.Tag}}"]).split()
    return {_IMAGE_VARIABLE: tags[0]} if tags else {}


def finish(engine: Engine, request: RunRequest | None = None) -> int:
    """Run (everything, unless ``request`` says else) to the end and return the run's number.

    Raises:
        RuntimeError: A step did not succeed; with the end of its log.
    """
    number = engine.start_run(request or RunRequest("all"))
    assert number is not None
    wait_for(engine, number)
    return number


def wait_for(engine: Engine, number: int) -> None:
    """Wait for the end of a run that has to succeed.

    Raises:
        RuntimeError: A step did not succeed; with the end of its log.
    """
    end = engine.wait(number, timeout=1200)
    if end is None or end.status != "SUCCESS":
        logs = sorted(engine.opened.layout.logs_dir(number).glob("*.log"))
        words = "\n".join(log.read_text(errors="replace")[-2000:] for log in logs)
        raise RuntimeError(f"Run {number} did not succeed: {end and end.reason}\n{words}")


def wait_warm(engine: Engine, spares: int = 1) -> None:
    """Wait until there are ``spares`` warm spares and the machine has calmed down."""
    wait_until(lambda: engine.warm_spares >= spares, "no spare gets warm")
    time.sleep(CALM)


def log_of(engine: Engine, number: int, step: StepFile) -> Path:
    """Return where the log of a step of a run is."""
    return engine.opened.layout.log_file(number, step.uuid)


def reported(engine: Engine, number: int, step: StepFile) -> dict[str, float]:
    """Return the figures that a step printed as one JSON object on its last line."""
    lines = log_of(engine, number, step).read_text().splitlines()
    found: dict[str, float] = json.loads(lines[-1])
    return found


def has_line(log: Path) -> bool:
    """Tell whether a log is there and ends with a whole line."""
    return log.is_file() and log.read_text().endswith("\n")
