"""Memory is kept within its budget, and no output is lost on the way to disk."""

import errno
import os

import pytest

from orchest_tui.cache import files
from orchest_tui.cache.entry import OutputError, SpillError
from orchest_tui.step.sdk.orchest.segment import read_segment

from .conftest import blob

SIZE = 100_000


@pytest.fixture
def small(cache):
    """A cache with room for two outputs of SIZE."""
    cache.budget = 250_000
    cache.reopen()
    return cache


@pytest.fixture
def full_tmpfs(monkeypatch):
    """The folder in memory has a file system of its own with no room but for what the test says."""
    missing = {"bytes": 0}
    monkeypatch.setattr(files, "same_file_system", lambda one, other: False)
    monkeypatch.setattr(files, "missing_room", lambda folder, reserve: missing["bytes"] + reserve)
    return missing


def test_within_the_budget_nothing_moves(small):
    small.put("load", blob(SIZE))
    assert small.store.enforce_budget() == []


def test_the_least_recently_used_output_moves_and_is_still_there(small):
    value = blob(SIZE)
    load = small.put("load", blob(SIZE))
    clean = small.put("clean", value)
    small.put("train", blob(SIZE))
    small.store.pin("run-1/x", ["load"])  # used just now
    small.store.unpin("run-1/x")
    (spilled,) = small.store.enforce_budget()
    assert (spilled.id, spilled.location) == (clean.id, "disk")
    assert spilled.path == small.store.spill_dir("clean") / clean.path.name
    assert read_segment(spilled.path) == value
    assert not clean.path.exists()
    assert small.store.outputs("clean") == (spilled,)
    assert small.store.outputs("load")[0].path == load.path
    usage = small.store.usage()
    assert usage.memory_bytes <= usage.budget
    assert usage.spilled_bytes == spilled.bytes == clean.bytes
    assert small.reopen() == ()
    assert small.store.outputs("clean") == (spilled,)


def test_old_files_go_before_outputs_move(small):
    first = small.put("load", blob(SIZE))
    second = small.put("load", blob(SIZE))
    assert small.store.enforce_budget(SIZE) == []
    assert not first.path.exists()
    assert second.path.exists()
    assert small.store.usage().retired_bytes == 0


def test_inputs_of_running_steps_stay(small):
    load = small.put("load", blob(SIZE))
    clean = small.put("clean", blob(SIZE))
    small.store.pin("run-1/train", ["load"])
    assert [entry.id for entry in small.store.enforce_budget(10 * SIZE)] == [clean.id]
    assert load.path.exists()
    small.store.unpin("run-1/train")
    assert [entry.id for entry in small.store.enforce_budget(10 * SIZE)] == [load.id]


def test_room_is_made_where_others_fill_the_memory(small, full_tmpfs):
    entry = small.put("load", blob(1000))
    assert small.store.enforce_budget() == []
    full_tmpfs["bytes"] = 1
    assert [moved.id for moved in small.store.enforce_budget()] == [entry.id]


def test_a_full_disk_is_told_and_loses_nothing(small, monkeypatch):
    entries = [small.put(step, blob(SIZE)) for step in ("load", "clean", "train")]

    def no_room(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room)
        with pytest.raises(SpillError, match=r"No space left on device.*Make room"):
            small.store.enforce_budget()
    assert [entry.path.exists() for entry in entries] == [True] * 3
    assert list(small.store.spill_dir("load").iterdir()) == []
    assert len(small.store.enforce_budget()) == 1


@pytest.mark.parametrize("event", ["pinned", "replaced", "cleared"])
def test_what_happens_during_the_copy_wins(small, monkeypatch, event):
    old = small.put("load", 1)
    copied = files.copy_to_disk

    def copy(source, folder):
        path = copied(source, folder)
        if event == "pinned":
            small.store.pin("run-1/x", ["load"])
        elif event == "cleared":
            small.store.clear()
        elif source == old.path:
            small.put("load", 2)
        return path

    monkeypatch.setattr(files, "copy_to_disk", copy)
    moved = small.store.enforce_budget(10 * SIZE)
    assert old.id not in [entry.id for entry in moved]
    assert old.path.exists() == (event == "pinned")
    assert not (small.store.spill_dir("load") / old.path.name).exists()
    assert [entry.location for entry in small.store.all()] == {
        "pinned": ["memory"],
        "replaced": ["disk"],
        "cleared": [],
    }[event]


def test_a_file_that_vanishes_does_not_stop_the_others(small):
    gone = small.put("load", blob(SIZE))
    moved = small.put("clean", blob(SIZE))
    gone.path.unlink()
    assert [entry.id for entry in small.store.enforce_budget(10 * SIZE)] == [moved.id]


def test_a_crash_between_copy_and_index_keeps_the_output_whichever_place_survives(small):
    for survivor in ("memory", "disk"):
        entry = small.put(survivor, "value")
        copy = files.copy_to_disk(entry.path, small.store.spill_dir(survivor))
        (copy if survivor == "memory" else entry.path).unlink()
        assert small.reopen() == ()
        (found,) = small.store.outputs(survivor)
        assert (found.location, read_segment(found.path)) == (survivor, "value")


def test_a_segment_that_the_step_itself_wrote_to_disk_is_taken_in(small):
    path = small.write("load", 3)
    moved = path.rename(small.store.spill_dir("load") / path.name)
    entry = small.store.add("load", None, str(moved), 1, preview={}, provenance={})
    assert entry.location == "disk"
    replacement = small.put("load", 4)
    assert not moved.exists()
    assert small.store.outputs("load") == (replacement,)


def test_a_spilled_input_that_is_replaced_lives_until_the_step_ends(small):
    small.put("load", 1)
    (spilled,) = small.store.enforce_budget(10 * SIZE)
    small.store.pin("run-1/x", ["load"])
    small.put("load", 2)
    assert spilled.path.exists()
    assert small.store.recyclable("load") == ()
    small.store.unpin("run-1/x")
    assert not spilled.path.exists()


def test_a_file_being_hashed_stays_in_place(small, monkeypatch):
    entry = small.put("load", blob(SIZE))
    from orchest_tui.cache import digest

    def during(path, kind):
        assert small.store.enforce_budget(10 * SIZE) == []
        small.put("load", 1)
        small.put("load", 2)
        assert path.exists()
        assert path.name not in small.store.recyclable("load")
        return "digest"

    monkeypatch.setattr(digest, "payload_digest", during)
    assert small.store.hash(entry) == "digest"
    assert not entry.path.exists()
    with pytest.raises(OutputError, match="is gone"):
        small.store.hash(entry)
