"""Every test starts from the same user: no settings, no variables, no history of the developer's own."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

KEPT_VARIABLES = {"ORCHEST_TUI_BASE_IMAGE", "ORCHEST_TUI_REQUIRE_DOCKER"}
"""What the machine that runs the tests may say: the image to build on, and that a missing engine is a failure."""

TERMINAL_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "TMUX", "STY")


def _forget_developer(patch: pytest.MonkeyPatch) -> None:
    """Remove the variables by which a developer's shell would change what a test sees."""
    for name in list(os.environ):
        if (name.startswith(("ORCHEST_TUI_", "ORCHEST_")) and name not in KEPT_VARIABLES) or (
            name in TERMINAL_VARIABLES
        ):
            patch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def isolated_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the whole session folders of its own, so that fixtures of a wide scope are isolated too.

    The cache folder is one for the session: what lies there is content-addressed (staged runtimes, virtual
    environments) and dear. pip keeps the developer's download cache.
    """
    home_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    memory = Path(tempfile.mkdtemp(prefix="orchest-tui-tests-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    with pytest.MonkeyPatch.context() as patch:
        _forget_developer(patch)
        patch.setenv("PIP_CACHE_DIR", os.environ.get("PIP_CACHE_DIR", str(home_cache / "pip")))
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            patch.setenv(f"XDG_{kind}_HOME", str(tmp_path_factory.mktemp(kind.lower())))
        patch.setenv("ORCHEST_TUI_MEMORY_DIR", str(memory))
        yield
    shutil.rmtree(memory, ignore_errors=True)


@pytest.fixture(autouse=True)
def isolated_user(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Give each test a user without settings, data or state, and an empty working folder.

    The base image that the machine names is seen by tests marked ``docker`` alone: settings have their defaults
    everywhere else.
    """
    for kind in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path_factory.mktemp(kind.lower())))
    if request.node.get_closest_marker("docker") is None:
        monkeypatch.delenv("ORCHEST_TUI_BASE_IMAGE", raising=False)
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))


ENVIRONMENT = "5e7a1f0c-9f53-4d8e-b7a1-0c2d3e4f5a61"
LOAD, CLEAN, REPORT = (f"{digit}0000000-0000-4000-8000-000000000000" for digit in "abc")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small healthy project: Load → Clean → Report, one environment, nothing has run."""
    folder = tmp_path / "weather"
    environment = folder / ".orchest" / "environments" / ENVIRONMENT
    environment.mkdir(parents=True)
    properties = {
        "uuid": ENVIRONMENT, "name": "Python 3", "language": "python", "base_image": "orchest-tui/base-py",
        "gpu_support": False,
    }  # fmt: skip
    (environment / "properties.json").write_text(json.dumps(properties))
    (environment / "setup_script.sh").write_text("#!/bin/bash\n")
    steps = {}
    for uuid, title, parents in ((LOAD, "Load", []), (CLEAN, "Clean", [LOAD]), (REPORT, "Report", [CLEAN])):
        file = f"{title.lower()}.py"
        (folder / file).write_text(f"print({title!r})\n")
        steps[uuid] = {
            "uuid": uuid, "title": title, "file_path": file, "environment": ENVIRONMENT,
            "incoming_connections": parents, "parameters": {}, "kernel": {"name": "python", "display_name": "Python 3"},
        }  # fmt: skip
    document = {
        "name": "Weather", "uuid": "d1a2b3c4-0000-4000-8000-000000000000", "version": "1.2.3", "parameters": {},
        "services": {}, "steps": steps, "settings": {"auto_eviction": False, "data_passing_memory_size": "1GB"},
    }  # fmt: skip
    (folder / "main.orchest").write_text(json.dumps(document, indent=4, sort_keys=True))
    return folder
