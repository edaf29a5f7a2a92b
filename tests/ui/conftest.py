"""Steps of the terminal app's tests run on the local executor."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def local_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose the executor as a user would, by the environment."""
    monkeypatch.setenv("ORCHEST_TUI_EXECUTOR", "local")
    monkeypatch.setenv("ORCHEST_TUI_WARM_SPARES", "0")
