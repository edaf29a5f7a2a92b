from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.cli import follow as module
from orchest_tui.cli.follow import follow, tail_offset


@pytest.fixture(autouse=True)
def ask_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask at every look whether the writer has ended, so that a test decides what happens between two looks."""
    monkeypatch.setattr(module, "_POLLS_BETWEEN_QUESTIONS", 1)
    monkeypatch.setattr(module, "_POLL_SECONDS", 0.0)


@given(st.binary(max_size=40).map(lambda text: text.replace(b"\x00", b"\n")), st.integers(1, 10))
def test_tail_is_the_last_lines(tmp_path_factory: pytest.TempPathFactory, whole: bytes, count: int) -> None:
    path = tmp_path_factory.getbasetemp() / "tail.log"
    path.write_bytes(whole)
    lines = whole.split(b"\n")[:-1]
    expected = [line + b"\n" for line in lines] + ([last] if (last := whole.split(b"\n")[-1]) else [])
    assert whole[tail_offset(path, count) :] == b"".join(expected[-count:])


def test_tail_crosses_blocks(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    path.write_bytes(b"".join(b"line %d\n" % number for number in range(50_000)))
    assert path.read_bytes()[tail_offset(path, 20_000) :].startswith(b"line 30000\n")
    assert tail_offset(path, 50_000) == 0


def play(path: Path, *scenes: bytes | None, offset: int = 0) -> bytes:
    """Follow ``path`` while each scene changes it: bytes are appended, None cuts it to nothing."""
    script: Iterator[bytes | None] = iter(scenes)

    def ended() -> bool:
        for scene in script:
            if scene is None:
                path.write_bytes(b"")
            else:
                with path.open("ab") as log:
                    log.write(scene)
            return False
        return True

    return b"".join(follow(path, offset, ended))


def test_follow_yields_what_comes_and_ends_with_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "step.log"
    path.write_bytes(b"old\n")
    assert play(path, b"new\n", b"newest\n") == b"old\nnew\nnewest\n"


def test_follow_waits_for_a_log_that_is_not_there_yet(tmp_path: Path) -> None:
    assert play(tmp_path / "step.log", b"first\n", b"second\n") == b"first\nsecond\n"


def test_follow_survives_truncation(tmp_path: Path) -> None:
    path = tmp_path / "step.log"
    path.write_bytes(b"a long first attempt\n")
    assert play(path, b"more\n", None, b"again\n") == b"a long first attempt\nmore\nagain\n"


def test_follow_survives_replacement_by_another_file(tmp_path: Path) -> None:
    path = tmp_path / "step.log"
    path.write_bytes(b"one\n")
    replaced = False

    def ended() -> bool:
        nonlocal replaced
        if replaced:
            return True
        (tmp_path / "other").write_bytes(b"another, longer\n")
        (tmp_path / "other").replace(path)
        replaced = True
        return False

    assert b"".join(follow(path, 0, ended)) == b"one\nanother, longer\n"


def test_what_is_written_last_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "step.log"
    path.write_bytes(b"")

    def ended() -> bool:
        with path.open("ab") as log:
            log.write(b"the last words\n")
        return True

    assert b"".join(follow(path, 0, ended)) == b"the last words\n"
