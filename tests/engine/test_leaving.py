"""An engine that closes without stopping its run: the next one finds everything as it was."""

from __future__ import annotations

from orchest_tui.cache.store import OutputStore
from orchest_tui.engine.attempt import pin_key
from orchest_tui.engine.history import History
from tests.engine.workshop import Workshop, step_uuid, wait_until

WAITING = """
    import orchest, pathlib, time
    numbers = orchest.get_inputs()["numbers"]
    print("waiting", flush=True)
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
    orchest.output(sum(numbers), "sum")
"""


def test_a_running_step_is_left_whole(workshop: Workshop) -> None:
    workshop.step("maker", "import orchest; orchest.output([1, 2, 3], 'numbers')")
    workshop.step("waiter", WAITING, "maker")
    workshop.step("after", "print('after')", "waiter")
    with workshop.engine(keep_warm=True, stop=False) as first:
        run = first.start("all")
        assert run == 1
        wait_until(lambda: workshop.log(1, "waiter") == "waiting\n", "the step")
    history = History(workshop.layout.history_file, read_only=True)
    assert [row.number for row in history.unfinished()] == [1]
    assert [row.status for row in history.steps_of(1)] == ["SUCCESS", "STARTED", "PENDING"]
    assert step_uuid("maker") in history.successes()
    history.close()
    session = workshop.layout.session_path(workshop.settings.memory_dir)
    store = OutputStore(workshop.layout, session, 0, read_only=True)
    assert store.pinned_runs() == {pin_key(1, step_uuid("waiter"))}, "its inputs may be moved under it"
    store.close()
    workshop.write("go", "")
    with workshop.engine() as second:
        assert second.resumed == 1
        assert second.wait(1).end.status == "SUCCESS"
        assert second.engine.ask(lambda opened: opened.store.pinned_runs()) == frozenset()
    assert workshop.log(1, "waiter") == "waiting\n", "the step was begun anew, or something was written into its log"
    assert workshop.log(1, "after") == "after\n"


def test_it_can_be_left_again_and_again(workshop: Workshop) -> None:
    """Each engine adopts what the one before it adopted."""
    workshop.step("maker", "import orchest; orchest.output([1, 2, 3], 'numbers')")
    workshop.step("waiter", WAITING, "maker")
    with workshop.engine(stop=False) as first:
        first.start("all")
        wait_until(lambda: workshop.log(1, "waiter") == "waiting\n", "the step")
    for _ in range(3):
        with workshop.engine(keep_warm=True, stop=False) as heir:
            assert heir.resumed == 1
    workshop.write("go", "")
    with workshop.engine() as last:
        assert last.wait(1).end.status == "SUCCESS"
    assert workshop.log(1, "waiter") == "waiting\n"


def test_an_engine_without_a_run_leaves_nothing(workshop: Workshop) -> None:
    workshop.step("load", "print('loading')")
    with workshop.engine(stop=False) as first:
        assert first.run().end.status == "SUCCESS"
    with workshop.engine() as second:
        assert second.resumed is None
