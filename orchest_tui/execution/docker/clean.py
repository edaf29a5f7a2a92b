"""Removing what lost engines left in the container engine: what carries our labels and whose maker is dead.

A session that a living process has adopted counts as that process's: the worker's folder tells (``owned_folder``),
since a container's labels can't change.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchest_tui.execution.docker import labels
from orchest_tui.execution.docker.client import Engine, RefusedError
from orchest_tui.execution.leftovers import Leftover, remove_folders
from orchest_tui.execution.owned_folder import is_local, is_owned
from orchest_tui.execution.owner import owner_lives
from orchest_tui.execution.session_folders import session_folders

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings


def clean(settings: Settings, project: Path | None = None, *, dry_run: bool = False) -> tuple[Leftover, ...]:
    """Remove what dead engine processes left, of ``project`` or of all; return what was removed.

    A step that still runs although its engine died goes too: opening the pipeline again would have adopted it.
    Blocking.

    Args:
        settings: Where the engine and the folders in memory are.
        project: A project's folder, None for all.
        dry_run: Only look.

    Raises:
        ExecutorUnavailableError: No engine answers.
    """
    engine = Engine(settings)
    try:
        cleaning = _Cleaning(engine, settings.memory_dir, project, dry_run)
        return (*cleaning.containers(), *cleaning.networks(), *cleaning.folders())
    finally:
        engine.close()


class _Cleaning:
    """One go through an engine."""

    def __init__(self, engine: Engine, memory: Path, project: Path | None, dry_run: bool) -> None:
        self._engine = engine
        self._dry_run = dry_run
        self._wanted = [labels.ROLE] if project is None else [labels.ROLE, f"{labels.PROJECT}={project}"]
        # The folder of a worker has the worker's own name, which no other has.
        sessions = session_folders(memory, project)
        self._folders = {path.name: path for session in sessions for path in session.workers if not is_local(path)}
        self._containers = engine.blocking(
            engine.client.api.containers, all=True, size=True, filters={"label": self._wanted}
        )
        self._adopted = {
            _labels(container).get(labels.SESSION)
            for container in self._containers
            if (folder := self._folder_of(container)) is not None and is_owned(folder)
        }

    def containers(self) -> list[Leftover]:
        """Remove the containers of dead engines, workers before what serves them."""
        remove = self._engine.client.api.remove_container
        leftovers = []
        for container in sorted(self._containers, key=lambda found: _labels(found).get(labels.ROLE) != "worker"):
            name = str((container.get("Names") or [container["Id"]])[0]).lstrip("/")
            if self._is_ours_to_remove(container) and self._tried(remove, container["Id"], v=True, force=True):
                state = str(container["State"]).lower()
                leftovers.append(Leftover(f"container {name} ({state})", int(container.get("SizeRw") or 0)))
        return leftovers

    def networks(self) -> list[Leftover]:
        """Remove the networks of dead engines."""
        api = self._engine.client.api
        return [
            Leftover(f"network {network['Name']}")
            for network in self._engine.blocking(api.networks, filters={"label": self._wanted})
            if self._is_ours_to_remove(network) and self._tried(api.remove_network, network["Id"])
        ]

    def folders(self) -> list[Leftover]:
        """Remove the folders of dead engines' workers."""
        dead = [("folder of a worker", path) for path in self._folders.values() if not is_owned(path)]
        return remove_folders(dead, dry_run=self._dry_run)

    def _is_ours_to_remove(self, thing: Mapping[str, Any]) -> bool:
        """Tell whether it is ours and its maker is dead; without a maker's label, whether it has stopped."""
        own = _labels(thing)
        if own.get(labels.ROLE) == labels.IMAGE_ROLE or own.get(labels.SESSION, "") in self._adopted:
            return False
        maker = own.get(labels.OWNER)
        if maker is None:
            return str(thing.get("State", "")).lower() != "running"
        return not owner_lives(maker)

    def _folder_of(self, container: Mapping[str, Any]) -> Path | None:
        return self._folders.get(_labels(container).get(labels.WORKER, ""))

    def _tried(self, function: Any, *args: Any, **options: Any) -> bool:
        """Return whether the removal worked; what somebody else removed or still uses is passed over."""
        if self._dry_run:
            return True
        try:
            self._engine.blocking(function, *args, **options)
        except RefusedError:
            return False
        return True


def _labels(thing: Mapping[str, Any]) -> Mapping[str, str]:
    return thing.get("Labels") or {}
