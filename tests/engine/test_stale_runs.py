"""Freshness through real runs: what a change makes stale, why, and what a stale run does and does not run."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from orchest_tui.engine import events
from tests.engine.workshop import Workshop, step_uuid

MAKER = "import orchest, helper; orchest.output(helper.value(), None)"
READER = "import orchest; print(orchest.get_inputs()['unnamed'])"


@pytest.fixture
def chain(workshop: Workshop) -> Workshop:
    """Maker, which imports a helper → reader → last; all have run."""
    workshop.write("helper.py", "def value():\n    return 41 + 1\n")
    workshop.step("maker", MAKER)
    workshop.step("reader", READER + "; orchest.output('same', None)", "maker")
    workshop.step("last", READER, "reader")
    assert workshop.run().end.status == "SUCCESS"
    assert workshop.fresh() == {"maker": True, "reader": True, "last": True}
    return workshop


def test_nothing_changed_nothing_runs(chain: Workshop) -> None:
    with chain.engine() as opened:
        assert opened.start("stale") is None


def test_an_edited_helper_makes_stale_and_the_same_bytes_leave_the_rest_fresh(chain: Workshop) -> None:
    chain.write("helper.py", "def value():\n    return 6 * 7\n")
    assert chain.reasons() == {"maker": ("helper.py edited",), "reader": (), "last": ()}
    outcome = chain.run("stale")
    assert outcome.statuses["maker"] == "SUCCESS"
    assert outcome.reused == {"reader", "last"}
    assert set(outcome.end.reused) == {step_uuid("reader"), step_uuid("last")}
    assert chain.fresh() == {"maker": True, "reader": True, "last": True}


def test_a_reused_step_is_shown_as_its_success_left_it(chain: Workshop) -> None:
    reader = step_uuid("reader")
    chain.write("helper.py", "def value():\n    return 6 * 7\n")
    with chain.engine() as opened:
        before = opened.engine.state.steps[reader]
        assert (before.status, before.run) == ("SUCCESS", 1)
        assert opened.run("stale").reused == {"reader", "last"}
        after = opened.engine.state.steps[reader]
        assert (after.status, after.run, after.seconds) == (before.status, before.run, before.seconds)


def test_a_step_without_a_sandbox_is_seen_as_well(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name in {"bwrap", "unshare"} else which(name))
    workshop.write("helper.py", "VALUE = 1\n")
    workshop.write("inputs/table.csv", "1\n")
    workshop.step("reader", "import helper, pathlib; print(pathlib.Path('inputs/table.csv').read_text())")
    with workshop.engine() as opened:
        assert opened.run().end.status == "SUCCESS"
        assert any("isolation" in notice for notice in opened.notices()), opened.notices()
    assert workshop.fresh() == {"reader": True}
    workshop.write("helper.py", "VALUE = 2\n")
    workshop.write("inputs/table.csv", "2\n")
    assert set(workshop.reasons()["reader"]) == {"helper.py edited", "inputs/table.csv edited"}


def test_new_data_runs_the_child_and_stops_where_bytes_are_the_same(chain: Workshop) -> None:
    chain.write("helper.py", "def value():\n    return 43\n")
    assert chain.run("selected", "maker").end.status == "SUCCESS"
    assert chain.reasons() == {"maker": (), "reader": ("maker gave new data",), "last": ()}
    outcome = chain.run("stale")
    assert outcome.reused == {"last"}
    assert chain.log(3, "reader") == "[43]\n"


def test_an_edit_and_its_undoing_are_no_change(chain: Workshop) -> None:
    before = (chain.folder / "helper.py").read_text()
    chain.write("helper.py", "def value():\n    return 0\n")
    assert chain.fresh()["maker"] is False
    (chain.folder / "helper.py").write_text(before)
    assert chain.fresh()["maker"] is True


def test_a_part_runs_again_alone_from_cached_inputs_in_a_new_process(chain: Workshop) -> None:
    done = chain.command("run", "--step", "reader", "--executor", "local")
    assert done.returncode == 0, done.stdout + done.stderr
    assert chain.log(2, "reader") == "[42]\n"
    assert chain.log(2, "maker") == ""


def test_parameters_that_a_step_reads_count_and_no_others(workshop: Workshop) -> None:
    source = "import orchest; print(orchest.get_step_param('rows'), orchest.get_pipeline_param('name', 'nobody'))"
    workshop.definition["parameters"] = {"colour": "red"}
    workshop.step("reader", source, parameters={"rows": 1000, "unread": 1})
    workshop.step("other", "print('reads nothing')", parameters={"rows": 1000})
    workshop.run()
    assert workshop.log(1, "reader") == "1000 nobody\n"
    for step in workshop.definition["steps"].values():
        step["parameters"].update(rows=500, unread=2)
    workshop.definition["parameters"] = {"colour": "blue"}
    workshop.save()
    assert workshop.reasons() == {"reader": ("rows 1000 → 500",), "other": ()}
    workshop.run("stale")
    assert workshop.log(2, "reader") == "500 nobody\n"
    workshop.definition["parameters"]["name"] = "somebody"
    workshop.save()
    assert workshop.reasons()["reader"] == ("name null → somebody",)


def test_parameters_for_one_run(workshop: Workshop) -> None:
    source = "import orchest; print(orchest.get_step_param('rows'), orchest.get_pipeline_param('name'))"
    workshop.definition["parameters"] = {"name": "file"}
    step = workshop.step("reader", source, parameters={"rows": 1})
    workshop.run()
    outcome = workshop.run("stale", parameters={"name": "flag"}, step_parameters={step: {"rows": [2, "two"]}})
    assert outcome.statuses == {"reader": "SUCCESS"}
    assert workshop.log(2, "reader") == "[2, 'two'] flag\n"
    assert set(workshop.reasons()["reader"]) == {'rows [2, "two"] → 1', "name flag → file"}
    document = json.loads(workshop.path.read_text())
    assert document["parameters"] == {"name": "file"}


def test_data_and_other_files_that_were_read_count(workshop: Workshop) -> None:
    data = workshop.write("inputs/table.csv", "1,2\n")
    source = "import pathlib; print(pathlib.Path('inputs/table.csv').read_text(), end='')"
    workshop.step("reader", source)
    workshop.run()
    assert workshop.fresh() == {"reader": True}
    data.write_text("3,4\n")
    assert workshop.reasons() == {"reader": ("inputs/table.csv edited",)}
    data.unlink()
    assert workshop.reasons() == {"reader": ("inputs/table.csv is gone",)}


def test_files_that_a_step_writes_itself_do_not_make_it_stale(workshop: Workshop) -> None:
    source = """
        import pathlib
        state = pathlib.Path("counter.txt")
        count = int(state.read_text()) + 1 if state.exists() else 1
        state.write_text(str(count))
    """
    workshop.step("counter", source)
    workshop.run()
    workshop.run()
    assert (workshop.folder / "counter.txt").read_text() == "2"
    assert workshop.fresh() == {"counter": True}


def test_connections_and_environments_count(chain: Workshop) -> None:
    chain.definition["steps"][step_uuid("last")]["incoming_connections"] = [step_uuid("maker")]
    chain.save()
    assert chain.reasons()["last"] == ("maker connected, reader disconnected",)
    (environment,) = (chain.folder / ".orchest" / "environments").iterdir()
    (environment / "setup_script.sh").write_text("#!/bin/bash\ntrue\n")
    assert chain.reasons()["maker"] == ("environment changed",)


def test_environment_variables_count_by_name_and_never_by_value(chain: Workshop) -> None:
    assert chain.command("env", "set", "TOKEN=s3cret").returncode == 0
    assert chain.reasons()["maker"] == ("variable TOKEN added",)
    chain.run("stale")
    assert chain.command("env", "set", "TOKEN=other").returncode == 0
    assert chain.reasons()["maker"] == ("variable TOKEN changed",)
    for path in chain.layout.lock_file.parent.rglob("*"):
        if path.is_file():
            assert b"s3cret" not in path.read_bytes(), f"{path} has a secret in it"


def test_clearing_the_cache_makes_stale_with_the_reason(chain: Workshop) -> None:
    assert chain.command("cache", "clear", "maker").returncode == 0
    assert chain.reasons() == {"maker": ("its output is no longer in the cache",), "reader": (), "last": ()}
    outcome = chain.run("stale")
    assert outcome.statuses["maker"] == "SUCCESS"
    assert outcome.reused == {"reader", "last"}


def test_outputs_that_are_gone_from_memory_are_told(chain: Workshop) -> None:
    (maker,) = (step for step in chain.status().steps if step.title == "maker")
    for entry in maker.outputs:
        entry.path.unlink()
    with chain.engine() as opened:
        assert "Outputs are gone from memory: maker. Run those steps again." in opened.notices()
        assert opened.run("stale").statuses["maker"] == "SUCCESS"


def test_auto_eviction_keeps_a_leaf_and_nothing_becomes_stale(chain: Workshop) -> None:
    chain.definition["settings"]["auto_eviction"] = True
    chain.step("leaf", "import orchest; orchest.output('kept', None)", "last")
    assert chain.run().end.status == "SUCCESS"
    held = {step.title: [entry.name for entry in step.outputs] for step in chain.status().steps}
    assert held == {"maker": [], "reader": [], "last": [], "leaf": [None]}
    assert set(chain.fresh().values()) == {True}


def test_a_stale_child_of_an_evicted_output_gets_it_made_again(chain: Workshop) -> None:
    chain.definition["settings"]["auto_eviction"] = True
    chain.save()
    assert chain.run().end.status == "SUCCESS"
    chain.write("last.py", READER + "; print('edited')")
    outcome = chain.run("stale")
    assert outcome.end.status == "SUCCESS", outcome.end
    assert chain.newest_log("last") == "['same']\nedited\n"


def test_a_file_edited_while_the_step_runs_makes_it_stale(workshop: Workshop) -> None:
    workshop.write("helper.py", "VALUE = 1\n")
    workshop.step(
        "editor",
        """
        import pathlib, helper
        pathlib.Path("pretend-editor.txt").write_text("VALUE = 2\\n")
        import os
        os.system("mv pretend-editor.txt helper.py")
        """,
    )
    workshop.run()
    assert workshop.reasons() == {"editor": ("helper.py edited",)}


def test_freshness_is_told_as_events(chain: Workshop) -> None:
    with chain.engine() as opened:
        verdicts = {event.title: event.fresh for event in opened.told if isinstance(event, events.FreshnessChanged)}
        assert verdicts == {"maker": True, "reader": True, "last": True}


def test_a_history_that_is_no_database_is_told(chain: Workshop) -> None:
    history = chain.layout.history_file
    for file in history.parent.glob(history.name + "*"):
        file.unlink()
    history.write_bytes(os.urandom(8192))
    done = chain.command("run", "--executor", "local")
    assert done.returncode == 2
    assert "can't be used as a run history" in done.stderr
    assert "Traceback" not in done.stderr
