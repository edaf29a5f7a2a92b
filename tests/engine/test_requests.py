"""From a wish to a plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchest_tui.engine.freshness import Freshness
from orchest_tui.engine.requests import RunRequest, make_plan
from orchest_tui.errors import OrchestTuiError
from tests.engine.builders import make_pipeline

FRESH, STALE, NEVER = Freshness(True), Freshness(False, ("x edited",)), Freshness(None, ("never run",))
DIAMOND = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "e": ["d"]}
ALL_FRESH = dict.fromkeys(DIAMOND, FRESH)


def plan(tmp_path: Path, request: RunRequest, verdicts: dict[str, Freshness] | None = None) -> dict[str, list[str]]:
    made = make_plan(request, make_pipeline(tmp_path, DIAMOND), verdicts or ALL_FRESH)
    return {step: list(parents) for step, parents in made.parents.items()}


def test_selected_keeps_only_edges_between_selected(tmp_path: Path) -> None:
    assert plan(tmp_path, RunRequest("selected", ("d", "a", "b"))) == {"a": [], "b": ["a"], "d": ["b"]}


def test_selected_steps_that_are_not_neighbours_run_side_by_side(tmp_path: Path) -> None:
    assert plan(tmp_path, RunRequest("selected", ("a", "d"))) == {"a": [], "d": []}


def test_incoming_leaves_the_selection_out(tmp_path: Path) -> None:
    assert set(plan(tmp_path, RunRequest("incoming", ("d",)))) == {"a", "b", "c"}
    assert set(plan(tmp_path, RunRequest("incoming", ("d", "b")))) == {"a", "c"}


def test_from(tmp_path: Path) -> None:
    assert list(plan(tmp_path, RunRequest("from", ("c",)))) == ["c", "d", "e"]


def test_all(tmp_path: Path) -> None:
    assert plan(tmp_path, RunRequest("all")) == DIAMOND


def test_stale_takes_what_is_below_along_lazily(tmp_path: Path) -> None:
    made = make_plan(RunRequest("stale"), make_pipeline(tmp_path, DIAMOND), {**ALL_FRESH, "b": STALE})
    assert list(made.parents) == ["b", "d", "e"]
    assert made.lazy


def test_stale_among_named_steps(tmp_path: Path) -> None:
    verdicts = {**ALL_FRESH, "b": STALE, "c": NEVER}
    assert list(plan(tmp_path, RunRequest("stale", ("b", "d")), verdicts)) == ["b", "d"]


def test_stale_with_nothing_stale(tmp_path: Path) -> None:
    assert plan(tmp_path, RunRequest("stale")) == {}


def test_unknown_step(tmp_path: Path) -> None:
    with pytest.raises(OrchestTuiError, match="no step x"):
        plan(tmp_path, RunRequest("selected", ("x",)))


def test_selection_is_needed(tmp_path: Path) -> None:
    with pytest.raises(OrchestTuiError, match="needs steps"):
        plan(tmp_path, RunRequest("from"))


def test_request_survives_json() -> None:
    request = RunRequest("selected", ("a",), {"seed": 1}, {"a": {"rows": [1, 2]}}, 3)
    assert RunRequest.from_json(request.to_json()) == request
