"""Our process is killed in the middle of a run, or the container engine is: the truth is told and runs go on."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from contextlib import closing
from typing import Any

import pytest

from tests.docker.engines import Daemon
from tests.docker.runs import containers_of
from tests.engine.workshop import Workshop, wait_until

pytestmark = pytest.mark.docker

WAITING = """
    import pathlib, time, orchest
    (value,) = orchest.get_inputs()["unnamed"]
    print("working", flush=True)
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
    orchest.output(value + ["worker"], None)
"""


def write_chain(workshop: Workshop) -> None:
    """First → worker, which waits for a file → last."""
    workshop.step("first", "import orchest; orchest.output(['first'], None)")
    workshop.step("worker", WAITING, "first")
    workshop.step("last", "import orchest; print(orchest.get_inputs()['unnamed'])", "worker")


def kill_in_the_middle(workshop: Workshop) -> None:
    """Begin a run as a process of its own and kill that once the second step is at work."""
    with workshop.started("run", "--json") as process:
        wait_until(lambda: workshop.log(1, "worker") == "working\n")
        process.kill()
        process.wait()


def steps_as_told(workshop: Workshop) -> dict[str, dict[str, Any]]:
    """Return what ``steps --json`` says, by title."""
    done = workshop.command("steps", "--json")
    assert done.returncode == 0, done.stderr
    return {step["title"]: step for step in json.loads(done.stdout)}


def test_a_killed_engine_is_followed_by_one_that_goes_on(workshop: Workshop, engine: Any) -> None:
    write_chain(workshop)
    kill_in_the_middle(workshop)
    told = steps_as_told(workshop)
    assert {title: step["status"] for title, step in told.items()} == {
        "first": "SUCCESS", "worker": "STARTED", "last": "PENDING",
    }  # fmt: skip
    assert told["first"]["outputs"] != []
    assert "running" in {container.status for container in containers_of(engine, workshop.folder)}
    with workshop.engine() as opened:
        assert opened.resumed == 1
        assert any("Run 1 was left unfinished" in notice for notice in opened.notices())
        (workshop.folder / "go").touch()
        outcome = opened.wait(1)
    assert outcome.end.status == "SUCCESS", outcome.why
    assert workshop.log(1, "worker") == "working\n"
    assert workshop.log(1, "last") == "[['first', 'worker']]\n"
    assert workshop.fresh() == {"first": True, "worker": True, "last": True}


def test_a_step_that_ended_meanwhile_is_taken_in_by_a_look(workshop: Workshop, engine: Any) -> None:
    write_chain(workshop)
    kill_in_the_middle(workshop)
    (workshop.folder / "go").touch()
    told: dict[str, Any] = {}

    def ended() -> bool:
        told.update(steps_as_told(workshop))
        return bool(told["worker"]["status"] == "SUCCESS")

    wait_until(ended, "the worker's end")
    assert told["worker"]["fresh"] is True
    assert told["last"]["status"] == "PENDING"
    done = workshop.command("run", "--stale", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert workshop.log(1, "last") == "[['first', 'worker']]\n"


def test_a_worker_that_is_gone_is_told_and_cached_inputs_serve(workshop: Workshop, engine: Any) -> None:
    write_chain(workshop)
    kill_in_the_middle(workshop)
    for container in containers_of(engine, workshop.folder):
        container.remove(force=True)
    told = steps_as_told(workshop)
    assert told["worker"]["status"] == told["last"]["status"] == "ABORTED"
    (workshop.folder / "go").touch()
    with workshop.engine() as opened:
        assert opened.resumed is None
        outcome = opened.run("from", "worker")
    assert outcome.statuses == {"worker": "SUCCESS", "last": "SUCCESS"}
    assert workshop.log(2, "last") == "[['first', 'worker']]\n"


def test_an_adopted_run_can_be_aborted(workshop: Workshop) -> None:
    write_chain(workshop)
    kill_in_the_middle(workshop)
    with workshop.engine() as opened:
        assert opened.resumed == 1
        opened.engine.abort()
        outcome = opened.wait(1)
    assert outcome.statuses == {"worker": "ABORTED", "last": "ABORTED"}
    assert outcome.end.status == "ABORTED"


def test_spares_of_a_killed_engine_are_gone_after_the_next_run(workshop: Workshop, engine: Any) -> None:
    workshop.step("step", "print('ran')")
    with workshop.started("run", "--watch") as process:
        wait_until(lambda: workshop.fresh() == {"step": True}, "the first run")
        wait_until(lambda: containers_of(engine, workshop.folder) != [], "a spare")
        process.kill()
        process.wait()
    assert workshop.run().end.status == "SUCCESS"
    wait_until(lambda: containers_of(engine, workshop.folder) == [], "the removal of every container")


def test_a_worker_of_which_the_history_knows_nothing_runs_anew(workshop: Workshop, engine: Any) -> None:
    write_chain(workshop)
    kill_in_the_middle(workshop)
    # As if it was killed after the order was sent and before that was written down.
    with closing(sqlite3.connect(workshop.layout.history_file)) as history, history:
        history.execute("UPDATE run_steps SET status = 'PENDING', context = NULL WHERE title = 'worker'")
    (workshop.folder / "go").touch()
    with workshop.engine() as opened:
        assert opened.resumed == 1
        assert opened.wait(1).end.status == "SUCCESS"
    assert workshop.log(1, "last") == "[['first', 'worker']]\n"


def test_killed_before_the_first_step_starts_again_from_the_beginning(workshop: Workshop) -> None:
    write_chain(workshop)
    (workshop.folder / "go").touch()
    with workshop.started("run", "--json") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "run_started"
        process.kill()
        process.wait()
    with workshop.engine() as opened:
        if opened.resumed is not None:
            assert opened.wait(1).end.status == "SUCCESS"
    assert workshop.log(1, "last") == "[['first', 'worker']]\n"


@pytest.mark.parametrize("interrupts", [1, 2])
def test_interrupting_leaves_nothing_behind(workshop: Workshop, engine: Any, interrupts: int) -> None:
    workshop.flags["abort_grace"] = 3600 if interrupts == 2 else 10
    deaf = "signal.signal(signal.SIGTERM, lambda *_: print('heard', flush=True))" if interrupts == 2 else ""
    workshop.step("long", f"import signal, time\n{deaf}\nprint('working', flush=True)\nwhile True: time.sleep(1)")
    with workshop.started("run") as process:
        wait_until(lambda: workshop.log(1, "long") == "working\n")
        process.send_signal(signal.SIGINT)
        if interrupts == 2:
            wait_until(lambda: "heard\n" in workshop.log(1, "long"), "the first interrupt")
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=100)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
    assert "Ctrl+C again kills" in err
    assert {step.title: step.latest.status for step in workshop.status().steps if step.latest} == {"long": "ABORTED"}
    wait_until(lambda: containers_of(engine, workshop.folder) == [], "the removal of every container")


def test_interrupting_a_build_leaves_nothing_behind(workshop: Workshop, engine: Any) -> None:
    workshop.step("step", "print('never')")
    (environment,) = (workshop.folder / ".orchest" / "environments").iterdir()
    (environment / "setup_script.sh").write_text("#!/bin/bash\necho building now\nsleep 3600\n")
    builds = workshop.layout.lock_file.parent.parent / "builds"
    with workshop.started("run") as process:
        wait_until(lambda: any("\nbuilding now" in log.read_text() for log in builds.glob("*/*.log")), "the build")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=100)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
    assert {step.latest.status for step in workshop.status().steps if step.latest} == {"ABORTED"}
    wait_until(lambda: containers_of(engine, workshop.folder) == [], "the removal of every container")


def test_an_engine_that_goes_away_is_told_and_the_next_run_works(
    fragile_workshop: tuple[Workshop, Daemon],
) -> None:
    workshop, daemon = fragile_workshop
    write_chain(workshop)
    with workshop.engine() as opened:
        run = opened.start()
        assert run is not None
        wait_until(lambda: workshop.log(run, "worker") == "working\n")
        daemon.kill()
        outcome = opened.wait(run)
        assert outcome.end.status == "FAILURE"
        assert outcome.statuses == {"first": "SUCCESS", "worker": "FAILURE", "last": "ABORTED"}
        assert "went away" in outcome.reason("worker")
        assert "went away" in workshop.log(run, "worker")
        daemon.start()
        (workshop.folder / "go").touch()
        outcome = opened.run("from", "worker")
    assert outcome.end.status == "SUCCESS", outcome.why
    assert workshop.log(2, "last") == "[['first', 'worker']]\n"


def test_an_engine_that_is_away_is_told_in_one_sentence_and_no_run_is_begun(
    fragile_workshop: tuple[Workshop, Daemon],
) -> None:
    workshop, daemon = fragile_workshop
    workshop.step("step", "print('ran')")
    daemon.kill()
    try:
        done: subprocess.CompletedProcess[str] = workshop.command("run")
        assert done.returncode == 2
        assert "does not answer" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        daemon.start()
    assert workshop.command("run").returncode == 0
    assert workshop.newest_log("step") == "ran\n"
