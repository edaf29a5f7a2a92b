"""Whole runs on a real engine: what travels between steps, and what an end means for the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchest_tui.engine import events
from orchest_tui.project.layout import data_dir
from tests.docker.runs import containers_of
from tests.engine.workshop import Workshop, wait_until

pytestmark = pytest.mark.docker

LONG = "import time; print('working', flush=True); time.sleep(3600)"


def test_every_kind_of_step_in_one_pipeline(workshop: Workshop) -> None:
    code = "import orchest; values = orchest.get_inputs()['unnamed']; orchest.output(values[0] * 2, 'doubled')"
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for source in (code, "values")
    ]
    book = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    workshop.step("script", "import orchest; orchest.output([1, 2], None); orchest.output('also', 'named')")
    workshop.step("book", book, "script", file="books/book.ipynb")
    workshop.step("shell", 'echo "$PWD $(cat /data/word)"', "book", file="books/shell.sh")
    workshop.step("last", "import orchest; print(orchest.get_inputs())", "script", "book")
    data = data_dir(workshop.settings)
    data.mkdir(parents=True, exist_ok=True)
    (data / "word").write_text("from data\n")
    outcome = workshop.run()
    assert outcome.end.status == "SUCCESS", outcome.why
    assert workshop.log(1, "shell") == "/project-dir/books from data\n"
    assert workshop.log(1, "last") == "{'unnamed': [[1, 2]], 'named': 'also', 'doubled': [1, 2, 1, 2]}\n"
    cells_told = [(event.index, event.count, event.status) for event in outcome.of(events.CellChanged)]
    assert cells_told == [(0, 2, "running"), (0, 2, "ok"), (1, 2, "running"), (1, 2, "ok")]
    saved = json.loads((workshop.folder / "books" / "book.ipynb").read_text())
    assert saved["cells"][1]["outputs"][0]["data"]["text/plain"] in ("[[1, 2]]", ["[[1, 2]]"])
    assert workshop.fresh() == {"script": True, "book": True, "shell": True, "last": True}


def test_a_notebook_that_fails_is_saved_and_that_is_no_save_of_the_user(workshop: Workshop) -> None:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "source": "1 / 0",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    workshop.step("book", json.dumps(book), file="book.ipynb")
    path = workshop.folder / "book.ipynb"
    with workshop.engine() as opened:
        outcome = opened.run()
        assert outcome.statuses == {"book": "FAILURE"}
        (output,) = json.loads(path.read_text())["cells"][0]["outputs"]
        assert output["ename"] == "ZeroDivisionError"
        saves = opened.engine.opened.saves
        assert not saves.any_save([path])
        path.write_text(json.dumps(book))
        assert saves.any_save([path])


def test_a_part_runs_again_from_memory_in_another_engine(workshop: Workshop) -> None:
    workshop.write("helper.py", "VALUE = [1, 2, 3]\n")
    workshop.step("parent", "import orchest, helper; orchest.output(helper.VALUE, None)")
    workshop.step("child", "import orchest; print(orchest.get_inputs()['unnamed'])", "parent")
    assert workshop.run().end.status == "SUCCESS"
    assert workshop.run("selected", "child").end.status == "SUCCESS"
    assert workshop.log(2, "child") == "[[1, 2, 3]]\n"
    workshop.write("helper.py", "VALUE = [1, 2, 2 + 1]\n")
    assert workshop.reasons() == {"parent": ("helper.py edited",), "child": ()}
    outcome = workshop.run("stale")
    assert outcome.statuses["parent"] == "SUCCESS"
    assert outcome.reused == {"child"}


def test_a_failed_branch_ends_its_descendants_only(workshop: Workshop) -> None:
    workshop.step("bad", "raise SystemExit(7)")
    workshop.step("good", "print('fine')")
    workshop.step("below", "pass", "bad")
    workshop.step("leaf", "pass", "below", "good")
    outcome = workshop.run()
    assert outcome.statuses == {"bad": "FAILURE", "good": "SUCCESS", "below": "ABORTED", "leaf": "ABORTED"}
    assert outcome.reason("bad") == "exit code 7"
    assert outcome.reason("below") == outcome.reason("leaf") == "bad failed"
    assert outcome.end.reason == "bad failed"


def test_abort(workshop: Workshop, engine: Any) -> None:
    source = """
        import signal, sys, time
        def stop(*_):
            print("cleaning up", flush=True)
            sys.exit(0)
        signal.signal(signal.SIGTERM, stop)
        print("working", flush=True)
        time.sleep(3600)
    """
    workshop.step("polite", source)
    workshop.step("below", "pass", "polite")
    with workshop.engine() as opened:
        run = opened.start()
        assert run is not None
        wait_until(lambda: workshop.log(run, "polite") == "working\n")
        opened.engine.abort()
        outcome = opened.wait(run)
    assert outcome.statuses == {"polite": "ABORTED", "below": "ABORTED"}
    assert outcome.end.status == "ABORTED"
    assert "cleaning up\n" in workshop.log(1, "polite")
    assert containers_of(engine, workshop.folder) == []


def test_abort_kills_what_does_not_listen(workshop: Workshop) -> None:
    workshop.flags["abort_grace"] = 0.5
    workshop.step("deaf", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + LONG)
    with workshop.engine() as opened:
        run = opened.start()
        assert run is not None
        wait_until(lambda: workshop.log(run, "deaf") == "working\n")
        opened.engine.abort()
        outcome = opened.wait(run)
    assert outcome.statuses == {"deaf": "ABORTED"}


def test_out_of_memory_is_told_and_hurts_nobody_else(workshop: Workshop) -> None:
    hungry = """
        print("eating", flush=True)
        eaten = [bytearray(64 * 2**20) for _ in range(64)]
        print("all eaten")
    """
    workshop.step("hungry", hungry, memory="128MB")
    workshop.step("below", "pass", "hungry")
    workshop.step("modest", "print('fine')", memory="128MB")
    with workshop.engine() as opened:
        outcome = opened.run()
        assert outcome.statuses == {"hungry": "FAILURE", "below": "ABORTED", "modest": "SUCCESS"}
        assert "out of memory" in outcome.reason("hungry")
        assert "all eaten" not in workshop.log(1, "hungry")
        assert "out of memory" in workshop.log(1, "hungry")
        assert opened.run("selected", "modest").end.status == "SUCCESS"


def test_timeout_and_retry(workshop: Workshop) -> None:
    source = """
        import pathlib, time, orchest
        tried = pathlib.Path("tried")
        if not tried.exists():
            tried.touch()
            print("first", flush=True)
            time.sleep(3600)
        print("second")
        orchest.output("at last", None)
    """
    workshop.step("shaky", source, timeout=3, retries=1)
    workshop.step("child", "import orchest; print(orchest.get_inputs()['unnamed'])", "shaky")
    outcome = workshop.run()
    assert outcome.statuses == {"shaky": "SUCCESS", "child": "SUCCESS"}
    log = workshop.log(1, "shaky")
    assert log.index("first") < log.index("attempt 1 of 2 failed: timed out after 3 s") < log.index("second")
    assert workshop.log(1, "child") == "['at last']\n"


def test_environment_variables_reach_the_step_and_nothing_else(workshop: Workshop, engine: Any) -> None:
    assert workshop.command("env", "set", "TOKEN=s3cret-of-mine").returncode == 0
    source = """
        import os, time, pathlib
        assert os.environ["TOKEN"] == "s3cret-of-mine"
        print("has it", flush=True)
        while not pathlib.Path("go").exists():
            time.sleep(0.02)
    """
    workshop.step("reader", source)
    with workshop.engine() as opened:
        run = opened.start()
        assert run is not None
        wait_until(lambda: workshop.log(run, "reader") == "has it\n")
        found = containers_of(engine, workshop.folder)
        assert found != []
        for container in found:
            assert "s3cret" not in json.dumps(container.attrs)
            assert b"s3cret" not in container.logs()
            assert "s3cret" not in json.dumps(container.image.history())
        (workshop.folder / "go").touch()
        assert opened.wait(run).end.status == "SUCCESS"
    kept = workshop.layout.lock_file.parent
    assert kept.is_dir()
    for path in kept.rglob("*"):
        assert not path.is_file() or b"s3cret" not in path.read_bytes(), f"{path} has a secret in it"


def test_warm_spares_are_used_and_thrown_away(workshop: Workshop, engine: Any) -> None:
    workshop.step("step", "print('ran')")
    with workshop.engine(keep_warm=True) as opened:
        opened.run()
        wait_until(lambda: opened.engine.warm_spares == 1, "the spare")
        workshop.write("step.py", "print('edited')")
        assert opened.run().end.status == "SUCCESS"
        assert workshop.log(2, "step") == "edited\n"
    assert containers_of(engine, workshop.folder) == []


def test_a_build_that_fails_fails_its_steps_with_the_reason(workshop: Workshop) -> None:
    workshop.step("step", "print('never')")
    (environment,) = (workshop.folder / ".orchest" / "environments").iterdir()
    (environment / "setup_script.sh").write_text("#!/bin/bash\necho going wrong\nexit 5\n")
    outcome = workshop.run()
    assert outcome.statuses == {"step": "FAILURE"}
    assert "exit code 5" in outcome.reason("step")
    assert "going wrong" in outcome.reason("step")
