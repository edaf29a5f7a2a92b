"""What steps hand over is kept, replaced, pinned, evicted and cleared as the engine asks for."""

import os
import sqlite3
from pathlib import Path

import pytest

from orchest_tui.cache.entry import OutputError
from orchest_tui.cache.store import OutputStore
from orchest_tui.project.layout import Layout
from orchest_tui.step.sdk.orchest.segment import read_segment

from .conftest import blob


def test_an_output_is_there_with_what_is_known_about_it(cache):
    path = cache.write("load", {"rows": 3}, "frame")
    entry = cache.store.add(
        "load",
        "frame",
        path.name,
        10,
        preview={"type": "dict", "text": "\x1b[31mred"},
        provenance={"run": 7, "code": "ab"},
    )
    assert cache.store.outputs("load") == (entry,)
    assert (entry.path, entry.location, entry.bytes, entry.run) == (path, "memory", path.stat().st_size, "7")
    assert entry.preview == {"type": "dict", "text": "red"}
    assert entry.provenance == {"run": 7, "code": "ab"}
    assert entry.digest is None
    assert read_segment(entry.path) == {"rows": 3}


def test_named_outputs_live_side_by_side_and_unnamed_comes_first(cache):
    for name in ("b", None, "a", ""):
        cache.put("load", name, name)
    assert [entry.name for entry in cache.store.outputs("load")] == [None, "", "a", "b"]
    assert cache.store.outputs("other") == ()
    assert len(cache.store.all()) == 4


def test_a_new_output_replaces_the_old_one_and_leaves_its_pages_for_the_next(cache):
    first = cache.put("load", blob(2 << 20))
    second = cache.put("load", blob(2 << 20))
    assert cache.store.outputs("load") == (second,)
    assert cache.store.recyclable("load") == (first.path.name,)
    assert cache.store.usage().retired_bytes == first.bytes
    inode = first.path.stat().st_ino
    third = cache.put("load", blob(2 << 20))
    assert third.path.stat().st_ino == inode
    assert cache.store.recyclable("load") == (second.path.name,)
    assert not first.path.exists()


def test_a_file_that_another_output_took_over_is_not_counted_any_more(cache):
    cache.put("load", blob(2 << 20))
    cache.put("load", blob(2 << 20))
    cache.put("load", blob(2 << 20), "other")
    assert cache.store.recyclable("load") == ()
    assert cache.store.usage().retired_bytes == 0


def test_only_one_old_generation_is_kept(cache):
    entries = [cache.put("load", index) for index in range(4)]  # too small to be recycled
    assert [entry.path.exists() for entry in entries] == [False, False, True, True]


def test_old_files_do_not_count_against_outputs(cache):
    cache.store.close()
    cache.budget = 150_000
    cache.reopen_after_close()
    first = cache.put("load", blob(100_000))
    cache.put("load", blob(100_000))
    assert not first.path.exists()
    assert cache.store.recyclable("load") == ()
    assert cache.store.enforce_budget() == []


def test_a_replaced_input_of_a_running_step_lives_until_the_step_ends(cache):
    old = cache.put("load", blob(2 << 20))
    cache.store.pin("run-1/clean", ["load"])
    new = cache.put("load", blob(2 << 20))
    assert old.path.exists()
    assert cache.store.recyclable("load") == ()
    newest = cache.put("load", blob(2 << 20))
    assert old.path.exists()
    assert cache.store.recyclable("load") == (new.path.name,)
    cache.store.unpin("run-1/clean")
    assert not old.path.exists()
    assert cache.store.outputs("load") == (newest,)


def test_pins_outlive_the_engine_until_they_are_let_go(cache):
    old = cache.put("load", 1)
    cache.store.pin("run-1/clean", ["load"])
    cache.put("load", 2)
    cache.reopen()
    assert cache.store.pinned_runs() == {"run-1/clean"}
    cache.put("load", 3)
    assert old.path.exists()
    cache.store.unpin("run-1/clean")
    assert not old.path.exists()
    assert cache.store.pinned_runs() == frozenset()


def test_outputs_that_a_success_did_not_make_go(cache):
    kept = cache.put("train", 1, "model")
    gone = cache.put("train", 2, "metrics")
    cache.store.replace_all("train", {"model"})
    assert cache.store.outputs("train") == (kept,)
    assert cache.store.recyclable("train") == (gone.path.name,)
    cache.reopen()
    assert [entry.id for entry in cache.store.outputs("train")] == [kept.id]


def test_a_report_that_comes_again_changes_nothing(cache):
    first = cache.put("load", 1)
    again = cache.store.add("load", None, first.path.name, first.bytes, preview={}, provenance={"run": 9})
    assert again == first
    second = cache.put("load", 2)
    replayed = cache.store.add("load", None, first.path.name, first.bytes, preview={}, provenance={})
    assert replayed == second
    assert cache.store.outputs("load") == (second,)


@pytest.mark.parametrize("file", ["../elsewhere.seg", "sub/file.seg", "/etc/hostname", ".", "", "a\0b"])
def test_a_file_outside_the_steps_folders_is_refused(cache, file):
    (cache.session / "out" / "elsewhere.seg").parent.mkdir(exist_ok=True)
    (cache.session / "out" / "elsewhere.seg").write_bytes(b"x")
    cache.store.output_dir("load")
    with pytest.raises(OutputError, match="output file"):
        cache.store.add("load", None, file, 0, preview={}, provenance={})
    assert cache.store.all() == ()


@pytest.mark.parametrize("name", ["a\0b", "\ud800", 7])
def test_a_name_that_is_no_text_is_refused(cache, name):
    path = cache.write("load", 1)
    with pytest.raises(OutputError, match="another name"):
        cache.store.add("load", name, path.name, 0, preview={}, provenance={})


def test_links_pipes_and_files_that_are_not_whole_are_refused(cache, tmp_path):
    folder = cache.store.output_dir("load")
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link.seg").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe.seg")
    (folder / "short.seg").write_bytes(b"123")
    for file, size in (("link.seg", 0), ("pipe.seg", 0), ("short.seg", 4), ("missing.seg", 0)):
        with pytest.raises(OutputError, match=file):
            cache.store.add("load", None, file, size, preview={}, provenance={})
    assert cache.store.all() == ()


def test_orchests_own_payload_is_used_in_place_and_never_removed(cache):
    folder = cache.layout.legacy_output_dir("load")
    folder.mkdir(parents=True)
    payload = folder / "load.PICKLE"
    payload.write_bytes(b"one")
    arguments = {"kind": "legacy", "serialization": "PICKLE", "preview": {}, "provenance": {}}
    first = cache.store.add("load", None, str(payload), 3, **arguments)
    assert (first.location, first.serialization) == ("legacy", "PICKLE")
    payload.write_bytes(b"other")
    second = cache.store.add("load", None, str(payload), 5, **arguments)
    assert (second.bytes, cache.store.outputs("load")) == (5, (second,))
    assert second.id != first.id
    cache.store.consumed("load", "clean", {"clean"})
    assert cache.store.usage().memory_bytes == 0
    assert cache.store.clear() == 0
    assert payload.exists()
    assert cache.store.all() == ()
    with pytest.raises(OutputError):
        cache.store.add("clean", None, str(payload), 5, **arguments)


def test_eviction_waits_for_every_child_and_keeps_leaves(cache):
    cache.store.auto_eviction = True
    entry = cache.put("load", blob(1000))
    leaf = cache.put("report", 1)
    children = {"clean", "explore"}
    assert cache.store.consumed("load", "clean", children) == ()
    cache.reopen()
    cache.store.auto_eviction = True
    (evicted,) = cache.store.consumed("load", "explore", children)
    assert (evicted.id, evicted.location, evicted.readable) == (entry.id, "evicted", False)
    assert not entry.path.exists()
    assert cache.store.outputs("load") == ()
    assert cache.store.outputs("load", evicted=True) == (evicted,)
    assert cache.store.outputs("report") == (leaf,)
    assert cache.reopen() == ()
    assert cache.store.all() == (leaf,)
    assert {entry.id for entry in cache.store.all(evicted=True)} == {evicted.id, leaf.id}
    assert {entry.id for entry in cache.reader().all(evicted=True)} == {evicted.id, leaf.id}
    again = cache.put("load", 2)
    assert cache.store.outputs("load", evicted=True) == (again,)


def test_an_evicted_output_stays_readable_for_the_step_that_has_it(cache):
    cache.store.auto_eviction = True
    entry = cache.put("load", 5)
    cache.store.pin("run-1/explore", ["load"])
    cache.store.consumed("load", "clean", {"clean"})
    assert read_segment(entry.path) == 5
    cache.store.unpin("run-1/explore")
    assert not entry.path.exists()
    assert cache.store.usage().retired_bytes == 0


def test_a_new_value_has_to_be_read_again_before_it_is_evicted(cache):
    cache.store.auto_eviction = True
    cache.put("load", 1)
    cache.store.consumed("load", "clean", {"clean", "explore"})
    cache.put("load", 2)
    assert cache.store.consumed("load", "explore", {"clean", "explore"}) == ()
    assert len(cache.store.outputs("load")) == 1


def test_nothing_is_evicted_without_the_setting(cache):
    cache.put("load", 1)
    assert cache.store.consumed("load", "clean", {"clean"}) == ()
    assert len(cache.store.outputs("load")) == 1


def test_clear_tells_the_bytes_and_keeps_what_runs(cache):
    load = cache.put("load", blob(1000))
    clean = cache.put("clean", blob(2000))
    train = cache.put("train", blob(3000))
    assert cache.store.clear({"clean"}) == clean.bytes
    assert not clean.path.exists()
    cache.store.pin("run-2/x", ["load"])
    assert cache.store.pinned() == cache.store.pinned({"load"})
    assert [entry.id for entry in cache.store.pinned()] == [load.id]
    assert cache.store.clear() == train.bytes
    assert [entry.id for entry in cache.store.all()] == [load.id]


def test_lost_outputs_are_told_once(cache):
    lost = cache.put("load", 1)
    kept = cache.put("clean", 2)
    lost.path.unlink()
    assert [entry.id for entry in cache.reader().all()] == [kept.id]
    assert [entry.id for entry in cache.reopen()] == [lost.id]
    assert [entry.id for entry in cache.store.all()] == [kept.id]
    assert cache.reopen() == ()


def test_a_file_that_was_cut_short_counts_as_lost(cache):
    entry = cache.put("load", blob(1000))
    os.truncate(entry.path, 500)
    assert [lost.id for lost in cache.reopen()] == [entry.id]


def test_a_finished_segment_without_a_report_is_taken_in_by_its_header(cache):
    path = cache.write("load", [1, 2], "numbers")
    entry = cache.store.adopt_file("load", path.name, {"run": 3})
    assert (entry.name, entry.path, entry.run) == ("numbers", path, "3")
    assert entry.preview == {"type": "builtins.list"}
    foreign = cache.write("clean", 1)
    foreign.rename(cache.store.output_dir("load") / foreign.name)
    with pytest.raises(OutputError, match="not one of the step"):
        cache.store.adopt_file("load", foreign.name)
    (cache.store.output_dir("load") / "rubbish.seg").write_bytes(b"rubbish")
    with pytest.raises(OutputError, match="not a whole output segment"):
        cache.store.adopt_file("load", "rubbish.seg")


def test_files_that_nobody_knows_are_swept_but_not_those_of_running_steps(cache):
    known = cache.put("load", 1)
    orphan = cache.write("load", 2)
    temporary = cache.store.output_dir("clean") / "._.1.seg.tmp"
    temporary.write_bytes(b"half")
    spilled = cache.store.spill_dir("load") / "half.seg"
    spilled.write_bytes(b"half")
    running = cache.write("train", 3)
    expected = sum(path.stat().st_size for path in (orphan, temporary, spilled))
    cache.reopen()
    fresh = cache.store.output_dir("load") / "being-written.tmp"
    cache.store._made = max(path.stat().st_ctime for path in (orphan, temporary, spilled, running)) + 0.001
    while not fresh.exists() or fresh.stat().st_ctime < cache.store._made:
        fresh.write_bytes(b"now")
    assert cache.store.sweep({"train"}) == expected
    assert known.path.exists()
    assert running.exists()
    assert fresh.exists()
    assert not any(path.exists() for path in (orphan, temporary, spilled))


def test_what_a_failed_attempt_left_goes_and_nothing_else(cache):
    kept = cache.put("load", 1)
    retired = cache.put("load", 2)
    orphan = cache.write("load", 3)
    temporary = cache.store.spill_dir("load") / ".x.seg.tmp"
    temporary.write_bytes(b"half")
    other = cache.write("clean", 4)
    expected = orphan.stat().st_size + 4
    assert cache.store.discard_unreported("load") == expected
    assert not orphan.exists()
    assert not temporary.exists()
    assert kept.path.exists()
    assert retired.path.exists()
    assert other.exists()
    assert cache.store.discard_unreported("never-run") == 0


def test_a_new_budget_counts_at_once(cache):
    cache.put("load", blob(1000))
    cache.store.resize(10)
    assert cache.store.usage().budget == 10
    assert len(cache.store.enforce_budget()) == 1


def test_a_second_reader_sees_the_writers_state_and_makes_nothing(cache):
    cache.put("load", 1, "a")
    before = sorted(path.name for path in cache.layout.pipeline_dir.iterdir())
    reader = cache.reader()
    assert [entry.name for entry in reader.all()] == ["a"]
    cache.put("load", 2, "b")
    assert {entry.name for entry in cache.reader().all()} == {"a", "b"}
    reader.close()
    assert sorted(path.name for path in cache.layout.pipeline_dir.iterdir()) == before


def test_reading_without_an_engine_makes_nothing(cache):
    cache.put("load", 1)
    cache.store.close()
    before = sorted(path.name for path in cache.layout.pipeline_dir.iterdir())
    assert before == ["outputs.db"]
    reader = cache.reader()
    assert len(reader.all()) == 1
    reader.close()
    assert sorted(path.name for path in cache.layout.pipeline_dir.iterdir()) == before
    cache.layout.outputs_file.unlink()
    empty = cache.reader()
    assert empty.all() == ()
    empty.close()
    assert list(cache.layout.pipeline_dir.iterdir()) == []
    cache.reopen_after_close()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_broken_index_is_told_with_its_name_and_the_mend(cache, read_only):
    cache.store.close()
    cache.layout.outputs_file.write_bytes(b"this is not a database, but long enough to look at" * 100)
    with pytest.raises(OutputError, match=r"outputs\.db can't be used.*move the file away"):
        cache.reader() if read_only else cache.reopen_after_close()
    cache.layout.outputs_file.unlink()
    cache.reopen_after_close()


def test_an_index_of_another_format_is_not_touched(cache):
    cache.store.close()
    with sqlite3.connect(cache.layout.outputs_file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(OutputError, match="format 99"):
        cache.reopen_after_close()
    cache.layout.outputs_file.unlink()
    cache.reopen_after_close()


def test_reading_an_index_that_its_writer_is_just_making(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "pipeline")
    layout.outputs_file.parent.mkdir(parents=True)
    sqlite3.connect(layout.outputs_file).execute("PRAGMA journal_mode=WAL")
    assert OutputStore(layout, tmp_path / "memory", 0, read_only=True).all() == ()
