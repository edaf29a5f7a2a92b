"""Errors that nobody foresaw, in the app: one message, a file to send, the exit code of a defect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App

from orchest_tui import entry
from orchest_tui.project.layout import state_dir
from orchest_tui.ui.app import OrchestApp
from orchest_tui.ui.pipeline.screen import PipelineScreen


def fail(*_: object) -> None:
    raise ZeroDivisionError("unforeseen [b]\x1b[2J")


async def fail_later(*_: object) -> None:
    fail()


@pytest.fixture
def without_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program open the app where there is no terminal."""
    monkeypatch.setattr(entry, "wants_screen", lambda *_, **__: True)
    monkeypatch.setattr(OrchestApp, "run", lambda app: App.run(app, headless=True))


@pytest.mark.usefixtures("without_terminal")
@pytest.mark.parametrize(
    ("method", "failing"),
    [
        ("pipeline.screen.PipelineScreen.on_mount", fail),
        ("engine_session.EngineSession.open", fail_later),
        ("app.OrchestApp.use_keymap", fail),
    ],
    ids=["in a handler", "in a worker", "before the app runs"],
)
def test_a_defect_of_the_app_is_told_like_one_of_the_command_line(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    method: str,
    failing: Callable[..., object],
) -> None:
    monkeypatch.setattr(f"orchest_tui.ui.{method}", failing)
    assert entry.main([str(project)]) == 70
    told = capfd.readouterr()
    [log] = state_dir().glob("crash-*.log")
    assert told.err.startswith("error: orchest-tui failed: ZeroDivisionError: unforeseen [b]")
    assert str(log) in told.err
    assert "Traceback" not in told.out + told.err
    assert "\x1b[2J" not in told.out + told.err
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert "in fail" in log.read_text(encoding="utf-8")


@pytest.mark.usefixtures("without_terminal")
def test_a_full_disk_is_no_defect(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device", "/full")

    monkeypatch.setattr(PipelineScreen, "on_mount", no_room)
    assert entry.main([str(project)]) == 2
    assert "Nothing more can be written at /full" in capfd.readouterr().err
