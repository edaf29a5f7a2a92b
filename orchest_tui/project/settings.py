"""The program's settings: one table of keys, read from defaults, YAML files, the environment and flags.

Later sources win: default < user file < project file < ``ORCHEST_TUI_<KEY>`` < flag. ``Settings`` is the table: each
field's metadata holds its kind, its meaning and whether a project may set it.
"""

# ruff: noqa: RUF009 (``_setting`` is ``dataclasses.field`` with our metadata)

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from orchest_tui.errors import Problem
from orchest_tui.project.layout import DEFAULT_MEMORY_DIR, Layout, user_settings_file
from orchest_tui.project.network import CA_VARIABLES, ca_bundle_path, network_environment
from orchest_tui.project.setting_kinds import Key, Kind, KindName
from orchest_tui.project.setting_sources import file_source, flag_source, variable_source

__all__ = [
    "CA_VARIABLES",
    "KEYS",
    "LoadedSettings",
    "Settings",
    "ca_bundle_path",
    "load_settings",
    "network_environment",
]

ExecutorName = Literal["auto", "docker", "local"]


def _setting(kind: KindName, default: Any, meaning: str, *, machine: bool = False, **options: Any) -> Any:
    """Declare a key.

    Args:
        kind: Name of a ``Kind``.
        default: Its default.
        meaning: One line for people.
        machine: Whether it concerns the machine and not the project. A project comes from somewhere else, so its file
            may not point the program at other folders or another engine.
        options: The kind's own options.
    """
    metadata = {"kind": Kind(kind, **options), "meaning": meaning, "machine": machine}
    if isinstance(default, dict):
        return field(default_factory=lambda: MappingProxyType(dict(default)), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its value; the meaning of each stands in the table itself."""

    executor: ExecutorName = _setting(
        "choice", "auto", "what runs steps; auto takes Docker where it answers", choices=("auto", "docker", "local")
    )
    base_image: str = _setting("text", "python:3.11-slim", "what the stand-in for orchest/base-kernel-py starts from")
    images: Mapping[str, str] = _setting("texts", {}, "image name → the image to use in its place")
    docker_host: str | None = _setting(
        "text", None, "address of the container engine, as DOCKER_HOST; none: the shell's", machine=True
    )
    data_dir: Path | None = _setting(
        "path", None, "folder that steps see as /data; none: below the XDG data home", machine=True
    )
    memory_dir: Path = _setting("path", DEFAULT_MEMORY_DIR, "folder in memory for outputs", machine=True)
    warm_spares: int = _setting("count", 3, "containers started ahead of time, 0 for none")
    parallel: int = _setting("count", 0, "steps at once in a run, 0 for no limit but the pipeline's own")
    ca_bundle: str = _setting(
        "bundle", "auto", "certificates for builds and steps: auto (the shell's), none, or a file", machine=True
    )
    proxy: Mapping[str, str] = _setting(
        "texts", {}, "http, https, no: proxies for builds and steps; empty: the shell's", keys=("http", "https", "no")
    )
    pip: Mapping[str, str] = _setting("texts", {}, "pip option → value for builds; empty: the shell's PIP_*")
    touch: bool = _setting("switch", True, "record what steps read, import and write")
    abort_grace: float = _setting("seconds", 10.0, "seconds between SIGTERM and SIGKILL")
    debounce: float = _setting("seconds", 0.05, "seconds of quiet after a file change before it counts")
    keep_runs: int = _setting("count", 200, "runs kept in the history, 0 for all")
    theme: str = _setting("text", "orchest-dark", "theme of the terminal app")
    pictures: Literal["auto", "kitty", "blocks", "none"] = _setting(
        "choice",
        "auto",
        "how figures are shown: auto, the terminal's own graphics (kitty), half blocks, or not at all",
        machine=True,
        choices=("auto", "kitty", "blocks", "none"),
    )
    keymap: Mapping[str, str] = _setting("texts", {}, "command id → keys", joint=",")
    live: bool = _setting("switch", False, "run what becomes stale at every save")
    attention: Literal["bell", "notice", "both", "none"] = _setting(
        "choice", "bell", "how the end of a long run is told to somebody who has looked away",
        choices=("bell", "notice", "both", "none"),
    )  # fmt: skip
    bell_after: float = _setting("seconds", 30.0, "seconds from which a run is a long one, 0 for never")


def _keys() -> Iterator[tuple[str, Key]]:
    for each in fields(Settings):
        yield each.name, Key(each.name, each.metadata["kind"], each.metadata["meaning"], each.metadata["machine"])


KEYS: Mapping[str, Key] = MappingProxyType(dict(_keys()))
"""The table by key."""


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings and where they came from.

    Attributes:
        settings: The values.
        sources: Key → ``default``, ``user: <path>``, ``project: <path>``, ``environment: <variable>`` or ``flag``.
        problems: What was wrong with the sources; a key with a problem keeps the value of the source below.
    """

    settings: Settings
    sources: Mapping[str, str]
    problems: tuple[Problem, ...]


def load_settings(project_dir: Path | None, flags: Mapping[str, Any] = MappingProxyType({})) -> LoadedSettings:
    """Return the settings in force; nothing is raised for what is wrong with a source.

    Args:
        project_dir: The project's folder; None for no project.
        flags: Key → value as given on the command line; None stands for a flag that was not given.
    """
    layers = [file_source("user", user_settings_file(), KEYS)]
    if project_dir is not None:
        layers.append(file_source("project", Layout(project_dir.absolute()).settings_file, KEYS, shared=True))
    layers += [variable_source(KEYS), flag_source(flags, KEYS)]
    values: dict[str, Any] = {}
    labels = dict.fromkeys(KEYS, "default")
    for layer in layers:
        values.update(layer.values)
        labels.update(layer.labels)
    problems = tuple(problem for layer in layers for problem in layer.problems.found)
    return LoadedSettings(Settings(**values), MappingProxyType(labels), problems)
