"""Runs on the local executor: which steps run, in which order, and what an end means for the others."""

from __future__ import annotations

import sqlite3

import pytest

from orchest_tui.engine import events
from orchest_tui.engine.requests import RunKind
from orchest_tui.errors import InvalidProjectError, OrchestTuiError
from orchest_tui.log_times import LineTimes
from tests.engine.workshop import Workshop, step_uuid, wait_until

QUIET = "pass\n"


def diamond(workshop: Workshop, **sources: str) -> None:
    """Top → left, right → bottom."""
    for title, parents in (("top", ()), ("left", ("top",)), ("right", ("top",)), ("bottom", ("left", "right"))):
        workshop.step(title, sources.get(title, QUIET), *parents)


def test_values_travel_in_the_order_of_connections(workshop: Workshop) -> None:
    workshop.step("left", "import orchest; orchest.output({'left': 1}, None)")
    workshop.step("right", "import orchest; orchest.output((2, 'two'), 'named'); orchest.output([3], 'other')")
    workshop.step("child", "import orchest; print(orchest.get_inputs())", "right", "left")
    outcome = workshop.run()
    assert outcome.end.status == "SUCCESS"
    assert workshop.log(1, "child") == "{'unnamed': [{'left': 1}], 'named': (2, 'two'), 'other': [3]}\n"
    stored = {(event.step, event.name) for event in outcome.of(events.OutputStored)}
    assert stored == {(step_uuid("left"), None), (step_uuid("right"), "named"), (step_uuid("right"), "other")}
    assert all(event.bytes > 0 and len(event.digest) == 32 for event in outcome.of(events.OutputStored))


@pytest.mark.parametrize(
    ("kind", "titles", "expected"),
    [
        ("all", (), {"top", "left", "right", "bottom"}),
        ("selected", ("left",), {"left"}),
        ("selected", ("top", "bottom"), {"top", "bottom"}),
        ("incoming", ("bottom",), {"top", "left", "right"}),
        ("incoming", ("left",), {"top"}),
        ("from", ("left",), {"left", "bottom"}),
        ("stale", (), {"top", "left", "right", "bottom"}),
        ("stale", ("top",), {"top"}),
    ],
)
def test_kinds_of_runs(workshop: Workshop, kind: RunKind, titles: tuple[str, ...], expected: set[str]) -> None:
    diamond(workshop)
    outcome = workshop.run(kind, *titles)
    assert outcome.end.status == "SUCCESS"
    assert set(outcome.statuses) == expected
    assert set(outcome.statuses.values()) == {"SUCCESS"}


def test_parents_end_before_children_start(workshop: Workshop) -> None:
    diamond(workshop)
    changes = [(event.title, event.status) for event in workshop.run().of(events.StepChanged)]
    for parent, child in (("top", "left"), ("top", "right"), ("left", "bottom"), ("right", "bottom")):
        assert changes.index((parent, "SUCCESS")) < changes.index((child, "STARTED"))


def test_a_failed_branch_ends_its_descendants_only(workshop: Workshop) -> None:
    diamond(workshop, left="print('about to fail'); raise SystemExit(3)")
    workshop.step("leaf", QUIET, "bottom")
    outcome = workshop.run()
    assert outcome.statuses == {
        "top": "SUCCESS", "left": "FAILURE", "right": "SUCCESS", "bottom": "ABORTED", "leaf": "ABORTED",
    }  # fmt: skip
    assert outcome.reason("left") == "exit code 3"
    assert outcome.reason("bottom") == outcome.reason("leaf") == "left failed"
    assert (outcome.end.status, outcome.end.reason) == ("FAILURE", "left failed")
    assert workshop.log(1, "left") == "about to fail\norchest-tui: exit code 3\n"


def test_a_failed_step_keeps_the_outputs_of_its_last_success(workshop: Workshop) -> None:
    source = "import orchest; orchest.output('good', None)"
    workshop.step("parent", source)
    workshop.step("child", "import orchest; print(orchest.get_inputs()['unnamed'])", "parent")
    workshop.run("selected", "parent")
    workshop.write("parent.py", "import orchest; orchest.output('half done', None); raise SystemExit(1)")
    assert workshop.run("selected", "parent").end.status == "FAILURE"
    assert workshop.run("selected", "child").end.status == "SUCCESS"
    assert workshop.log(3, "child") == "['good']\n"
    assert workshop.reasons()["parent"][0] == "last run failed: exit code 1"


def test_abort_of_the_run(workshop: Workshop) -> None:
    diamond(workshop, left="import time; print('working', flush=True); time.sleep(3600)")
    with workshop.engine() as opened:
        run = opened.start()
        assert run is not None
        wait_until(lambda: workshop.log(run, "left") == "working\n")
        opened.engine.abort()
        outcome = opened.wait(run)
        assert outcome.end.status == "ABORTED"
        assert outcome.statuses["top"] == "SUCCESS"
        assert outcome.statuses["left"] == outcome.statuses["bottom"] == "ABORTED"
        assert opened.run("selected", "top").end.status == "SUCCESS"


def test_abort_of_one_step_lets_the_others_go_on(workshop: Workshop) -> None:
    diamond(workshop, left="import time; print('working', flush=True); time.sleep(3600)")
    with workshop.engine() as opened:
        run = opened.start()
        assert run is not None
        wait_until(lambda: workshop.log(run, "left") == "working\n")
        opened.engine.abort([step_uuid("left")])
        outcome = opened.wait(run)
    assert outcome.statuses == {"top": "SUCCESS", "left": "ABORTED", "right": "SUCCESS", "bottom": "ABORTED"}
    assert outcome.reason("bottom") == "left was aborted"
    assert outcome.end.status == "ABORTED"


def test_a_retry_succeeds_and_the_log_holds_both_attempts(workshop: Workshop) -> None:
    source = """
        import pathlib, orchest
        tried = pathlib.Path("tried")
        print("attempt", "two" if tried.exists() else "one")
        if not tried.exists():
            tried.touch()
            raise SystemExit(9)
        orchest.output("at last", None)
    """
    workshop.step("shaky", source, retries=2)
    workshop.step("child", "import orchest; print(orchest.get_inputs()['unnamed'])", "shaky")
    outcome = workshop.run()
    assert outcome.statuses == {"shaky": "SUCCESS", "child": "SUCCESS"}
    assert [event.attempt for event in outcome.of(events.StepChanged) if event.status == "STARTED"] == [1, 2, 1]
    log = workshop.log(1, "shaky")
    assert log.index("attempt one") < log.index("attempt 1 of 3 failed: exit code 9") < log.index("attempt two")
    assert workshop.log(1, "child") == "['at last']\n"


def test_retries_are_bounded(workshop: Workshop) -> None:
    workshop.step("hopeless", "print('again'); raise SystemExit(1)", retries=2)
    outcome = workshop.run()
    assert outcome.end.status == "FAILURE"
    assert workshop.log(1, "hopeless").splitlines().count("again") == 3


def test_a_step_that_takes_too_long_is_ended(workshop: Workshop) -> None:
    workshop.step("slow", "import time; print('begun', flush=True); time.sleep(3600)", timeout=2)
    outcome = workshop.run()
    assert outcome.statuses == {"slow": "FAILURE"}
    assert outcome.reason("slow") == "timed out after 2 s"
    assert "begun\n" in workshop.log(1, "slow")


MEETING = """
    import pathlib, time
    place = pathlib.Path("meeting")
    place.mkdir(exist_ok=True)
    (place / "{me}").touch()
    until = time.monotonic() + 100
    while len(list(place.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(list(place.iterdir())) == 2
"""


def test_independent_steps_run_at_the_same_time(workshop: Workshop) -> None:
    workshop.step("one", MEETING.format(me="one"))
    workshop.step("two", MEETING.format(me="two"))
    assert workshop.run().end.status == "SUCCESS"


ALONE = """
    import pathlib, time
    busy = pathlib.Path("busy")
    busy.mkdir()  # fails where another one is at work
    time.sleep(0.05)
    busy.rmdir()
"""


@pytest.mark.parametrize("limit", ["request", "pipeline", "settings"])
def test_limits_of_parallel_steps(workshop: Workshop, limit: str) -> None:
    for title in "abcd":
        workshop.step(title, ALONE)
    if limit == "pipeline":
        workshop.definition["settings"]["max_steps_parallelism"] = 1
        workshop.save()
    elif limit == "settings":
        workshop.flags["parallel"] = 1
    outcome = workshop.run(parallel=1 if limit == "request" else 0)
    assert set(outcome.statuses.values()) == {"SUCCESS"}


def test_a_shell_step_gets_what_scripts_get(workshop: Workshop) -> None:
    source = """\
        set -eu
        echo "in $(basename "$PWD") as $ORCHEST_STEP_UUID"
        exit 4
    """
    uuid = workshop.step("shell", source, file="tasks/shell.sh")
    outcome = workshop.run()
    assert workshop.log(1, "shell").startswith(f"in tasks as {uuid}\n")
    assert outcome.reason("shell") == "exit code 4"


def test_a_broken_definition_names_every_problem_and_runs_nothing(workshop: Workshop) -> None:
    diamond(workshop)
    (workshop.folder / "left.py").unlink()
    (workshop.folder / "right.py").unlink()
    with workshop.engine() as opened:
        with pytest.raises(InvalidProjectError) as raised:
            opened.start()
        assert {problem.step for problem in raised.value.problems} == {step_uuid("left"), step_uuid("right")}
        assert opened.run("selected", "top").end.status == "SUCCESS"


def test_one_run_at_a_time(workshop: Workshop) -> None:
    workshop.step("long", "import time; print('on', flush=True); time.sleep(3600)")
    with workshop.engine() as opened:
        run = opened.start()
        assert run is not None
        wait_until(lambda: workshop.log(run, "long") == "on\n")
        with pytest.raises(OrchestTuiError, match=f"Run {run} still goes on"):
            opened.start()


def test_closing_aborts_what_runs(workshop: Workshop) -> None:
    workshop.step("long", "import time; print('on', flush=True); time.sleep(3600)")
    with workshop.engine() as opened:
        run = opened.start()
        assert run is not None
        wait_until(lambda: workshop.log(run, "long") == "on\n")
    (step,) = workshop.status().steps
    assert step.latest is not None
    assert (step.latest.status, step.latest.reason) == ("ABORTED", "aborted")


def test_an_error_of_our_own_side_ends_the_run_and_not_the_engine(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    diamond(workshop, right="import time; time.sleep(3600)")
    with workshop.engine() as opened:
        history = opened.engine.opened.history
        with monkeypatch.context() as patch:

            def fail(*_: object) -> None:
                raise sqlite3.OperationalError("database or disk is full")

            patch.setattr(history, "set_started", fail)
            patch.setattr(history, "record_success", fail)
            outcome = opened.run()
        assert outcome.end.status == "FAILURE"
        assert "database or disk is full" in (outcome.end.reason or "")
        assert any("database or disk is full" in notice for notice in opened.notices())
        assert opened.run("selected", "top").end.status == "SUCCESS"
    assert workshop.status().unfinished is None


BUSY = """
import pathlib
data = bytearray(b"x") * (200 << 20)
while not pathlib.Path("enough").exists():
    sum(range(100_000))
"""


def test_what_a_running_step_uses_is_told(workshop: Workshop) -> None:
    workshop.step("busy", BUSY)
    step = step_uuid("busy")
    with workshop.engine() as opened:
        run = opened.start()
        assert run is not None
        # However little of the machine is left to it: what counts is that the figures come and are of its size.
        wait_until(lambda: (opened.engine.state.steps[step].cpu or 0) > 0.1, "a sample of processor time")
        wait_until(lambda: (opened.engine.state.steps[step].memory or 0) > 200 << 20, "a sample of memory")
        workshop.write("enough", "")
        outcome = opened.wait(run)
        view = opened.engine.state.steps[step]
    samples = outcome.of(events.StepUsage)
    assert (view.cpu, view.memory) == (None, None)
    assert all(0.0 <= sample.cpu < 64 and sample.memory < 400 << 20 for sample in samples)
    assert outcome.end.status == "SUCCESS"


def test_logs_have_times_that_go_with_them(workshop: Workshop) -> None:
    workshop.flags["keep_runs"] = 1
    workshop.step("talk", "import time\nprint('one', flush=True)\ntime.sleep(1)\nprint('two')", retries=1)
    first = workshop.layout.log_file(1, step_uuid("talk"))
    with workshop.engine() as opened:
        opened.run()
        times = LineTimes(first)
        one, two = times.at(0), times.at(4)
        times.close()
        assert one is not None
        assert two is not None
        assert 0.5 < two - one < 60
        opened.run()
        wait_until(lambda: not first.parent.exists(), "the end of the old run's log and times")


def test_a_bar_in_a_log_is_the_steps_progress(workshop: Workshop) -> None:
    workshop.step("bar", "import time\nprint('\\r 34%|███   | 34/100', end='', flush=True)\ntime.sleep(3600)")
    with workshop.engine() as opened:
        opened.start()
        step = step_uuid("bar")
        wait_until(lambda: opened.engine.state.steps[step].progress == "34/100", "progress")
        assert opened.engine.state.steps[step].fraction == 0.34


def test_the_view_state_follows_the_run(workshop: Workshop) -> None:
    workshop.step("maker", "import orchest; orchest.output(b'x' * 1000, None)")
    with workshop.engine() as opened:
        before = opened.engine.state
        opened.run()
        after = opened.engine.state
    view = after.steps[step_uuid("maker")]
    assert after.version > before.version
    assert (view.status, view.run, view.title) == ("SUCCESS", 1, "maker")
    assert view.bytes > 1000
    assert after.run is not None
    assert (after.run.status, after.run.steps) == ("SUCCESS", (step_uuid("maker"),))
