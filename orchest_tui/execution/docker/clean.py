"""Removing what lost engines left: containers and networks with our labels whose maker does not live any more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchest_tui.execution.docker import labels
from orchest_tui.execution.docker.client import Engine, RefusedError

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings


def clean(settings: Settings, project: Path | None = None) -> tuple[str, ...]:
    """Remove what dead engine processes left, of ``project`` or of all; return what was removed, one line each.

    A step that still runs although its engine died goes too: opening the pipeline again would have adopted it.
    Blocking.

    Raises:
        ExecutorUnavailableError: No engine answers.
    """
    engine = Engine(settings)
    try:
        return (*_containers(engine, project), *_networks(engine, project))
    finally:
        engine.close()


def _containers(engine: Engine, project: Path | None) -> list[str]:
    api = engine.client.api
    removed = []
    for container in engine.blocking(api.containers, all=True, filters={"label": _wanted(project)}):
        name = str((container.get("Names") or [container["Id"]])[0]).lstrip("/")
        if _is_ours_to_remove(container) and _tried(engine, api.remove_container, container["Id"], v=True, force=True):
            removed.append(f"container {name} ({container['State']})")
    return removed


def _networks(engine: Engine, project: Path | None) -> list[str]:
    api = engine.client.api
    return [
        f"network {network['Name']}"
        for network in engine.blocking(api.networks, filters={"label": _wanted(project)})
        if _is_ours_to_remove(network) and _tried(engine, api.remove_network, network["Id"])
    ]


def _wanted(project: Path | None) -> list[str]:
    return [labels.ROLE] if project is None else [labels.ROLE, f"{labels.PROJECT}={project}"]


def _is_ours_to_remove(thing: Mapping[str, Any]) -> bool:
    """Tell whether it is ours and its maker is dead; without a maker's label, whether it has stopped."""
    own = thing.get("Labels") or {}
    if own.get(labels.ROLE) == labels.IMAGE_ROLE:
        return False
    maker = own.get(labels.OWNER)
    if maker is None:
        return str(thing.get("State", "")).lower() != "running"
    return not labels.owner_lives(maker)


def _tried(engine: Engine, function: Any, *args: Any, **options: Any) -> bool:
    """Return whether the removal worked; what somebody else removed or still uses is passed over."""
    try:
        engine.blocking(function, *args, **options)
    except RefusedError:
        return False
    return True
