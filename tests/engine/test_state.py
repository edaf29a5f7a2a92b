"""The reducer: events in, immutable states out."""

from __future__ import annotations

from orchest_tui.engine import events
from orchest_tui.engine.state import KEPT_NOTICES, Preparing, ViewState, reduce


def after(*happened: events.Event) -> ViewState:
    state = ViewState()
    for event in happened:
        state = reduce(state, event)
    return state


RUN = events.RunStarted(10.0, 1, "all", ("a", "b"))
PENDING_A = events.StepChanged(10.0, 1, "a", "A", "PENDING")
STARTED_A = events.StepChanged(11.0, 1, "a", "A", "STARTED", attempt=1)


def test_a_step_through_its_run() -> None:
    state = after(RUN, PENDING_A, STARTED_A, events.StepProgress(12.0, 1, "a", 0.5, "half"))
    step = state.steps["a"]
    assert (step.status, step.started, step.fraction, step.progress) == ("STARTED", 11.0, 0.5, "half")
    state = reduce(state, events.StepChanged(13.0, 1, "a", "A", "SUCCESS", seconds=2.0))
    step = state.steps["a"]
    assert (step.status, step.seconds, step.fraction, step.progress) == ("SUCCESS", 2.0, None, "")


def test_versions_rise_only_with_changes() -> None:
    state = after(RUN, PENDING_A)
    again = reduce(state, PENDING_A)
    assert again is state
    assert reduce(state, STARTED_A).version == state.version + 1


def test_unchanged_steps_stay_the_same_objects() -> None:
    state = after(RUN, PENDING_A, events.StepChanged(10.0, 1, "b", "B", "PENDING"))
    changed = reduce(state, STARTED_A)
    assert changed.steps["b"] is state.steps["b"]
    assert changed.steps["a"] is not state.steps["a"]
    assert state.steps["a"].status == "PENDING"


def test_cells_are_progress() -> None:
    state = after(RUN, STARTED_A, events.CellChanged(12.0, 1, "a", 1, 4, "running"))
    assert (state.steps["a"].fraction, state.steps["a"].progress) == (0.25, "cell 2/4")
    state = reduce(state, events.CellChanged(12.5, 1, "a", 1, 4, "ok", 0.5))
    assert state.steps["a"].fraction == 0.5


def test_what_a_step_uses_is_shown_while_it_runs() -> None:
    usage = events.StepUsage(12.0, 1, "a", 1.5, 1 << 20)
    running = after(RUN, STARTED_A, usage)
    assert (running.steps["a"].cpu, running.steps["a"].memory) == (1.5, 1 << 20)
    for status in ("SUCCESS", "FAILURE", "ABORTED", "PENDING"):
        ended = reduce(running, events.StepChanged(13.0, 1, "a", "A", status, attempt=1))
        assert (ended.steps["a"].cpu, ended.steps["a"].memory) == (None, None)
        assert reduce(ended, usage) is ended, "a late sample"


def test_run_end_of_another_run_is_ignored() -> None:
    state = after(RUN)
    assert reduce(state, events.RunFinished(20.0, 2, "SUCCESS")).run is state.run
    ended = reduce(state, events.RunFinished(20.0, 1, "FAILURE", "A failed", ("b",)))
    assert ended.run is not None
    assert (ended.run.status, ended.run.finished, ended.run.reused) == ("FAILURE", 20.0, ("b",))


def test_outputs_add_up() -> None:
    state = after(
        RUN,
        events.OutputStored(12.0, 1, "a", None, 100, "d"),
        events.OutputStored(12.0, 1, "a", "table", 50, "e"),
        events.OutputStored(12.0, 1, "a", None, 70, "f"),
    )
    assert state.steps["a"].bytes == 120


def test_freshness() -> None:
    state = after(events.FreshnessChanged(1.0, "a", "A", False, ("a.py edited",), ("B",)))
    step = state.steps["a"]
    assert (step.fresh, step.stale_reasons, step.upstream_stale) == (False, ("a.py edited",), ("B",))


def test_notices_are_bounded() -> None:
    state = after(*(events.Notice(float(n), "info", str(n)) for n in range(KEPT_NOTICES + 5)))
    assert len(state.notices) == KEPT_NOTICES
    assert state.notices[-1].text == str(KEPT_NOTICES + 4)


def test_an_environment_is_told_of_while_it_is_made_ready() -> None:
    state = after(events.EnvironmentProgress(1.0, "e", "Python 3", "Installing"))
    assert state.environments == {"e": Preparing("Python 3", "Installing")}
    ready = reduce(state, events.EnvironmentReady(2.0, "e", "Python 3"))
    assert ready.environments == {}
    assert reduce(ready, events.EnvironmentReady(3.0, "e", "Python 3")).version == ready.version
