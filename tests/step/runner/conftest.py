"""Fixtures of the runner's tests."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.step.runner.harness import Step

VERSIONS = Path.home() / ".pyenv" / "versions"


@pytest.fixture
def make_step(tmp_path: Path) -> Iterator[Callable[..., Step]]:
    """Return what makes steps, each in a folder of its own."""
    made: list[Step] = []

    def make(**options: Any) -> Step:
        made.append(Step(tmp_path / str(len(made)), **options))
        return made[-1]

    yield make
    for step in made:
        step.close()


@pytest.fixture
def step(make_step: Callable[..., Step]) -> Step:
    """Return a step whose runner waits for ``prepare``."""
    return make_step()


@functools.cache
def find_python(version: str) -> str | None:
    """Return an interpreter of ``version`` (``3.8``) on this machine."""
    places = [f"python{version}", *(str(path / "bin" / "python") for path in sorted(VERSIONS.glob(f"{version}.*")))]
    for place in places:
        try:
            found = subprocess.run(
                [place, "-c", "import sys; print(sys.executable)"], capture_output=True, timeout=60, check=False
            )
        except OSError:
            continue
        if found.returncode == 0:
            return found.stdout.decode().strip()
    return None
