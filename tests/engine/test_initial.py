"""The view state at opening."""

from __future__ import annotations

from pathlib import Path

from orchest_tui.engine.engine import Engine
from orchest_tui.engine.initial import initial_state
from orchest_tui.engine.opened import OpenPipeline
from orchest_tui.project.settings import Settings
from tests.conftest import CLEAN, LOAD, REPORT


def opened_pipeline(project: Path) -> OpenPipeline:
    return OpenPipeline(project, project / "main.orchest", Settings())


def test_every_step_is_there_before_anything_ran(project: Path) -> None:
    opened = opened_pipeline(project)
    opened.store.open()
    state = initial_state(opened)
    opened.close()
    assert list(state.steps) == [LOAD, CLEAN, REPORT]
    assert [step.status for step in state.steps.values()] == [None, None, None]
    assert state.run is None


def test_the_last_run_is_there_again(project: Path) -> None:
    opened = opened_pipeline(project)
    opened.store.open()
    run = opened.history.begin_run("all", {}, [(LOAD, "Load"), (CLEAN, "Clean")], 100.0)
    opened.history.start_step(run, LOAD, 1, {})
    opened.history.set_started(run, LOAD, 101.0)
    opened.history.end_step(run, LOAD, "FAILURE", 103.5, reason="exit code 1")
    opened.history.end_run(run, "FAILURE", 104.0, "Load failed")
    state = initial_state(opened)
    opened.close()
    step = state.steps[LOAD]
    assert (step.status, step.reason, step.seconds, step.run) == ("FAILURE", "exit code 1", 2.5, run)
    assert state.run is not None
    assert (state.run.number, state.run.status, state.run.steps) == (run, "FAILURE", (LOAD, CLEAN))


def test_an_opened_engine_has_it_and_answers_questions(project: Path) -> None:
    engine = Engine(project, project / "main.orchest", Settings(executor="local"))
    engine.open()
    try:
        assert set(engine.state.steps) == {LOAD, CLEAN, REPORT}
        assert engine.state.steps[LOAD].stale_reasons == ("never run",)
        assert engine.ask(lambda opened: opened.pipeline.name) == "Weather"
        assert not engine.live
    finally:
        engine.close()
