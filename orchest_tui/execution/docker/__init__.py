"""Steps in containers, through Docker Engine's API 1.41 or later, which Podman's socket speaks too."""

from orchest_tui.execution.docker.clean import clean
from orchest_tui.execution.docker.client import engine_facts
from orchest_tui.execution.docker.executor import DockerExecutor

__all__ = ["DockerExecutor", "clean", "engine_facts"]
