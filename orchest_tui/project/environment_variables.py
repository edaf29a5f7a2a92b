"""The environment variables of a project and of its pipelines: many are secrets.

They lie in ``.orchest/tui/environment-variables.yaml``, readable for the user alone and never in git::

    project:
        NAME: value
    pipelines:
        <pipeline uuid>:
            NAME: value

No value is ever part of a ``repr`` or of a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchest_tui.errors import InvalidProjectError, OrchestTuiError
from orchest_tui.project.atomic import write_atomically
from orchest_tui.project.identity import relative_name
from orchest_tui.project.layout import Layout
from orchest_tui.project.migration import VARIABLE_NAME
from orchest_tui.project.problems import Problems
from orchest_tui.project.yaml_file import read_mapping

RESERVED_PREFIX = "ORCHEST_"
"""Steps get variables of this kind from the program."""


class EnvironmentVariables:
    """The variables of one project.

    Attributes:
        project: Name → value, for all pipelines.
        pipelines: Pipeline uuid → name → value; these win.

    Args:
        project_dir: The project's folder.
        project: As the attribute.
        pipelines: As the attribute.
    """

    def __init__(
        self,
        project_dir: Path,
        project: Mapping[str, str] | None = None,
        pipelines: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._layout = Layout(project_dir.absolute())
        self.project = dict(project or {})
        self.pipelines = {uuid: dict(values) for uuid, values in (pipelines or {}).items()}

    def __repr__(self) -> str:
        names = {uuid: sorted(values) for uuid, values in self.pipelines.items()}
        return f"EnvironmentVariables(project={sorted(self.project)}, pipelines={names})"

    @classmethod
    def load(cls, project_dir: Path) -> EnvironmentVariables:
        """Return a project's variables; a file that is not there holds none.

        Raises:
            InvalidProjectError: The file can't be used.
        """
        path = Layout(project_dir.absolute()).environment_variables_file
        problems = Problems(relative_name(path, project_dir.absolute()))
        project: dict[str, str] = {}
        pipelines: dict[str, dict[str, str]] = {}
        for line, key, value in read_mapping(path, problems):
            if key == "project":
                project = _checked(value, key, line, problems)
            elif key == "pipelines" and isinstance(value, dict):
                pipelines = {uuid: _checked(names, uuid, line, problems) for uuid, names in value.items()}
            elif value is not None:
                what = f"{key} is not known here, or not a mapping"
                problems.error(f"line {line}", what, "Write `project:` and `pipelines:`", code="bad-variables")
        if any(problem.severity == "error" for problem in problems.found):
            raise InvalidProjectError(problems.found)
        return cls(project_dir, project, pipelines)

    def save(self) -> None:
        """Write the file, readable for the user alone.

        Raises:
            OrchestTuiError: It can't be written; the old one is as it was.
        """
        import yaml

        self._layout.ensure_state_dir()
        content: dict[str, Any] = {"project": self.project, "pipelines": self.pipelines}
        text = yaml.safe_dump(content, sort_keys=True, allow_unicode=True, default_style='"')
        write_atomically(self._layout.environment_variables_file, text.encode(), mode=0o600)

    def merged(self, pipeline_uuid: str) -> dict[str, str]:
        """Return what the steps of a pipeline get: its own variables over the project's."""
        return {**self.project, **self.pipelines.get(pipeline_uuid, {})}

    def set(self, name: str, value: str, pipeline_uuid: str | None = None) -> None:
        """Set a variable of the project or of one pipeline; ``save`` writes it.

        Raises:
            OrchestTuiError: The name is not allowed, or the value holds a NUL.
        """
        if fault := _fault(name, value):
            raise OrchestTuiError(f"{fault[0][:1].upper()}{fault[0][1:]}.", f"{fault[1]}.")
        target = self.project if pipeline_uuid is None else self.pipelines.setdefault(pipeline_uuid, {})
        target[name] = value

    def remove(self, name: str, pipeline_uuid: str | None = None) -> bool:
        """Remove a variable of the project or of one pipeline; return whether it was there."""
        target = self.project if pipeline_uuid is None else self.pipelines.get(pipeline_uuid, {})
        return target.pop(name, None) is not None

    def import_dotenv(self, path: Path, pipeline_uuid: str | None = None) -> list[str]:
        """Set all variables of a ``.env`` file and return their names; with any error in it, set none.

        Raises:
            InvalidProjectError: The file can't be read, or holds lines that can't be used.
        """
        from orchest_tui.project.dotenv import parse_dotenv

        problems = Problems(str(path))
        found: dict[str, str] = {}
        try:
            found = parse_dotenv(path.read_bytes().decode(), problems)
        except OSError as error:
            problems.error("", f"can't be read: {error.strerror or error}", "Check its path", code="unreadable")
        except UnicodeDecodeError as error:
            problems.error(f"byte {error.start}", "is not UTF-8", "Save it as UTF-8", code="bad-dotenv")
        for name, value in found.items():
            if fault := _fault(name, value):
                problems.error(name, fault[0], fault[1], code="bad-variable")
        if problems.found:
            raise InvalidProjectError(problems.found)
        for name, value in found.items():
            self.set(name, value, pipeline_uuid)
        return list(found)


def _fault(name: str, value: str) -> tuple[str, str] | None:
    """Return what is wrong with a variable, and the mend."""
    if not VARIABLE_NAME.fullmatch(name):
        return f"{name!r} is no name of an environment variable", "Use letters, digits, _ and - only"
    if name.startswith(RESERVED_PREFIX):
        return f"{name} is set by the program", f"Use a name that does not start with {RESERVED_PREFIX}"
    if "\0" in value:
        return f"the value of {name} holds a NUL character", "Take it out"
    return None


def _checked(value: object, place: str, line: int, problems: Problems) -> dict[str, str]:
    """Return the variables of one mapping of the file; what can't be used is told."""
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        what = f"{place} is not a mapping"
        problems.error(f"line {line}", what, "Write lines as `NAME: value` below it", code="bad-variables")
        return {}
    for name, text in value.items():
        if not isinstance(text, str):
            problems.error(f"{place}.{name}", "the value is not a text", "Put it in quotes", code="bad-variables")
        elif fault := _fault(name, text):
            problems.error(f"{place}.{name}", fault[0], fault[1], code="bad-variable")
    return value
