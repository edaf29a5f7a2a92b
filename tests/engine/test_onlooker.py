"""Looking on at a pipeline that another process runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchest_tui.engine.onlooker import Onlooker
from orchest_tui.engine.target import Target
from tests.engine.workshop import Workshop, step_uuid, wait_until

WAITING = """
    import orchest, pathlib, time
    print("waiting", flush=True)
    while not pathlib.Path("go").exists():
        orchest.progress(0.4, "two of five")
        time.sleep(0.05)
    orchest.output([1, 2, 3], "numbers")
"""


@contextmanager
def onlooker(workshop: Workshop) -> Iterator[Onlooker]:
    """Give an onlooker that has looked once."""
    looker = Onlooker(Target(workshop.folder, workshop.path, workshop.settings))
    looker.look()
    try:
        yield looker
    finally:
        looker.close()


def test_a_pipeline_that_was_never_opened(workshop: Workshop) -> None:
    workshop.step("load", "print('loading')")
    with onlooker(workshop) as looker:
        assert looker.holder is None
        assert looker.state.run is None
        assert looker.state.steps[step_uuid("load")].fresh is None
    assert not workshop.layout.tui_dir.exists(), "looking on makes nothing"


def test_a_run_is_followed_from_before_its_begin_to_after_its_end(workshop: Workshop) -> None:
    waiter, after = workshop.step("waiter", WAITING), workshop.step("after", "print('after')", "waiter")
    with onlooker(workshop) as looker:
        with workshop.started("run", "--all") as process:
            wait_until(lambda: looker.look().steps[waiter].fraction == 0.4, "the progress")
            state = looker.state
            assert looker.holder is not None
            assert looker.holder.pid == process.pid
            assert looker.holder.command == "orchest-tui run"
            assert (state.steps[waiter].status, state.steps[waiter].progress) == ("STARTED", "two of five")
            assert state.steps[waiter].started is not None
            assert state.steps[after].status == "PENDING"
            assert state.run is not None
            assert (state.run.number, state.run.status, state.run.steps) == (1, "STARTED", (waiter, after))
            workshop.write("go", "")
            assert process.wait(120) == 0
        looker.look()
        assert looker.holder is None
        assert looker.state.run is not None
        assert looker.state.run.status == "SUCCESS"
        done = looker.state.steps[waiter]
        assert (done.status, done.fresh, done.fraction) == ("SUCCESS", True, None)
        assert set(done.outputs) == {"numbers"}
        assert looker.ask(lambda opened: [entry.name for entry in opened.store.outputs(waiter)]) == ["numbers"]


def test_what_did_not_change_stays_the_same_object(workshop: Workshop) -> None:
    load = workshop.step("load", "print('loading')")
    other = workshop.step("other", "print('other')")
    assert workshop.run().end.status == "SUCCESS"
    with onlooker(workshop) as looker:
        before = looker.state
        assert looker.look() is before
        workshop.write("load.py", "print('edited')")
        wait_until(lambda: looker.look().steps[load].fresh is False, "the edit")
        assert looker.state.version > before.version
        assert looker.state.steps[other] is before.steps[other]
        assert "edited" in " ".join(looker.state.steps[load].stale_reasons)


def test_an_edited_definition_is_taken_and_a_broken_one_told_once(workshop: Workshop) -> None:
    load = workshop.step("load", "print('loading')")
    with onlooker(workshop) as looker:
        before = looker.state
        workshop.step("new", "print('new')", "load")
        assert looker.look().definition == before.definition + 1
        assert list(looker.state.steps) == [load, step_uuid("new")]
        workshop.path.write_text("{")
        for _ in range(3):
            looker.look()
        assert looker.state.broken[0].code == "bad-json"
        assert len(looker.state.notices) == 1
        assert list(looker.state.steps) == [load, step_uuid("new")]
        workshop.save()
        assert looker.look().broken == ()


def test_a_progress_bar_in_the_log_of_a_container_is_progress(workshop: Workshop) -> None:
    """Of a worker whose journal is not on this machine's disk, only the log tells how far it is."""
    load = workshop.step("load", "print('loading')")
    with workshop.engine() as opened:
        history = opened.engine.opened.history
        run = history.begin_run("all", {}, [(load, "load")], 1.0)
        history.start_step(run, load, 1, {})
        history.set_started(run, load, 2.0)
        log = workshop.layout.log_file(run, load)
        log.parent.mkdir(parents=True)
        log.write_bytes(b"begun\n\r 10%|#         | 1/10\r 70%|#######   | 7/10")
        with onlooker(workshop) as looker:
            view = looker.state.steps[load]
            assert (view.status, view.fraction, view.progress) == ("STARTED", 0.7, "7/10")
        history.end_step(run, load, "ABORTED", 3.0, reason="never ran")
        history.end_run(run, "ABORTED", 3.0, "never ran")
