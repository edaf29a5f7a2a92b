"""A project for the local executor, which needs no container engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project whose steps run on the local executor."""
    return Workshop(tmp_path / "project")
