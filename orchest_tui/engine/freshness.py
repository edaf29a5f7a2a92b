"""Whether a step's last success still matches everything that it depended on, and if not, why, in words.

A *record* is the JSON document kept for a step's last success::

    {"file": "/project-dir/src/train.py",            the step's file, as its container saw it
     "code": [["/project-dir/src/train.py", digest], …],   the step's file and every project file it imported or opened
     "data": [["/data/raw.csv", size, mtime_ns], …],
     "step_parameters": {name: value}, "pipeline_parameters": {name: value},      those that it read
     "all_parameters": false,                        true where reads could not be seen: every parameter counts
     "environment": key, "variables": {name: keyed hash},
     "inputs": [[parent uuid, [[output name, digest], …]], …],
     "outputs": [[output name, digest], …],
     "early_imports": […], "complete": true}

Evaluation is pure but for reading files' status; it imports neither an executor nor an event loop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchest_tui.engine.digests import MISSING, FileDigests

if TYPE_CHECKING:
    from orchest_tui.engine.history import StepRow, Success
    from orchest_tui.project.definition import Pipeline, Step

PROJECT_PREFIX = "/project-dir"
DATA_PREFIX = "/data"

Outputs = Mapping[str | None, str | None]
"""Output name → digest of one step."""

_ABSENT = object()


def host_path(inner: str, project_dir: Path, data_dir: Path) -> str:
    """Return where a path that a step saw lies on the host; unknown prefixes are returned as they are."""
    for prefix, folder in ((PROJECT_PREFIX, project_dir), (DATA_PREFIX, data_dir)):
        if inner == prefix or inner.startswith(prefix + "/"):
            return str(folder) + inner[len(prefix) :]
    return inner


def recorded_path(path: str, project_dir: Path, data_dir: Path) -> str:
    """Return a path that a step saw as records have it; only a step without a sandbox sees the host's own paths."""
    for prefix, folder in ((PROJECT_PREFIX, project_dir), (DATA_PREFIX, data_dir)):
        if path.startswith(f"{folder}/"):
            return prefix + path[len(str(folder)) :]
    return path


def shown_path(inner: str) -> str:
    """Return a path that a step saw as a user knows it: relative to the project, or below ``/data``."""
    return inner.removeprefix(PROJECT_PREFIX + "/")


def step_path(step: Step, pipeline: Pipeline) -> str:
    """Return the path of the step's file as its container sees it."""
    import posixpath

    if step.file_path.startswith("/"):
        return posixpath.normpath(step.file_path)
    folder = posixpath.dirname(pipeline.relative_path)
    return posixpath.normpath(posixpath.join(PROJECT_PREFIX, folder, step.file_path))


@dataclass(slots=True)
class Present:
    """The present state of everything that a record is compared with.

    Attributes:
        pipeline: The definition.
        project_dir: The project's folder.
        data_dir: The folder that is ``/data``.
        digests: Digests of the project's files.
        environment_key: Returns the content address of an environment by uuid.
        variables: Keyed hash of each environment variable that steps of this pipeline get.
        outputs: What each step's last success handed over, with digests.
        lost: Steps of whose outputs some are gone, with the reason in words.
        parameters: Overrides of pipeline parameters for the run that is being planned.
        step_parameters: The same for steps, by uuid.
    """

    pipeline: Pipeline
    project_dir: Path
    data_dir: Path
    digests: FileDigests
    environment_key: Callable[[str], str]
    variables: Mapping[str, str]
    outputs: Mapping[str, Outputs]
    lost: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    step_parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _seen: dict[str, str] = field(default_factory=dict)

    def file_digest(self, inner: str) -> str:
        """Return the digest of a file named as a step saw it; each file is looked at once."""
        digest = self._seen.get(inner)
        if digest is None:
            digest = self._seen[inner] = self.digests.digest(host_path(inner, self.project_dir, self.data_dir))
        return digest

    def pipeline_values(self) -> dict[str, Any]:
        """Return the pipeline parameters that a run would see now."""
        return {**self.pipeline.parameters, **self.parameters}

    def step_values(self, step: str) -> dict[str, Any]:
        """Return the step parameters that a run would see now."""
        return {**self.pipeline.steps[step].parameters, **self.step_parameters.get(step, {})}


@dataclass(frozen=True, slots=True)
class Freshness:
    """The verdict on one step.

    Attributes:
        fresh: True, False, or None for a step that never succeeded nor failed.
        reasons: Why it is not fresh, the most telling first; empty for a fresh one.
        upstream_stale: Titles of ancestors that are not fresh: running them may make this step stale.
    """

    fresh: bool | None
    reasons: tuple[str, ...] = ()
    upstream_stale: tuple[str, ...] = ()


def evaluate(step: Step, success: Success | None, latest: StepRow | None, present: Present) -> Freshness:
    """Return whether ``step`` is fresh, and why not."""
    failed = latest is not None and latest.status == "FAILURE"
    if success is None:
        if failed and latest is not None:
            return Freshness(False, (f"last run failed: {latest.reason or 'no reason told'}",))
        if latest is not None and latest.status == "SUCCESS":
            return Freshness(False, ("the engine ended before its last run was recorded",))
        return Freshness(None, ("never run" if latest is None else "never run to its end",))
    reasons = list(_reasons(step, success.record, present))
    if failed and latest is not None and latest.run >= success.run:
        reasons.insert(0, f"last run failed: {latest.reason or 'no reason told'}")
    return Freshness(not reasons, tuple(dict.fromkeys(reasons)))


def evaluate_all(
    successes: Mapping[str, Success], latest: Mapping[str, StepRow], present: Present, order: Sequence[str]
) -> dict[str, Freshness]:
    """Return the verdict on every step of the pipeline.

    Args:
        successes: Last successes by step.
        latest: Newest rows by step.
        present: The present state.
        order: The steps in topological order.
    """
    verdicts: dict[str, Freshness] = {}
    unfresh_above: dict[str, tuple[str, ...]] = {}
    steps = present.pipeline.steps
    for uuid in order:
        step = steps[uuid]
        verdict = evaluate(step, successes.get(uuid), latest.get(uuid), present)
        above: dict[str, None] = {}
        for parent in step.incoming:
            if parent in verdicts:
                above.update(dict.fromkeys(unfresh_above[parent]))
                if not verdicts[parent].fresh:
                    above[steps[parent].title] = None
        unfresh_above[uuid] = tuple(above)
        verdicts[uuid] = Freshness(verdict.fresh, verdict.reasons, tuple(above))
    return verdicts


def _reasons(step: Step, record: Mapping[str, Any], present: Present) -> list[str]:
    """Return every way in which ``record`` differs from the present."""
    return [
        *_code_reasons(step, record, present),
        *_parameter_reasons(step, record, present),
        *_environment_reasons(step, record, present),
        *_input_reasons(step, record, present),
        *_data_reasons(record, present),
        *([present.lost[step.uuid]] if step.uuid in present.lost else []),
    ]


def _code_reasons(step: Step, record: Mapping[str, Any], present: Present) -> list[str]:
    own = step_path(step, present.pipeline)
    reasons = []
    if record["file"] != own:
        reasons.append(f"file {shown_path(record['file'])} → {shown_path(own)}")
    for path, digest in record["code"]:
        now = present.file_digest(path)
        if now != digest and path != record["file"]:
            reasons.append(f"{shown_path(path)} {'is gone' if now == MISSING else 'edited'}")
        elif now != digest and record["file"] == own:
            reasons.insert(0, f"{shown_path(path)} {'is gone' if now == MISSING else 'edited'}")
    return reasons


def _parameter_reasons(step: Step, record: Mapping[str, Any], present: Present) -> list[str]:
    reasons = []
    for then, now in (
        (record["step_parameters"], present.step_values(step.uuid)),
        (record["pipeline_parameters"], present.pipeline_values()),
    ):
        names = {*then, *now} if record.get("all_parameters") else then
        for name in sorted(names):
            before, after = then.get(name, _ABSENT), now.get(name, _ABSENT)
            # None in a record stands for a parameter that was asked for and was not there.
            if before is not _ABSENT and before is None and after is _ABSENT:
                continue
            if before != after:
                reasons.append(f"{name} {_shown_value(before)} → {_shown_value(after)}")
    return reasons


def _shown_value(value: Any) -> str:
    if value is _ABSENT:
        return "(none)"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 40 else text[:37] + "..."


def _environment_reasons(step: Step, record: Mapping[str, Any], present: Present) -> list[str]:
    reasons = []
    if present.environment_key(step.environment) != record["environment"]:
        reasons.append("environment changed")
    then, now = record["variables"], present.variables
    for name in sorted({*then, *now}):
        if name not in now:
            reasons.append(f"variable {name} removed")
        elif name not in then:
            reasons.append(f"variable {name} added")
        elif then[name] != now[name]:
            reasons.append(f"variable {name} changed")
    return reasons


def _input_reasons(step: Step, record: Mapping[str, Any], present: Present) -> list[str]:
    steps = present.pipeline.steps
    then = {parent: dict(outputs) for parent, outputs in record["inputs"]}
    reasons = []
    if list(then) != list(step.incoming):
        added = [steps[p].title for p in step.incoming if p not in then and p in steps]
        removed = [steps[p].title if p in steps else "a removed step" for p in then if p not in step.incoming]
        words = [f"{title} connected" for title in added] + [f"{title} disconnected" for title in removed]
        reasons.append(", ".join(words) or "order of connections changed")
    changed = [
        parent
        for parent in step.incoming
        if parent in then and parent in steps and dict(present.outputs.get(parent, {})) != then[parent]
    ]
    return [*reasons, *(f"{steps[parent].title} gave new data" for parent in changed)]


def _data_reasons(record: Mapping[str, Any], present: Present) -> list[str]:
    reasons = []
    for path, size, mtime_ns in record["data"]:
        try:
            found = Path(host_path(path, present.project_dir, present.data_dir)).stat()
        except OSError:
            reasons.append(f"{path} is gone")
            continue
        if (found.st_size, found.st_mtime_ns) != (size, mtime_ns):
            reasons.append(f"{path} changed")
    return reasons
