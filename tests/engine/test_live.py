"""Watching: a save makes stale and, in live mode, runs; what a run itself writes does not run it again."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from orchest_tui.engine import events
from orchest_tui.engine.watching import Watcher
from tests.engine.workshop import OpenEngine, Workshop, step_uuid, wait_until

READER = "import orchest; print(orchest.get_inputs()['unnamed'])"


def ended(opened: OpenEngine) -> list[events.RunFinished]:
    """Return the runs that have ended."""
    return [event for event in opened.told if isinstance(event, events.RunFinished)]


@pytest.fixture
def live(workshop: Workshop) -> Iterator[tuple[Workshop, OpenEngine]]:
    """Maker, which imports a helper → reader; all fresh, watched in live mode."""
    workshop.write("src/helper.py", "VALUE = 1\n")
    workshop.step("maker", "import orchest, helper; orchest.output(helper.VALUE, None)", file="src/maker.py")
    workshop.step("reader", READER, "maker", file="src/reader.py")
    with workshop.engine() as opened:
        assert opened.run().end.status == "SUCCESS"
        opened.engine.watch(live=True)

        def watched() -> bool:
            workshop.path.touch()
            return any(isinstance(event, events.DefinitionReloaded) for event in opened.told)

        wait_until(watched, "the watch's beginning")
        yield workshop, opened


def save_until(opened: OpenEngine, workshop: Workshop, name: str, source: str, count: int) -> events.RunFinished:
    """Save a file and return the end of the run that this began.

    The first watch of a folder may begin after a save, so the file is touched until something happens; that changes no
    byte of it.
    """
    path = workshop.write(name, source)

    def seen() -> bool:
        if len(ended(opened)) < count:
            path.touch()
        return len(ended(opened)) >= count

    wait_until(seen, "the run after the save")
    return ended(opened)[count - 1]


def test_a_save_runs_what_it_made_stale(live: tuple[Workshop, OpenEngine]) -> None:
    workshop, opened = live
    assert save_until(opened, workshop, "src/helper.py", "VALUE = 2\n", 2).status == "SUCCESS"
    assert workshop.log(2, "reader") == "[2]\n"
    assert save_until(opened, workshop, "src/reader.py", READER + "; print('new')", 3).status == "SUCCESS"
    assert workshop.log(3, "reader") == "[2]\nnew\n"
    assert workshop.log(3, "maker") == ""


def test_a_broken_definition_keeps_the_last_good_one(live: tuple[Workshop, OpenEngine]) -> None:
    workshop, opened = live
    workshop.path.write_text(workshop.path.read_text()[:-20])
    wait_until(lambda: any("main.orchest" in text for text in opened.notices()), "the notice")
    assert {step.title for step in opened.engine.opened.pipeline.steps.values()} == {"maker", "reader"}
    workshop.definition["name"] = "Renamed"
    workshop.save()
    wait_until(lambda: opened.engine.opened.pipeline.name == "Renamed", "reading the mended definition")
    assert save_until(opened, workshop, "src/helper.py", "VALUE = 5\n", 2).status == "SUCCESS"


def test_a_new_step_is_seen_and_run(live: tuple[Workshop, OpenEngine]) -> None:
    workshop, _ = live

    def ran() -> bool:
        if not workshop.newest_log("added"):
            workshop.step("added", "print('here I am')", "reader")
        return workshop.newest_log("added") == "here I am\n"

    wait_until(ran, "the new step's run")


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("src/fails.py", "import pathlib, time\npathlib.Path('trace').write_text(str(time.time_ns()))\nexit(1)"),
        ("src/fails.sh", "date +%s%N > trace; exit 1"),
    ],
)
def test_what_a_failing_step_writes_does_not_run_it_again(
    live: tuple[Workshop, OpenEngine], monkeypatch: pytest.MonkeyPatch, file: str, source: str
) -> None:
    workshop, opened = live
    trace = workshop.folder / "src" / "trace"
    saves = opened.engine.opened.saves
    told = saves.any_save
    verdicts: list[bool] = []

    def looked(changed: Collection[Path]) -> bool:
        verdict = told(changed)
        if trace in changed:
            verdicts.append(verdict)
        return verdict

    monkeypatch.setattr(saves, "any_save", looked)
    definition = workshop.path

    def seen() -> bool:
        """Return whether the step has failed and what it wrote was looked at and passed over."""
        if not any(event.title == "fails" for event in opened.told if isinstance(event, events.StepChanged)):
            definition.touch()
        begun = [event for event in opened.told if isinstance(event, events.RunStarted)]
        return verdicts[-1:] == [False] and len(begun) == len(ended(opened))

    workshop.step("fails", source, file=file)
    wait_until(seen, "a look at what the step wrote")
    assert ended(opened)[-1].status == "FAILURE"
    workshop.write(file, "pass" if file.endswith(".py") else "true")
    wait_until(lambda: ended(opened)[-1].status == "SUCCESS", "the run after the mend")


def test_an_edit_during_a_run_runs_after_it(live: tuple[Workshop, OpenEngine]) -> None:
    workshop, opened = live
    waiting = """
        import pathlib, time
        print("waits", flush=True)
        until = time.monotonic() + 100
        while not pathlib.Path("/project-dir/go").exists() and not pathlib.Path("../go").exists():
            assert time.monotonic() < until
            time.sleep(0.01)
    """
    path = workshop.write("src/reader.py", waiting)

    def begun() -> bool:
        if workshop.log(2, "reader") != "waits\n":
            path.touch()
        return workshop.log(2, "reader") == "waits\n"

    wait_until(begun, "the first run")
    workshop.write("src/helper.py", "VALUE = 3\n")
    wait_until(lambda: opened.engine.state.steps[step_uuid("maker")].fresh is False, "the verdict")
    (workshop.folder / "go").touch()
    wait_until(lambda: len(ended(opened)) >= 3, "the second run")
    assert ended(opened)[2].status == "SUCCESS"
    assert workshop.log(3, "reader") == "waits\n"


async def test_what_an_editor_keeps_beside_a_file_is_no_save(tmp_path: Path) -> None:
    """vim's swap files and its probe, backups, Emacs' locks: all of them written before the file itself."""
    own = {".maker.py.swp", ".maker.py.swx", "maker.py~", "4913", ".#maker.py", "#maker.py#", ".goutputstream-ABC"}
    (tmp_path / "src").mkdir()
    seen: set[str] = set()
    told = asyncio.Event()

    def take(paths: frozenset[Path]) -> None:
        seen.update(path.name for path in paths)
        told.set()

    watcher = Watcher(tmp_path, 0.02, take)
    watcher.start()
    try:
        while not {"begun.py", "top.py"} <= seen:  # neither watch tells when it has begun
            (tmp_path / "src" / "begun.py").touch()
            (tmp_path / "top.py").touch()
            await asyncio.sleep(0.05)
        for folder in (tmp_path, tmp_path / "src"):
            for name in sorted(own):
                (folder / name).write_text("an editor's own")
            (folder / f"saved in {folder.name}.py").write_text("a save")
        while not {f"saved in {tmp_path.name}.py", "saved in src.py"} <= seen:
            told.clear()
            await told.wait()
    finally:
        await watcher.stop()
    assert not own & seen
