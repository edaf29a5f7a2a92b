"""What the tests of environment builds share."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from orchest_tui.execution.docker.builds import EnvironmentBuilder
from orchest_tui.execution.docker.client import Engine
from orchest_tui.execution.executor import PreparedEnvironment
from orchest_tui.project.environments import Environment

PATIENCE = 120  # seconds until something that happens at once on a free machine counts as not happening


class Builds:
    """Builds environments with setup scripts that no other test has."""

    def __init__(self, builder: EnvironmentBuilder, connection: Engine, project: Path) -> None:
        self.builder = builder
        self.engine = connection
        self.project = project
        self.log = project.parent / "build.log"
        self.said: list[str] = []

    def environment(self, script: str, base_image: str = "orchest-tui/base-py") -> Environment:
        text = f"# {uuid.uuid4()}\n{script}" if script else ""
        return Environment(str(uuid.uuid4()), "Under test", "python", base_image, False, text, self.project / "env")

    def prepare(
        self, environment: Environment, cancel: threading.Event | None = None, *, anew: bool = False
    ) -> PreparedEnvironment:
        return self.builder.prepare(environment, self.project, self.log, self.said.append, cancel, anew=anew)

    def shell(self, prepared: PreparedEnvironment, command: str, user: str = "") -> str:
        """Run ``command`` in a container of ``prepared`` and return what it prints, whole lines."""
        output: bytes = self.engine.client.containers.run(
            prepared.image, ["bash", "-c", command], remove=True, user=user, network_mode="none"
        )
        return output.decode()

    def containers(self) -> list[str]:
        own = ["orchest-tui.role=build", f"orchest-tui.project={self.project}"]
        found = self.engine.client.api.containers(all=True, filters={"label": own})
        return [container["Id"] for container in found]


def wait_for(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
