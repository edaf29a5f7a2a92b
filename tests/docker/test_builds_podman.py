"""Environment builds on Podman's socket."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchest_tui.errors import BuildError
from orchest_tui.execution.docker.builds import EnvironmentBuilder
from orchest_tui.execution.docker.client import Engine
from orchest_tui.project.settings import Settings
from tests.docker.building import Builds, wait_for
from tests.docker.engines import Daemon

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]


def test_podman_builds_alike(podman: tuple[Daemon, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = tmp_path / "project"
    project.mkdir()
    daemon, base_image = podman
    settings = Settings(base_image=base_image, docker_host=daemon.url)
    connection = Engine(settings)
    try:
        builds = Builds(EnvironmentBuilder(connection, settings), connection, project)
        (project / "words.txt").write_text("from the project\n")
        environment = builds.environment("cat words.txt; sudo id -u")
        prepared = builds.prepare(environment)
        assert "from the project\n0\n" in builds.log.read_text()
        assert prepared.tools is not None
        builds.builder.prune(project, [environment])
        assert builds.builder.built(environment, project) == prepared
        builds.builder.prune(project, [])
        assert builds.builder.built(environment, project) is None
        with pytest.raises(BuildError, match="exit code 3"):
            builds.prepare(builds.environment("exit 3"))
        assert wait_for(lambda: not builds.containers())
    finally:
        connection.close()
