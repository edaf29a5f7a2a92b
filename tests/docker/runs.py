"""Workshops on container engines, and the check that nothing of them is left behind."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchest_tui.execution.docker.built_images import layer_labels
from orchest_tui.execution.docker.labels import PROJECT
from orchest_tui.execution.docker.layers import plan
from orchest_tui.project.environments import load_environments
from tests.engine.workshop import ENVIRONMENT, Workshop


def containers_of(client: Any, folder: Path) -> list[Any]:
    """Return the containers of a project, whatever their state."""
    return list(client.containers.list(all=True, filters={"label": f"{PROJECT}={folder}"}, ignore_removed=True))


def networks_of(client: Any, folder: Path) -> list[Any]:
    """Return the networks of a project."""
    return list(client.networks.list(filters={"label": f"{PROJECT}={folder}"}))


@contextmanager
def docker_workshop(client: Any, folder: Path, flags: dict[str, Any]) -> Iterator[Workshop]:
    """Give a workshop on an engine; afterwards nothing of it may be left there."""
    workshop = Workshop(folder, flags={"executor": "docker", **flags})
    yield workshop
    left = containers_of(client, folder)
    names = [f"{container.name} ({container.status})" for container in left]
    for container in left:
        container.remove(force=True)
    networks = networks_of(client, folder)
    for network in networks:
        network.remove()
    assert not names, f"left behind: {names}"
    assert not networks, f"left behind: {[network.name for network in networks]}"


def label_as_built(client: Any, workshop: Workshop, image: str, python: str) -> None:
    """Let ``image`` count as the built image of the workshop's environment, where nothing can be built."""
    environment = load_environments(workshop.folder)[0][ENVIRONMENT]
    layer = plan(environment, workshop.folder, workshop.settings)[-1]
    client.images.build(
        fileobj=io.BytesIO(f"FROM {image}\n".encode()),
        tag=layer.tag,
        labels=layer_labels(layer, workshop.folder, python, ""),
        rm=True,
    )
