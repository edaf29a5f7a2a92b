"""Engines, the test image and a workbench; after each test nothing of it may be left in the engine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.execution.executor import PreparedEnvironment
from tests.docker.engines import (
    Daemon,
    client_of,
    copy_image,
    find_image,
    find_python,
    podman_service,
    private_dockerd,
)
from tests.docker.runs import docker_workshop, label_as_built
from tests.docker.workbench import Workbench
from tests.engine.workshop import Workshop


@pytest.fixture(scope="session")
def engine() -> Any:
    """The machine's container engine."""
    return client_of(None)


@pytest.fixture(scope="session")
def image(engine: Any) -> str:
    """An image with Python in the machine's engine."""
    return find_image(engine)


@pytest.fixture(scope="session")
def python(engine: Any, image: str) -> str:
    """The interpreter's path in ``image``."""
    return find_python(engine, image)


@pytest.fixture(scope="session")
def podman(engine: Any, image: str) -> Iterator[tuple[Daemon, str]]:
    """Podman's service with the test image in it."""
    with podman_service() as daemon:
        yield daemon, copy_image(engine, client_of(daemon.url), image)


@pytest.fixture(scope="session")
def dockerd(engine: Any, image: str) -> Iterator[tuple[Daemon, str]]:
    """A dockerd of the tests' own, without networks, with the test image in it; it may be killed and started again."""
    with private_dockerd() as daemon:
        yield daemon, copy_image(engine, client_of(daemon.url), image)


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[tuple[Path, Path, Path]]:
    """Folders for project, memory and data."""
    memory = Path(tempfile.mkdtemp(prefix="orchest-tui-test-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    project, data = tmp_path / "project", tmp_path / "data"
    project.mkdir()
    data.mkdir()
    yield project, memory, data
    shutil.rmtree(memory, ignore_errors=True)


@pytest.fixture(params=["docker", "podman"])
def any_bench(
    request: pytest.FixtureRequest, python: str, image: str, folders: tuple[Path, Path, Path]
) -> Iterator[Workbench]:
    """A workbench on the machine's engine and on Podman."""
    url, name = None, image
    if request.param == "podman":
        daemon, name = request.getfixturevalue("podman")
        url = daemon.url
    yield from _bench(url, name, python, folders)


@pytest.fixture
def bench(python: str, image: str, folders: tuple[Path, Path, Path]) -> Iterator[Workbench]:
    """A workbench on the machine's engine."""
    yield from _bench(None, image, python, folders)


@pytest.fixture
def fragile_bench(
    dockerd: tuple[Daemon, str], python: str, folders: tuple[Path, Path, Path]
) -> Iterator[tuple[Workbench, Daemon]]:
    """A workbench on an engine that the test may kill, and that engine."""
    daemon, name = dockerd
    for workbench in _bench(daemon.url, name, python, folders):
        yield workbench, daemon


def _bench(url: str | None, image: str, python: str, folders: tuple[Path, Path, Path]) -> Iterator[Workbench]:
    client = client_of(url)
    project, memory, data = folders
    environment = PreparedEnvironment("e", "Test", "key", image, python, None)
    workbench = Workbench(url, client, environment, project, memory, data)
    yield workbench
    left = workbench.containers()
    names = [f"{container.name} ({container.status})" for container in left]
    for container in sorted(left, key=lambda found: found.labels["orchest-tui.role"] == "pause"):
        container.remove(force=True)  # Podman removes the owner of a network namespace only after those who joined it
    networks = [network.name for network in workbench.networks()]
    assert not names, f"left behind: {names}"
    assert not networks, f"left behind: {networks}"
    run = workbench.session_dir / "run"
    assert not run.is_dir() or not list(run.iterdir()), "run folders left behind"


@pytest.fixture
def workshop(engine: Any, image: str, tmp_path: Path) -> Iterator[Workshop]:
    """A project whose steps run on the machine's engine, in the recipe's smaller image."""
    with docker_workshop(engine, tmp_path / "project", {"base_image": image}) as workshop:
        yield workshop


@pytest.fixture
def fragile_workshop(dockerd: tuple[Daemon, str], python: str, tmp_path: Path) -> Iterator[tuple[Workshop, Daemon]]:
    """A project on an engine that the test may kill, and that engine."""
    daemon, name = dockerd
    client = client_of(daemon.url)
    with docker_workshop(client, tmp_path / "project", {"docker_host": daemon.url, "base_image": name}) as workshop:
        label_as_built(client, workshop, name, python)
        yield workshop, daemon
