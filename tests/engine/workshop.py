"""A project that tests write step by step, and runs of it through an engine; what happened is collected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchest_tui.engine import events
from orchest_tui.engine.engine import Engine
from orchest_tui.engine.inspect import PipelineStatus, inspect_pipeline, looking_at
from orchest_tui.engine.requests import RunKind, RunRequest
from orchest_tui.project.layout import Layout
from orchest_tui.project.settings import Settings, load_settings

PATIENCE = 120.0
"""Seconds after which a wait is a failure; far more than anything takes."""

ENVIRONMENT = "6d1f3a80-3f7e-4c7b-9b0e-2a4c6e8f0b13"
PIPELINE = "9a0c2e4f-5b6d-4f80-a1c3-e5f708192a3b"


def step_uuid(title: str) -> str:
    """Return the uuid of the step called ``title``."""
    return str(uuid.uuid5(uuid.UUID(PIPELINE), title))


def wait_until(condition: Callable[[], bool], what: str = "it") -> None:
    """Return when ``condition`` holds; fail where it never does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} never happened"
        time.sleep(0.02)


@dataclass(frozen=True)
class Outcome:
    """One run as its events told it."""

    end: events.RunFinished
    told: list[events.Event]

    @property
    def last(self) -> dict[str, events.StepChanged]:
        """The last change of every step, by title."""
        return {event.title: event for event in self.told if isinstance(event, events.StepChanged)}

    @property
    def statuses(self) -> dict[str, str]:
        """Title → status at the end."""
        return {title: event.status for title, event in self.last.items()}

    @property
    def why(self) -> dict[str, str | None]:
        """Title → reason at the end."""
        return {title: event.reason for title, event in self.last.items()}

    def reason(self, title: str) -> str:
        """Return why a step ended as it did."""
        return self.last[title].reason or ""

    def of(self, kind: type[Any]) -> list[Any]:
        """Return the events of one kind."""
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def reused(self) -> set[str]:
        """Titles of the steps that were fresh when their turn came."""
        return {event.title for event in self.of(events.StepReused)}


@dataclass
class OpenEngine:
    """An open engine and everything that it has told."""

    engine: Engine
    told: list[events.Event]
    resumed: int | None

    def start(self, kind: RunKind = "all", *titles: str, **request: Any) -> int | None:
        """Begin a run; return its number."""
        return self.engine.start_run(RunRequest(kind, tuple(map(step_uuid, titles)), **request))

    def wait(self, run: int) -> Outcome:
        """Wait for a run's end."""
        end = self.engine.wait(run, PATIENCE)
        assert end is not None, f"run {run} did not end; it told {self.told[-10:]}"
        return Outcome(end, [event for event in self.told if getattr(event, "run", run) == run])

    def run(self, kind: RunKind = "all", *titles: str, **request: Any) -> Outcome:
        """Run to the end."""
        number = self.start(kind, *titles, **request)
        assert number is not None, "there was nothing to run"
        return self.wait(number)

    def notices(self) -> list[str]:
        """Return what was told to a person."""
        return [event.text for event in self.told if isinstance(event, events.Notice)]


@dataclass
class Workshop:
    """A project under test.

    Attributes:
        folder: The project's folder.
        base_image: What its environment starts from.
        flags: Settings.
        definition: The pipeline's document; ``save`` writes it.
    """

    folder: Path
    base_image: str = "orchest-tui/base-py"
    flags: dict[str, Any] = field(default_factory=lambda: {"executor": "local"})
    definition: dict[str, Any] = field(
        default_factory=lambda: {
            "name": "Main", "uuid": PIPELINE, "version": "1.2.3", "parameters": {}, "services": {}, "steps": {},
            "settings": {"auto_eviction": False, "data_passing_memory_size": "4GB"},
        }
    )  # fmt: skip

    def __post_init__(self) -> None:
        environment = self.folder / ".orchest" / "environments" / ENVIRONMENT
        environment.mkdir(parents=True)
        properties = {
            "uuid": ENVIRONMENT, "name": "Python", "language": "python", "base_image": self.base_image,
            "gpu_support": False,
        }  # fmt: skip
        (environment / "properties.json").write_text(json.dumps(properties))
        (environment / "setup_script.sh").write_text("#!/bin/bash\n")

    # -- writing ------------------------------------------------------------------------------------------------

    def write(self, name: str, source: str) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
        return path

    def step(self, title: str, source: str, *parents: str, file: str = "", **keys: Any) -> str:
        """Add a step with its file and return its uuid; ``parents`` are titles."""
        step, name = step_uuid(title), file or f"{title}.py"
        self.write(name, source)
        self.definition["steps"][step] = {
            "uuid": step, "title": title, "file_path": name, "environment": ENVIRONMENT, "parameters": {},
            "incoming_connections": [step_uuid(parent) for parent in parents],
            "kernel": {"name": "python", "display_name": "Python 3"}, **keys,
        }  # fmt: skip
        self.save()
        return step

    def save(self) -> None:
        """Write the pipeline's file as an editor does: beside it, then renamed."""
        beside = self.folder / ".main.orchest.new"
        beside.write_text(json.dumps(self.definition, indent=4))
        beside.replace(self.path)

    # -- running ------------------------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The pipeline's file."""
        return self.folder / "main.orchest"

    @property
    def layout(self) -> Layout:
        """Where the program's files lie."""
        return Layout(self.folder, PIPELINE)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        loaded = load_settings(self.folder, self.flags)
        assert not loaded.problems, loaded.problems
        return loaded.settings

    @contextmanager
    def engine(self, *, keep_warm: bool = False, stop: bool = True) -> Iterator[OpenEngine]:
        """Give an open engine; with ``stop`` a run that goes on at the end is aborted."""
        told: list[events.Event] = []
        engine = Engine(self.folder, self.path, self.settings, keep_warm=keep_warm, on_event=told.append)
        resumed = engine.open()
        try:
            yield OpenEngine(engine, told, resumed)
        finally:
            engine.close(stop=stop)

    def run(self, kind: RunKind = "all", *titles: str, **request: Any) -> Outcome:
        """Run to the end in an engine of its own."""
        with self.engine() as opened:
            return opened.run(kind, *titles, **request)

    # -- looking ------------------------------------------------------------------------------------------------

    def log(self, run: int, title: str) -> str:
        """Return the log of a step in a run, empty where there is none."""
        path = self.layout.log_file(run, step_uuid(title))
        return path.read_text(errors="replace") if path.exists() else ""

    def newest_log(self, title: str) -> str:
        """Return the log of a step's newest run."""
        logs = list((self.layout.log_file(1, "x").parent.parent).glob(f"*/{step_uuid(title)}.log"))
        return max(logs, key=lambda path: int(path.parent.name)).read_text(errors="replace") if logs else ""

    def status(self) -> PipelineStatus:
        """Return how everything stands, as the commands that look see it."""
        with looking_at(self.folder, self.path, self.settings) as opened:
            return inspect_pipeline(opened)

    def reasons(self) -> dict[str, tuple[str, ...]]:
        """Return title → why the step is not fresh; empty for the fresh ones."""
        return {step.title: step.verdict.reasons for step in self.status().steps}

    def fresh(self) -> dict[str, bool | None]:
        """Return title → whether the step is fresh."""
        return {step.title: step.verdict.fresh for step in self.status().steps}

    # -- the command --------------------------------------------------------------------------------------------

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "orchest_tui", *arguments, "--project", str(self.folder)]

    def _environ(self) -> dict[str, str]:
        variables = {f"ORCHEST_TUI_{name.upper()}": str(value) for name, value in self.flags.items()}
        return {**os.environ, **variables}

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call ``orchest-tui`` as a process of its own, to its end."""
        return subprocess.run(
            self._command(arguments), env=self._environ(), capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Start ``orchest-tui``; what still runs at the end of the block is killed."""
        process = subprocess.Popen(
            self._command(arguments), env=self._environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def json_events(text: str) -> list[Mapping[str, Any]]:
    """Return the events that ``run --json`` printed; every one has ``event`` and ``time``."""
    told = [json.loads(line) for line in text.splitlines()]
    for event in told:
        assert isinstance(event["event"], str)
        assert isinstance(event["time"], float)
    return told
