"""One pipeline with all that belongs to it: definition, environments, settings, history, output cache.

Shared by the read-only questions (``inspect``) and the running engine. Imports nothing heavy.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from orchest_tui.cache.store import OutputStore
from orchest_tui.engine.digests import FileDigests
from orchest_tui.engine.freshness import Freshness, Outputs, Present, evaluate_all, host_path, step_path
from orchest_tui.engine.history import History, Success
from orchest_tui.engine.lock import PipelineLock
from orchest_tui.engine.saves import Saves
from orchest_tui.engine.takeover import take_over
from orchest_tui.errors import InvalidProjectError, OrchestTuiError, Problem
from orchest_tui.execution.environment_key import environment_key
from orchest_tui.graph.order import topological_order
from orchest_tui.project.definition import Pipeline
from orchest_tui.project.environment_variables import EnvironmentVariables
from orchest_tui.project.environments import Environment, load_environments
from orchest_tui.project.layout import Layout, data_dir, usable_memory_dir
from orchest_tui.project.load import load_pipeline
from orchest_tui.project.settings import Settings

NO_ENVIRONMENT = "none"
"""Stands in for the key of an environment that is not there."""


Stamps = tuple[tuple[str, int, int, int], ...]
"""Path, size, mtime in ns and inode of files."""

Definition = tuple[tuple[str, ...], Pipeline, Mapping[str, Environment], tuple[Problem, ...]]
"""Steps in topological order, pipeline, environments by uuid, problems."""


class OpenPipeline:
    """A pipeline and its state on disk.

    Args:
        project_dir: The project's folder.
        path: The pipeline's file.
        settings: The settings in force.
        read_only: Look only: nothing is made or changed on disk. Otherwise the pipeline's lock is held until ``close``.
        newcomer: Ask whoever has the pipeline open to hand it over.

    Raises:
        InvalidProjectError: The file can't be read as a pipeline at all.
        PipelineBusyError: Another process holds the lock.
        TakeOverError: It can't be asked, or does not let go.
    """

    def __init__(
        self, project_dir: Path, path: Path, settings: Settings, *, read_only: bool = False, newcomer: bool = False
    ) -> None:
        self.project_dir = project_dir
        self.path = path
        self.settings = settings
        self.read_only = read_only
        self.pipeline: Pipeline
        self.environments: Mapping[str, Environment] = {}
        self.problems: tuple[Problem, ...] = ()
        self.order: tuple[str, ...] = ()
        self._variables: tuple[int, EnvironmentVariables] | None = None
        self._stamps: Stamps = ()
        self.reload_definition()
        self.layout = Layout(project_dir, self.pipeline.uuid)
        self.data_dir = data_dir(settings)
        self.lock = PipelineLock(self.layout.lock_file, self.pipeline.relative_path)
        if not read_only:
            self.layout.ensure_state_dir()
            if newcomer:
                take_over(self.lock)
            else:
                self.lock.acquire()
        try:
            self._open_state(settings, read_only=read_only)
        except OrchestTuiError:
            self.lock.release()
            raise

    def _open_state(self, settings: Settings, *, read_only: bool) -> None:
        """Open history and output cache."""
        self.history = History(self.layout.history_file, read_only=read_only)
        memory = usable_memory_dir(settings.memory_dir)
        self.store = OutputStore(
            self.layout,
            self.layout.session_path(memory) if read_only else self.layout.session_dir(memory),
            self.pipeline.settings.data_passing_memory_size,
            self.pipeline.settings.auto_eviction,
            read_only=read_only,
        )
        self.digests = FileDigests(self.history.file_digests())
        self.saves = Saves(self._dependencies)
        self._salt = self.history.salt()

    def look_again(self) -> None:
        """Read history and output cache anew, where the pipeline is open for looking only and another process writes.

        Raises:
            OrchestTuiError: They can't be read; nothing has changed then.
        """
        history, store = self.history, self.store
        try:
            self._open_state(self.settings, read_only=True)
        except OrchestTuiError:
            if self.history is not history:
                self.history.close()
                self.history = history
            raise
        store.close()
        history.close()

    def close(self) -> None:
        """Close the databases and give the lock back."""
        if not self.read_only:
            self.history.remember_digests(self.digests.take_learnt())
        self.store.close()
        self.history.close()
        self.lock.release()

    @property
    def is_open_elsewhere(self) -> bool:
        """Whether an engine of another process has the pipeline open at this moment."""
        return not self.lock.is_held and not self.lock.is_free

    def reload_definition(self) -> bool:
        """Read definition and environments again if a file of theirs changed; on an error everything stays as it was.

        Returns:
            Whether anything of it may be different now.

        Raises:
            InvalidProjectError: The file can't be read as a pipeline at all.
        """
        stamps = _stamps(self.path, self.project_dir)
        if stamps == self._stamps and not self.problems:
            return False
        before = (self._stamps, self.problems)
        read = read_definition(self.project_dir, self.path)
        self.order, self.pipeline, self.environments, self.problems = read
        self._stamps = stamps
        return before != (stamps, self.problems)

    def concerns_definition(self, paths: Collection[Path]) -> bool:
        """Return whether a change of ``paths`` may change the definition, or what is wrong with it.

        Args:
            paths: Absolute paths of files.
        """
        environments = self.layout.environments_dir
        if self.problems or self.path in paths or any(path.is_relative_to(environments) for path in paths):
            return True
        gone = {path for path in paths if not path.exists()}
        if gone and any(self.pipeline.step_path(step, self.data_dir) in gone for step in self.pipeline.steps.values()):
            self._stamps = ()
            return True
        return False

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables of the pipeline's steps, the pipeline's over the project's; secrets among them."""
        path = self.layout.environment_variables_file
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            stamp = 0
        if self._variables is None or self._variables[0] != stamp:
            self._variables = (stamp, EnvironmentVariables.load(self.project_dir))
        return self._variables[1].merged(self.pipeline.uuid)

    def variable_hashes(self) -> dict[str, str]:
        """Return a keyed hash of each variable's value, so that a change shows and a value does not."""
        key = self._salt.encode()
        return {
            name: hashlib.blake2b(value.encode(), key=key, digest_size=12).hexdigest()
            for name, value in self.variables.items()
        }

    def problems_of(self, steps: Mapping[str, Any]) -> list[Problem]:
        """Return the errors that keep ``steps`` from running: their own, and those of the whole file."""
        return [
            problem
            for problem in self.problems
            if problem.severity == "error" and (problem.step is None or problem.step in steps)
        ]

    def present(
        self,
        parameters: Mapping[str, Any] | None = None,
        step_parameters: Mapping[str, Mapping[str, Any]] | None = None,
        successes: Mapping[str, Success] | None = None,
    ) -> Present:
        """Return the present state of everything that freshness looks at.

        Args:
            parameters: Overrides of pipeline parameters.
            step_parameters: Overrides of step parameters.
            successes: Last successes, where they were read already.
        """
        successes = self.history.successes() if successes is None else successes
        outputs: dict[str, Outputs] = {step: _outputs(success) for step, success in successes.items()}
        keys: dict[str, str] = {}

        def key_of(uuid: str) -> str:
            if uuid not in keys:
                environment = self.environments.get(uuid)
                keys[uuid] = (
                    NO_ENVIRONMENT
                    if environment is None
                    else environment_key(environment, self.project_dir, self.settings)
                )
            return keys[uuid]

        return Present(
            self.pipeline, self.project_dir, self.data_dir, self.digests, key_of, self.variable_hashes(), outputs,
            self._lost(outputs), parameters or {}, step_parameters or {},
        )  # fmt: skip

    def verdicts(
        self,
        parameters: Mapping[str, Any] | None = None,
        step_parameters: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> dict[str, Freshness]:
        """Return the verdict on every step of the pipeline."""
        successes = self.history.successes()
        present = self.present(parameters, step_parameters, successes)
        return evaluate_all(successes, self.history.latest(), present, self.order)

    def _lost(self, outputs: Mapping[str, Outputs]) -> dict[str, str]:
        """Return step → why, for steps of whose recorded outputs some are not in the cache any more."""
        held: dict[str, set[str | None]] = {}
        for entry in self.store.all(evicted=True):
            held.setdefault(entry.step, set()).add(entry.name)
        lost = {}
        for step, names in outputs.items():
            gone = [name for name in names if name not in held.get(step, set())]
            if gone:
                what = "its output" if gone == [None] else f"output {', '.join(str(name) for name in gone)}"
                lost[step] = f"{what} is no longer in the cache"
        return lost

    def note_written(self, paths: Iterable[str]) -> None:
        """Remember which files a step has written, named as records name them."""
        self.saves.written(Path(host_path(path, self.project_dir, self.data_dir)) for path in paths)

    def _dependencies(self) -> set[Path]:
        """Return the files that steps or the definition are known to depend on."""
        recorded = [path for success in self.history.successes().values() for path, _ in success.record["code"]]
        named = [*recorded, *(step_path(step, self.pipeline) for step in self.pipeline.steps.values())]
        environments = (path for path in self.layout.environments_dir.rglob("*") if path.is_file())
        return {
            self.path, *environments, *(Path(host_path(path, self.project_dir, self.data_dir)) for path in named)
        }  # fmt: skip

    def failed_steps(self) -> tuple[str, ...]:
        """Return the steps that failed last, and those that were aborted and are not settled by now, in their order.

        What was aborted and is fresh, as is all above it, was taken over by a later run as it was.
        """
        latest, verdicts = self.history.latest(), self.verdicts()

        def failed(step: str) -> bool:
            status = latest[step].status if step in latest else None
            settled = verdicts[step].fresh and not verdicts[step].upstream_stale
            return status == "FAILURE" or (status == "ABORTED" and not settled)

        return tuple(filter(failed, self.order))

    def evicted_steps(self) -> set[str]:
        """Return the steps of whose outputs some were evicted."""
        return {entry.step for entry in self.store.all(evicted=True) if not entry.readable}

    def remember_digests(self) -> None:
        """Keep what was learnt about files since the last call."""
        learnt = self.digests.take_learnt()
        if learnt and not self.read_only:
            self.history.remember_digests(learnt)


def read_definition(project_dir: Path, path: Path) -> Definition:
    """Read a pipeline's file and its project's environments.

    Returns:
        The steps in topological order, the pipeline, the environments by uuid, and what is wrong with some of them.

    Raises:
        InvalidProjectError: The file can't be read as a pipeline at all.
    """
    environments, environment_problems = load_environments(project_dir)
    pipeline, problems = load_pipeline(path, project_dir, environments)
    found = (*problems, *environment_problems)
    if pipeline is None or any(problem.code == "cycle" for problem in problems):
        raise InvalidProjectError(found)
    order = tuple(topological_order({uuid: step.incoming for uuid, step in pipeline.steps.items()}))
    return order, pipeline, environments, found


def _stamps(path: Path, project_dir: Path) -> Stamps:
    """Return what tells whether the files that ``reload_definition`` reads have changed: their status."""
    folders = sorted(Layout(project_dir).environments_dir.glob("*/*"))
    stamps = []
    for file in (path, *folders):
        try:
            found = file.stat()
        except OSError:
            continue
        stamps.append((str(file), found.st_size, found.st_mtime_ns, found.st_ino))
    return tuple(stamps)


def _outputs(success: Success) -> Outputs:
    return dict(success.record["outputs"])


def now() -> float:
    """Return the time as events and history use it, Unix seconds."""
    return time.time()
