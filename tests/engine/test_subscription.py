"""The queue of a reader that does not keep up."""

from __future__ import annotations

import pytest

from orchest_tui.engine import engine, events
from orchest_tui.engine.engine import Subscription


def test_a_full_queue_loses_what_passes_and_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUEUE_LIMIT", 5)
    passing = [
        events.StepProgress(1.0, 1, "a", 0.5),
        events.StepUsage(1.0, 1, "a", 1.0, 1000),
        events.CellChanged(1.0, 1, "a", 0, 2, "running"),
    ]
    changes = [events.StepChanged(float(moment), 1, "a", "A", "STARTED") for moment in range(4)]
    subscription = Subscription()
    for event in (changes[0], *passing, changes[1], changes[2], changes[3]):
        subscription.put(event)
    left = [subscription.get(0.0) for _ in range(len(changes))]
    assert left == changes
    assert subscription.get(0.0) is None
