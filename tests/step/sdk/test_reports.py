"""Reports: bounded, independent of the process's descriptors, and no trouble where nobody listens."""

from __future__ import annotations

import os
import time

import pytest

from orchest_tui.step.sdk import orchest
from orchest_tui.step.sdk.orchest import reports

from .conftest import Engine


def test_progress(engine: Engine) -> None:
    orchest.progress(0.25, "reading")
    orchest.progress(None, "x" * 1000)
    orchest.progress(1, text="done")
    assert engine.reports() == [
        {"type": "progress", "fraction": 0.25, "text": "reading"},
        {"type": "progress", "fraction": None, "text": "x" * 200},
        {"type": "progress", "fraction": 1.0, "text": "done"},
    ]


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_fraction_lies_between_0_and_1(fraction: float, engine: Engine) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        orchest.progress(fraction)
    assert engine.reports() == []


def test_a_flood_is_thinned_and_its_end_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    for number in range(10_001):
        clock[0] += 0.0001  # one second in all
        orchest.progress(number / 10_000)
    arrived = engine.reports()
    assert 30 <= len(arrived) <= 45
    assert arrived[-1]["fraction"] == 1.0


def test_without_an_engine_nothing_happens(project: object) -> None:
    orchest.progress(0.5)
    assert reports.send({"type": "progress"}) is False


def test_a_busy_supervisor_does_not_stop_a_loop(engine: Engine) -> None:
    sent = 0
    while reports.send({"type": "progress", "fraction": None, "text": ""}, wait=False) and sent < 10_000:
        sent += 1
    assert 0 < sent < 10_000
    assert len(engine.reports()) == sent


def test_a_fork_reports_too(engine: Engine) -> None:
    child = os.fork()
    if child == 0:
        orchest.progress(0.5, "child")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert [report["text"] for report in engine.reports()] == ["child"]


def test_a_large_preview_fits_a_packet(engine: Engine) -> None:
    assert reports.send({"type": "output", "preview": {"text": "x" * 48 * 1024}, "name": "y" * 1000})
    assert len(engine.reports()[0]["preview"]["text"]) == 48 * 1024
