"""``orchest-tui run`` as a process of its own, on the local executor: its output, exit codes and signals."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.engine.workshop import Workshop, json_events, step_uuid, wait_until

LONG = "import time; print('working', flush=True); time.sleep(3600)"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty project whose steps run on the local executor."""
    return Workshop(tmp_path / "project")


@pytest.fixture
def pair(workshop: Workshop) -> Workshop:
    """Maker → reader, which has a parameter."""
    workshop.step("maker", "import orchest; orchest.output([1], None); orchest.output('x', 'named'); print('made')")
    source = "import orchest; print(orchest.get_inputs()['unnamed'], orchest.get_step_param('rows'))"
    workshop.step("reader", source, "maker", parameters={"rows": 1})
    return workshop


def test_json_has_the_fixed_form(pair: Workshop) -> None:
    done = pair.command("run", "--json", "--logs")
    assert (done.returncode, done.stderr) == (0, "")
    told = json_events(done.stdout)
    by_kind: dict[str, list[Any]] = {}
    for event in told:
        by_kind.setdefault(event["event"], []).append(event)
    (started,), (finished,) = by_kind["run_started"], by_kind["run_finished"]
    assert (started["run"], finished["run"], finished["status"]) == (1, 1, "SUCCESS")
    assert isinstance(started["status"], str)
    assert told[-1] is finished
    for step in by_kind["step"]:
        assert step["run"] == 1
        assert step["step"] == step_uuid(step["title"])
        assert step["status"] in {"PENDING", "STARTED", "SUCCESS"}
        assert "reason" not in step
    assert [step["status"] for step in by_kind["step"] if step["title"] == "reader"] == [
        "PENDING",
        "STARTED",
        "SUCCESS",
    ]
    outputs = {(event["step"], event["name"]) for event in by_kind["output"]}
    assert outputs == {(step_uuid("maker"), None), (step_uuid("maker"), "named")}
    for output in by_kind["output"]:
        assert isinstance(output["bytes"], int)
        assert len(output["digest"]) == 32
    logs = {event["step"]: event["text"] for event in by_kind["log"]}
    assert logs == {step_uuid("maker"): "made\n", step_uuid("reader"): "[[1]] 1\n"}
    assert [event["time"] for event in by_kind["step"]] == sorted(event["time"] for event in by_kind["step"])


def test_steps_json_has_the_fixed_form(pair: Workshop) -> None:
    pair.command("run", "--step", "maker")
    maker, reader = json.loads(pair.command("steps", "--json").stdout)
    keys = {"uuid", "title", "file", "environment", "status", "fresh", "reasons", "outputs"}
    assert keys <= set(maker)
    assert (maker["status"], maker["fresh"], maker["reasons"]) == ("SUCCESS", True, [])
    assert {output["name"] for output in maker["outputs"]} == {None, "named"}
    assert (reader["status"], reader["fresh"], reader["reasons"]) == (None, None, ["never run"])


def test_a_failure_ends_with_1_and_reasons(pair: Workshop) -> None:
    pair.write("maker.py", "raise SystemExit(3)")
    done = pair.command("run", "--json")
    assert done.returncode == 1
    reasons = {
        event["title"]: event["reason"]
        for event in json_events(done.stdout)
        if event.get("reason") and "title" in event
    }
    assert reasons == {"maker": "exit code 3", "reader": "maker failed"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--step", "nobody"), "nobody"),
        (("--step", "m", "--all"), "--all"),
        (("--param", "novalue"), "NAME=VALUE"),
        (("--step-param", "rows=1"), "STEP.NAME=VALUE"),
        (("--step-param", "nobody.rows=1"), "nobody"),
        (("--incoming",), "--step"),
        (("--parallel", "0"), "parallel"),
        (("elsewhere.orchest",), "elsewhere.orchest"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(pair: Workshop, arguments: tuple[str, ...], words: str) -> None:
    done = pair.command("run", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_broken_definition_ends_with_2_and_names_the_place(pair: Workshop) -> None:
    (pair.folder / "reader.py").unlink()
    done = pair.command("run")
    assert done.returncode == 2
    assert "reader.py" in done.stderr
    assert pair.log(1, "maker") == ""
    pair.path.write_text("{")
    done = pair.command("run")
    assert done.returncode == 2
    assert "line 1" in done.stderr


def test_parameters_from_the_command_line(pair: Workshop) -> None:
    assert pair.command("run", "--step-param", "reader.rows=[2, 3]").returncode == 0
    assert pair.log(1, "reader") == "[[1]] [2, 3]\n"
    assert pair.command("run", "--step", "reader", "--step-param", "reader.rows=many").returncode == 0
    assert pair.log(2, "reader") == "[[1]] many\n"
    pair.write("maker.py", "import orchest; orchest.output(orchest.get_pipeline_param('size'), None)")
    assert pair.command("run", "--param", "size=7").returncode == 0
    assert pair.log(3, "reader") == "[7] 1\n"


def test_a_stale_run_with_nothing_to_do(pair: Workshop) -> None:
    assert pair.command("run").returncode == 0
    done = pair.command("run", "--stale", "--json")
    assert done.returncode == 0
    told = json_events(done.stdout)
    assert [event["event"] for event in told] == ["run_started", "run_finished"]
    assert told[-1]["status"] == "SUCCESS"


def test_kinds_from_the_command_line(pair: Workshop) -> None:
    for number, (arguments, ran) in enumerate(
        [
            (("--step", "reader", "--incoming"), {"maker"}),
            (("--step", "maker", "--from"), {"maker", "reader"}),
            (("--step", step_uuid("reader")[:8]), {"reader"}),
            (("--all",), {"maker", "reader"}),
        ],
        start=1,
    ):
        done = pair.command("run", *arguments)
        assert done.returncode == 0, done.stderr
        assert {title for title in ("maker", "reader") if pair.log(number, title)} == ran


def test_plain_lines_where_there_is_no_terminal(pair: Workshop) -> None:
    done = pair.command("run", "--logs")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout
    assert "maker │ made" in done.stdout or "maker | made" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("run 1 success")


@pytest.mark.parametrize("interrupts", [1, 2])
def test_ctrl_c(workshop: Workshop, interrupts: int) -> None:
    workshop.flags["abort_grace"] = 3600 if interrupts == 2 else 10
    deaf = "signal.signal(signal.SIGTERM, lambda *_: print('heard', flush=True))" if interrupts == 2 else ""
    workshop.step("long", f"import signal, time\n{deaf}\nprint('working', flush=True)\nwhile True: time.sleep(1)")
    workshop.step("below", "pass", "long")
    with workshop.started("run", "--json") as process:
        wait_until(lambda: workshop.log(1, "long") == "working\n")
        process.send_signal(signal.SIGINT)
        if interrupts == 2:
            wait_until(lambda: "heard\n" in workshop.log(1, "long"), "the first interrupt")
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=100)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
    last = json_events(out)[-1]
    assert (last["event"], last["status"]) == ("run_finished", "ABORTED")
    assert {step.title: step.latest.status for step in workshop.status().steps if step.latest} == {
        "long": "ABORTED", "below": "ABORTED",
    }  # fmt: skip


def test_a_second_engine_is_refused_and_told_who_has_the_pipeline(workshop: Workshop) -> None:
    workshop.step("long", LONG)
    with workshop.started("run") as process:
        wait_until(lambda: workshop.log(1, "long") == "working\n")
        done = workshop.command("run")
        assert done.returncode == 2
        assert f"process {process.pid}" in done.stderr
        told = json.loads(workshop.command("steps", "--json").stdout)
        assert told[0]["status"] == "STARTED"
        assert workshop.command("cache", "clear").returncode == 2
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=100)


def test_killed_and_started_again(workshop: Workshop) -> None:
    source = """
        import pathlib, time, orchest
        print("working", flush=True)
        while not pathlib.Path("go").exists():
            time.sleep(0.02)
        orchest.output("survived", None)
    """
    workshop.step("long", source)
    workshop.step("below", "import orchest; print(orchest.get_inputs()['unnamed'])", "long")
    with workshop.started("run", "--json") as process:
        wait_until(lambda: workshop.log(1, "long") == "working\n")
        process.kill()
        process.wait()
    (told, _) = json.loads(workshop.command("steps", "--json").stdout)
    assert told["status"] == "STARTED"
    with workshop.started("run", "--stale", "--json") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] in {"run_started", "notice"}
        (workshop.folder / "go").touch()
        out, err = process.communicate(timeout=100)
    assert process.returncode == 0, out + err
    assert workshop.log(1, "long") == "working\n"
    assert workshop.log(1, "below") == "['survived']\n"
    assert workshop.log(2, "long") == ""


def test_hanging_up_lets_the_run_end(workshop: Workshop) -> None:
    source = """
        import pathlib, time
        print("working", flush=True)
        while not pathlib.Path("go").exists():
            time.sleep(0.02)
    """
    workshop.step("long", source)
    with workshop.started("run") as process:
        wait_until(lambda: workshop.log(1, "long") == "working\n")
        process.send_signal(signal.SIGHUP)
        (workshop.folder / "go").touch()
        process.communicate(timeout=100)
    assert process.returncode == 0
    assert workshop.fresh() == {"long": True}


def test_watching_runs_what_a_save_makes_stale(pair: Workshop) -> None:
    with pair.started("run", "--watch", "--json") as process:
        wait_until(lambda: pair.log(1, "reader") == "[[1]] 1\n")
        wait_until(lambda: pair.fresh() == {"maker": True, "reader": True}, "the record of the first run")

        def saved() -> bool:
            if not pair.newest_log("reader").startswith("edited"):
                pair.write("reader.py", "print('edited')")
                return False
            return True

        wait_until(saved, "the run after the save")
        assert pair.newest_log("maker") == "made\n"
        wait_until(lambda: pair.fresh()["reader"] is True, "the record")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=100)
    assert process.returncode == 0, out + err
    kinds = [event["event"] for event in json_events(out)]
    assert kinds.count("run_finished") >= 2


def test_interrupting_the_first_run_of_a_watch_ends_with_130(workshop: Workshop) -> None:
    workshop.step("long", LONG)
    with workshop.started("run", "--watch") as process:
        wait_until(lambda: workshop.log(1, "long") == "working\n")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=100)
    assert process.returncode == 130, out + err


def test_output_that_nobody_reads_does_not_stop_the_run(pair: Workshop) -> None:
    with pair.started("run", "--json") as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=100)
    assert "Traceback" not in err
    assert {step.latest.status for step in pair.status().steps if step.latest} <= {"SUCCESS", "ABORTED"}
    assert pair.status().unfinished is None


WAITING = """
    import pathlib, time
    print("waiting", flush=True)
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
"""


def test_resume_goes_on_with_what_was_left_and_with_nothing_else(workshop: Workshop) -> None:
    workshop.step("waiter", WAITING)
    workshop.step("after", "print('scheduled by resume')", "waiter")
    workshop.step("other", "print('not asked for')")
    with workshop.engine(stop=False) as engine:
        number = engine.start("selected", "waiter", "after")
        assert number is not None
        wait_until(lambda: "waiting" in workshop.log(number, "waiter"), "the first step")
    workshop.write("go", "")
    done = workshop.command("run", "--resume")
    assert done.returncode == 0, done.stderr
    assert workshop.log(number, "after") == "scheduled by resume\n"
    assert workshop.fresh() == {"waiter": True, "after": True, "other": None}
    again = workshop.command("run", "--resume")
    assert (again.returncode, again.stdout) == (0, "No run was left unfinished.\n")


def test_resume_with_other_choices_is_refused(pair: Workshop) -> None:
    done = pair.command("run", "--resume", "--step", "maker")
    assert done.returncode == 2
    assert "Leave out what chooses steps" in done.stderr


def test_failed_runs_what_failed_and_what_was_aborted_for_it(workshop: Workshop) -> None:
    workshop.step("fine", "print('fine')")
    workshop.step("bad", "raise SystemExit(3)", "fine")
    workshop.step("below", "print('at last')", "bad")
    assert workshop.command("run").returncode == 1
    workshop.write("bad.py", "print('mended')")
    done = workshop.command("run", "--failed", "--json")
    assert done.returncode == 0, done.stderr
    ended = {
        event["title"] for event in json_events(done.stdout) if event.get("status") == "SUCCESS" and "step" in event
    }
    assert ended == {"bad", "below"}
    nothing = workshop.command("run", "--failed")
    assert (nothing.returncode, nothing.stdout) == (0, "No step failed last; nothing to run.\n")
    assert workshop.command("run", "--failed", "--step", "bad").returncode == 2
