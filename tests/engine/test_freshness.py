"""Whether a step is fresh, and the words for why not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.engine.freshness import Freshness, evaluate, evaluate_all, step_path
from orchest_tui.project.definition import Pipeline
from tests.engine.builders import make_pipeline, make_present, make_record, row, success


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(f"print({name!r})\n")
        os.utime(tmp_path / f"{name}.py", (1000, 1000))
    return make_pipeline(
        tmp_path, {"a": [], "b": ["a"], "c": ["b"]}, parameters={"seed": 7}, step_parameters={"b": {"rows": 1000}}
    )


def verdict(pipeline: Pipeline, step: str, record: dict[str, Any], **changes: Any) -> Freshness:
    present = make_present(pipeline, **changes)
    return evaluate(pipeline.steps[step], success(step, record), row(step, "SUCCESS"), present)


def test_nothing_changed(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline), "b")
    assert verdict(pipeline, "b", record) == Freshness(True)


def test_never_run(pipeline: Pipeline) -> None:
    assert evaluate(pipeline.steps["a"], None, None, make_present(pipeline)) == Freshness(None, ("never run",))


def test_first_run_failed(pipeline: Pipeline) -> None:
    found = evaluate(pipeline.steps["a"], None, row("a", "FAILURE", reason="exit code 1"), make_present(pipeline))
    assert found == Freshness(False, ("last run failed: exit code 1",))


def test_failure_after_a_success(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline), "a")
    found = evaluate(
        pipeline.steps["a"], success("a", record), row("a", "FAILURE", 2, "exit code 1"), make_present(pipeline)
    )
    assert found == Freshness(False, ("last run failed: exit code 1",))


def test_abort_after_a_success_leaves_it_fresh(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline), "a")
    found = evaluate(pipeline.steps["a"], success("a", record), row("a", "ABORTED", 2), make_present(pipeline))
    assert found.fresh is True


def test_own_file_edited(pipeline: Pipeline, tmp_path: Path) -> None:
    record = make_record(make_present(pipeline), "b")
    (tmp_path / "b.py").write_text("print('other')\n")
    assert verdict(pipeline, "b", record) == Freshness(False, ("b.py edited",))


def test_helper_edited_and_gone(pipeline: Pipeline, tmp_path: Path) -> None:
    helper = tmp_path / "lib" / "features.py"
    helper.parent.mkdir()
    helper.write_text("x = 1\n")
    present = make_present(pipeline)
    record = make_record(present, "b")
    record["code"].append(["/project-dir/lib/features.py", present.file_digest("/project-dir/lib/features.py")])
    assert verdict(pipeline, "b", record).fresh is True
    helper.write_text("x = 2\n")
    assert verdict(pipeline, "b", record).reasons == ("lib/features.py edited",)
    helper.unlink()
    assert verdict(pipeline, "b", record).reasons == ("lib/features.py is gone",)


def test_touching_a_file_changes_nothing(pipeline: Pipeline, tmp_path: Path) -> None:
    record = make_record(make_present(pipeline), "b")
    os.utime(tmp_path / "b.py", (2000, 2000))
    assert verdict(pipeline, "b", record).fresh is True


def test_parameter_changed(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline), "b")
    found = verdict(pipeline, "b", record, step_parameters={"b": {"rows": 500}})
    assert found.reasons == ("rows 1000 → 500",)


def test_parameter_that_was_not_read(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline), "b", pipeline_parameters={})
    assert verdict(pipeline, "b", record, parameters={"seed": 8, "new": 1}).fresh is True


def test_every_parameter_counts_where_reads_are_unknown(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline), "b", all_parameters=True)
    assert verdict(pipeline, "b", record, parameters={"new": 1}).reasons == ("new (none) → 1",)


def test_parameter_asked_for_in_vain(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline), "b", pipeline_parameters={"missing": None})
    assert verdict(pipeline, "b", record).fresh is True
    assert verdict(pipeline, "b", record, parameters={"missing": 3}).reasons == ("missing null → 3",)


def test_environment_and_variables(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline, variables={"KEY": "h1", "OLD": "h"}), "b")
    found = verdict(
        pipeline, "b", record, environment_key=lambda _uuid: "environment-2", variables={"KEY": "h2", "NEW": "h"}
    )
    assert found.reasons == (
        "environment changed",
        "variable KEY changed",
        "variable NEW added",
        "variable OLD removed",
    )


def test_parent_gave_new_data(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline, outputs={"a": {None: "digest-1"}}), "b")
    assert verdict(pipeline, "b", record, outputs={"a": {None: "digest-1"}}).fresh is True
    assert verdict(pipeline, "b", record, outputs={"a": {None: "digest-2"}}).reasons == ("A gave new data",)
    assert verdict(pipeline, "b", record, outputs={"a": {"table": "digest-1"}}).reasons == ("A gave new data",)


def test_connections_changed(pipeline: Pipeline, tmp_path: Path) -> None:
    record = make_record(make_present(pipeline), "c")
    rewired = make_pipeline(tmp_path, {"a": [], "b": [], "c": ["a"]}, parameters={"seed": 7})
    assert verdict(rewired, "c", record).reasons == ("A connected, B disconnected",)
    both = make_pipeline(tmp_path, {"a": [], "b": [], "c": ["b", "a"]}, parameters={"seed": 7})
    swapped = make_pipeline(tmp_path, {"a": [], "b": [], "c": ["a", "b"]}, parameters={"seed": 7})
    record = make_record(make_present(both), "c")
    assert verdict(swapped, "c", record).reasons == ("order of connections changed",)


def test_data_file(pipeline: Pipeline, tmp_path: Path) -> None:
    raw = tmp_path / "data" / "raw.csv"
    raw.parent.mkdir()
    raw.write_text("1,2\n")
    status = raw.stat()
    record = make_record(make_present(pipeline), "a", data=[["/data/raw.csv", status.st_size, status.st_mtime_ns]])
    assert verdict(pipeline, "a", record).fresh is True
    raw.write_text("1,2,3\n")
    assert verdict(pipeline, "a", record).reasons == ("/data/raw.csv changed",)
    raw.unlink()
    assert verdict(pipeline, "a", record).reasons == ("/data/raw.csv is gone",)


def test_lost_output(pipeline: Pipeline) -> None:
    record = make_record(make_present(pipeline), "a")
    assert verdict(pipeline, "a", record, lost={"a": "its output is no longer in the cache"}).reasons == (
        "its output is no longer in the cache",
    )


def test_notebook_counts_its_code_only(tmp_path: Path) -> None:
    notebook = {
        "cells": [{"cell_type": "code", "source": ["x = 1"], "outputs": [], "execution_count": None, "metadata": {}}],
        "metadata": {},
    }
    path = tmp_path / "n.ipynb"
    pipeline = make_pipeline(tmp_path, {"n": []})
    path.write_text(json.dumps(notebook))
    before = make_present(pipeline).file_digest("/project-dir/n.ipynb")
    notebook["cells"][0].update(outputs=[{"output_type": "stream", "text": "1"}], execution_count=3)  # type: ignore[index]
    path.write_text(json.dumps(notebook))
    assert make_present(pipeline).file_digest("/project-dir/n.ipynb") == before
    notebook["cells"][0]["source"] = ["x = 2"]  # type: ignore[index]
    path.write_text(json.dumps(notebook))
    assert make_present(pipeline).file_digest("/project-dir/n.ipynb") != before


def test_what_is_above_is_named_and_does_not_make_stale(pipeline: Pipeline, tmp_path: Path) -> None:
    present = make_present(pipeline)
    successes = {step: success(step, make_record(present, step)) for step in "abc"}
    latest = {step: row(step, "SUCCESS") for step in "abc"}
    (tmp_path / "a.py").write_text("changed\n")
    verdicts = evaluate_all(successes, latest, make_present(pipeline), ["a", "b", "c"])
    assert verdicts["a"] == Freshness(False, ("a.py edited",))
    assert verdicts["b"] == Freshness(True, (), ("A",))
    assert verdicts["c"] == Freshness(True, (), ("A",))


@pytest.mark.parametrize(
    ("pipeline_file", "step_file", "inner"),
    [
        ("main.orchest", "src/load.py", "/project-dir/src/load.py"),
        ("flows/main.orchest", "../src/load.py", "/project-dir/src/load.py"),
        ("flows/main.orchest", "load.py", "/project-dir/flows/load.py"),
        ("main.orchest", "/data/shared/load.py", "/data/shared/load.py"),
    ],
)
def test_step_path(tmp_path: Path, pipeline_file: str, step_file: str, inner: str) -> None:
    from dataclasses import replace

    pipeline = replace(make_pipeline(tmp_path, {"a": []}), relative_path=pipeline_file)
    assert step_path(replace(pipeline.steps["a"], file_path=step_file), pipeline) == inner
