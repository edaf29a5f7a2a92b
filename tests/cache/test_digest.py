"""Digests tell whether a value changed, and nothing else."""

import os
import random
import re
from contextlib import suppress
from pathlib import Path

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.cache.digest import payload_digest
from orchest_tui.cache.entry import OutputError
from orchest_tui.step.sdk.orchest.segment import read_header, write_segment

from .conftest import blob


def test_the_same_value_has_the_same_digest_whatever_its_name_and_time(cache):
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(400_000, dtype="f8")
    one = cache.put("load", {"array": array, "text": "x"}, "first")
    other = cache.put("clean", {"array": array.copy(), "text": "x"}, "a much longer name, which moves the parts")
    assert one.bytes != other.bytes
    assert cache.store.hash(one) == cache.store.hash(other)
    array[7] += 1
    changed = cache.put("load", {"array": array, "text": "x"}, "first")
    assert cache.store.hash(changed) != cache.store.hash(one if one.path.exists() else other)


def test_recycled_pages_do_not_show(cache):
    numpy = pytest.importorskip("numpy")
    value = [numpy.full(200_001, 1, dtype="u1"), numpy.full(2_000_003, 2, dtype="u1")]
    digest = cache.store.hash(cache.put("fresh", value))
    cache.put("load", blob(8 << 20))
    cache.put("load", blob(8 << 20))
    recycled = cache.store.recyclable("load")
    entry = cache.put("load", value)
    assert not (entry.path.parent / recycled[0]).exists()
    assert cache.store.hash(entry) == digest


def test_an_old_payload_counts_whole(tmp_path):
    content = random.Random(1).randbytes((3 << 20) + 17)
    path = tmp_path / "load.PICKLE"
    path.write_bytes(content)
    expected = xxhash.xxh3_128(f"legacy:0:{len(content)};".encode().replace(b":0:", b":") + content).hexdigest()
    assert payload_digest(path, "legacy") == expected


def test_the_digest_is_stored_unless_the_output_was_replaced(cache):
    entry = cache.put("load", 1)
    stored = cache.store.set_digest(entry, "abc")
    assert cache.store.outputs("load") == (stored,)
    cache.reopen()
    assert cache.store.outputs("load")[0].digest == "abc"
    new = cache.put("load", 2)
    assert cache.store.set_digest(stored, "def").digest == "def"
    assert cache.store.outputs("load") == (new,)


@given(position=st.integers(0, 10_000_000), cut=st.booleans())
def test_damage_is_told_or_changes_nothing_but_the_digest(tmp_path_factory, position, cut):
    path = tmp_path_factory.mktemp("damaged") / "x.seg"
    write_segment({"key": b"value" * 20_000}, path, name="x", step="load")
    content = bytearray(path.read_bytes())
    position %= len(content)
    if cut:
        path.write_bytes(content[:position])
    else:
        content[position] ^= 0xFF
        path.write_bytes(content)
    if cut:
        with pytest.raises(OutputError, match=re.escape(str(path))):
            payload_digest(path, "segment")
        return
    with suppress(OutputError):
        assert len(payload_digest(path, "segment")) == 32


def test_links_pipes_and_folders_are_refused(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"x")
    (tmp_path / "link").symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        with pytest.raises(OutputError, match=name):
            payload_digest(tmp_path / name, "legacy")
    with pytest.raises(FileNotFoundError):
        payload_digest(tmp_path / "missing", "legacy")


def test_a_file_that_shrinks_while_it_is_read_is_told(tmp_path, monkeypatch):
    path = tmp_path / "x.seg"
    write_segment(blob(200_000), path, step="load")
    header = read_header(path)
    os.truncate(path, 100_000)
    monkeypatch.setattr("orchest_tui.cache.files.segment_header", lambda _: header)
    for part in header["parts"]:
        part["length"] = min(part["length"], 99_000)  # passes the first check, not the reading
        part["offset"] = 50_000
    with pytest.raises(OutputError, match="not whole"):
        payload_digest(Path(path), "segment")
