"""From samples of processor time to cores."""

from __future__ import annotations

from orchest_tui.engine.cores import OLD_SECONDS, CoreMeter
from orchest_tui.execution.protocol import Usage


def sample(time: float, cpu: float) -> Usage:
    return Usage(time=time, cpu=cpu, memory=1)


def test_cores_are_what_was_used_since_the_last_sample() -> None:
    meter = CoreMeter(100.0)
    assert meter.cores(sample(100.5, 0.25), 100.6) == 0.5
    assert meter.cores(sample(101.5, 2.25), 101.6) == 2.0
    assert meter.cores(sample(103.5, 2.25), 103.6) == 0.0


def test_time_that_is_lost_with_a_process_is_no_use() -> None:
    meter = CoreMeter(100.0)
    meter.cores(sample(101.0, 5.0), 101.0)
    assert meter.cores(sample(102.0, 1.0), 102.0) == 0.0
    assert meter.cores(sample(103.0, 2.0), 103.0) == 1.0


def test_samples_that_are_replayed_count_and_are_not_told() -> None:
    meter = CoreMeter(100.0)
    now = 200.0
    assert meter.cores(sample(101.0, 1.0), now) is None
    assert meter.cores(sample(now - OLD_SECONDS - 1, 50.0), now) is None
    assert meter.cores(sample(now, 53.0), now) == 0.5


def test_a_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    meter = CoreMeter(100.0)
    assert meter.cores(sample(100.0, 1.0), 100.0) is None
    assert meter.cores(sample(90.0, 2.0), 90.0) is None
    assert meter.cores(sample(91.0, 3.0), 91.0) == 1.0
