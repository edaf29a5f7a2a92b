"""``config``: every setting, its value and where that came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchest_tui.cli.context import current_folder, json_option, project_option, warn
from orchest_tui.cli.display import Cell, print_json, print_table

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings

EXIT_ERRORS = 1
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")


@click.group(invoke_without_command=True)
@project_option
@json_option
@click.pass_context
def config(context: click.Context, project_dir: Path | None, as_json: bool) -> int:
    """Show every setting, its value and where it came from.

    Later sources win: default, user file, project file, environment variable, flag. What a setting leaves to the
    machine or the shell is shown as found there. Exits 1 when a setting is wrong.
    """
    if context.invoked_subcommand is not None:
        return 0
    from orchest_tui.project.settings import Settings, load_settings

    loaded = load_settings(_project_or_none(project_dir), {})
    meanings = {field.name: field.metadata["meaning"] for field in fields(Settings)}
    values = {key: _harmless(value) for key, value in _effective(loaded.settings).items()}
    if as_json:
        print_json(
            [
                {"key": key, "value": value, "source": loaded.sources[key], "meaning": meanings[key]}
                for key, value in values.items()
            ]
        )
    else:
        rows = [
            (key, _shown(value), Cell(loaded.sources[key], dim=loaded.sources[key] == "default"))
            for key, value in values.items()
        ]
        print_table(("setting", "value", "from"), rows)
    warn(loaded.problems)
    return EXIT_ERRORS if any(problem.severity == "error" for problem in loaded.problems) else 0


@config.command("path")
@project_option
def config_path(project_dir: Path | None) -> None:
    """Print the settings files: the user's, then the project's."""
    from orchest_tui.project.layout import Layout, user_settings_file

    click.echo(user_settings_file())
    folder = _project_or_none(project_dir)
    if folder is not None:
        click.echo(Layout(folder).settings_file)


def _project_or_none(given: Path | None) -> Path | None:
    """Return the project around, None where there is none: the user's settings can be looked at anywhere."""
    from orchest_tui.project.discovery import find_project

    return find_project((given or current_folder()).resolve())


def _effective(settings: Settings) -> dict[str, Any]:
    """Return every setting as it works on this machine: what is left to the machine or the shell is looked up."""
    from orchest_tui.project.layout import data_dir, usable_memory_dir
    from orchest_tui.project.network import ca_bundle_path, network_environment

    network = network_environment(settings)
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    values |= {
        "data_dir": data_dir(settings),
        "memory_dir": usable_memory_dir(settings.memory_dir),
        "docker_host": _engine_address(settings),
        "proxy": {name.removesuffix("_proxy"): value for name, value in network.items() if name.endswith("_proxy")},
        "pip": {
            name.removeprefix("PIP_").lower().replace("_", "-"): value
            for name, value in network.items()
            if name.startswith("PIP_")
        },
    }
    if settings.ca_bundle == "auto":
        values["ca_bundle"] = ca_bundle_path(settings) or "none"
    return values


def _engine_address(settings: Settings) -> str | None:
    """Return the address of the engine that runs would look for; None where there is none, or none that can work."""
    from orchest_tui.errors import ExecutorUnavailableError
    from orchest_tui.execution.endpoint import find_endpoint

    try:
        return find_endpoint(settings.docker_host).url
    except ExecutorUnavailableError:
        return settings.docker_host


def _harmless(value: Any) -> Any:
    """Return a setting as JSON knows it, without the user name and password of an address."""
    if isinstance(value, Mapping):
        return {key: _harmless(item) for key, item in value.items()}
    if isinstance(value, (str, Path)):
        return _CREDENTIALS.sub("***", str(value))
    return value


def _shown(value: Any) -> str:
    """Return a setting's value for people."""
    if value is None or value == {}:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    return str(value)
