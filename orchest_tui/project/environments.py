"""Environments of a project: a base image and a setup script each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchest_tui.errors import Problem
from orchest_tui.project.document import read_document
from orchest_tui.project.identity import relative_name
from orchest_tui.project.layout import Layout, is_safe_name
from orchest_tui.project.problems import Fields, Problems

PROPERTIES_FILE = "properties.json"
SETUP_SCRIPT_FILE = "setup_script.sh"


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment, as ``.orchest/environments/<uuid>/`` describes it.

    Attributes:
        uuid: Its uuid, the folder's name.
        name: Display name.
        language: ``python``, ``r``, ``julia`` or ``javascript``.
        base_image: Name of the image it starts from, as written in the file.
        gpu_support: Whether its steps get the machine's GPUs.
        setup_script: The script's text, LF line ends.
        folder: Where it lies.
    """

    uuid: str
    name: str
    language: str
    base_image: str
    gpu_support: bool
    setup_script: str
    folder: Path


def load_environments(project_dir: Path) -> tuple[dict[str, Environment], list[Problem]]:
    """Return the project's environments by uuid, sorted by folder, and what is wrong with them.

    One that can't be used is told and left out. Keys that are not known are of no consequence.
    """
    project_dir = project_dir.absolute()
    environments: dict[str, Environment] = {}
    found: list[Problem] = []
    for folder in _folders(Layout(project_dir).environments_dir):
        environment, problems = _load(folder, project_dir)
        found.extend(problems)
        if environment:
            environments[environment.uuid] = environment
    return environments, found


def _folders(directory: Path) -> Iterator[Path]:
    """Yield the folders that are meant to be environments."""
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return
    yield from (directory / name for name in names)


def _load(folder: Path, project_dir: Path) -> tuple[Environment | None, list[Problem]]:
    """Return the environment in ``folder``."""
    problems = Problems(relative_name(folder / PROPERTIES_FILE, project_dir))
    document = read_document(folder / PROPERTIES_FILE, problems)
    if document is None:
        return None, problems.found
    fields = Fields(document, "", problems)
    if not is_safe_name(folder.name):
        fields.error("uuid", f"the folder's name {folder.name!r} is no uuid", "Rename the folder", "bad-uuid")
    elif fields.text("uuid") != folder.name:
        what = f"{fields.text('uuid')!r} differs from the name of its folder"
        fields.error("uuid", what, f"Write {folder.name!r}, or rename the folder", "uuid-mismatch")
    base_image = fields.text("base_image").strip()
    if not base_image:
        fields.error("base_image", "an environment needs a base image", "Write an image's name", "missing-key")
    environment = Environment(
        uuid=folder.name,
        name=fields.text("name") or folder.name[:8],
        language=fields.text("language") or "python",
        base_image=base_image,
        gpu_support=fields.flag("gpu_support", False),
        setup_script=_setup_script(folder / SETUP_SCRIPT_FILE, project_dir, problems),
        folder=folder,
    )
    usable = all(problem.severity != "error" for problem in problems.found)
    return environment if usable else None, problems.found


def _setup_script(path: Path, project_dir: Path, problems: Problems) -> str:
    """Return the script's text; empty, with a problem, where it can't be read."""
    script = Problems(relative_name(path, project_dir))
    text = ""
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        mend = "Make the file; it may be empty"
        script.warning("", "is missing and taken as empty", mend, code="missing-file")
    except OSError as error:
        script.error("", f"can't be read: {error.strerror or error}", "Look at its permissions", code="unreadable")
    except UnicodeDecodeError as error:
        script.error(f"byte {error.start}", "is not UTF-8", "Save it as UTF-8", code="bad-text")
    problems.found.extend(script.found)
    return text.replace("\r\n", "\n")
