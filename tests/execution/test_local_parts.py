"""The local executor's parts by themselves: channel, journal, processes, views."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.execution.executor import WorkerLostError
from orchest_tui.execution.local.channel import ControlChannel
from orchest_tui.execution.local.journal import finished_in, follow
from orchest_tui.execution.local.process import (
    ProcessId,
    confined_to,
    descendants,
    kill_tree,
    spawn,
)
from orchest_tui.execution.local.sandbox import Mount, Unconfined
from orchest_tui.execution.local.view import interpreter_mounts
from orchest_tui.execution.protocol import (
    MAX_LINE_BYTES,
    Abort,
    Finished,
    Progress,
    Ready,
    RunnerMessage,
    Started,
    encode,
)
from tests.execution.local_steps import PATIENCE, until

DONE = Finished(status="SUCCESS", time=2.0, exit_code=0)


def hear(sent: bytes, cuts: list[int]) -> list[RunnerMessage]:
    """Return what a channel makes of ``sent`` when it arrives cut into pieces at ``cuts``."""
    channel = ControlChannel()
    edges = sorted({0, len(sent), *(min(cut, len(sent)) for cut in cuts)})
    for start, end in itertools.pairwise(edges):
        channel.data_received(sent[start:end])
    channel.connection_lost(None)
    messages = []
    while (message := channel.messages.get_nowait()) is not None:
        messages.append(message)
    assert channel.ended
    return messages


@given(cuts=st.lists(st.integers(0, 400)))
def test_the_channel_hears_messages_however_they_are_cut(cuts: list[int]) -> None:
    said = [Started(time=1.0), Progress(fraction=0.5, text="half\u2028way"), DONE]
    sent = b"".join(encode(message) for message in said)
    assert hear(sent, cuts) == said


def test_the_channel_passes_over_what_is_no_message() -> None:
    endless = b"x" * (2 * MAX_LINE_BYTES)
    sent = b"\n".join([b"", b"nonsense", b'{"type": "unknown"}', b"\xff\xfe", endless, encode(DONE)])
    cuts = list(range(0, len(sent), 65536))
    assert hear(sent, cuts) == [DONE]


def test_the_channel_says_what_it_is_told_until_it_is_closed() -> None:
    async def whole() -> None:
        (ours, its_input), (reading, its_output) = socket.socketpair(), socket.socketpair()
        channel = await ControlChannel.open(ours, reading)
        with its_input, its_output:
            its_input.settimeout(PATIENCE)
            channel.send(Abort(grace=1.0))
            assert await asyncio.to_thread(its_input.recv, 1000) == encode(Abort(grace=1.0))
            channel.close()
            channel.send(Abort(grace=2.0))
            assert await asyncio.to_thread(its_input.recv, 1000) == b""
            assert await channel.messages.get() is None

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))


def test_a_journal_is_replayed_and_then_followed(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    ready, started, end = (encode(message) for message in (Ready(python="3.11"), Started(time=1.0), DONE))
    journal.write_bytes(ready + started[:10])
    assert finished_in(journal) is None

    async def whole() -> tuple[Finished, list[RunnerMessage]]:
        messages: list[RunnerMessage] = []
        following = asyncio.ensure_future(follow(journal, lambda: True, messages.append))
        for rest in (started[10:] + b"garbage\n" + encode(Progress(text="on")), end):
            with journal.open("ab") as file:
                file.write(rest)
            if rest is not end:
                await until(lambda: len(messages) == 2)
        return await following, messages

    finished, messages = asyncio.run(asyncio.wait_for(whole(), PATIENCE))
    assert finished == DONE == finished_in(journal)
    assert messages == [Started(time=1.0), Progress(text="on")]


def test_a_journal_that_stops_short_is_a_lost_worker(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    assert finished_in(journal) is None
    with pytest.raises(WorkerLostError):
        asyncio.run(follow(journal, lambda: False, lambda _: None))


def test_a_process_is_spawned_with_its_descriptors_alone(tmp_path: Path) -> None:
    script = (
        "import os, sys; os.write(3, sys.stdin.buffer.read()); print(os.getsid(0) == os.getpid(), dict(os.environ))"
    )
    files = [tmp_path / name for name in ("in", "out", "err", "third")]
    files[0].write_bytes(b"through")
    opened = [os.open(file, os.O_RDWR | os.O_CREAT) for file in files]
    pid = spawn([sys.executable, "-I", "-c", script], {"ONLY": "this", "LC_CTYPE": "C.UTF-8"}, opened)
    for fd in opened:
        os.close(fd)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, files[2].read_text()
    assert files[3].read_bytes() == b"through"
    assert files[1].read_text() == "True {'ONLY': 'this', 'LC_CTYPE': 'C.UTF-8'}\n"


def test_a_tree_of_processes_is_ended_whole() -> None:
    tree = subprocess.Popen(["/bin/bash", "-c", "sleep 1000 & sleep 1000 & wait"], start_new_session=True)
    asyncio.run(asyncio.wait_for(until(lambda: len(descendants(tree.pid)) == 2), PATIENCE))
    below = [found for pid in descendants(tree.pid) if (found := ProcessId.of(pid))]
    root = ProcessId.of(tree.pid)
    assert root is not None
    kill_tree(root)
    assert tree.wait(PATIENCE) == -signal.SIGKILL
    asyncio.run(asyncio.wait_for(until(lambda: not any(process.alive() for process in below)), PATIENCE))
    kill_tree(root)
    assert not root.alive()


def test_confinement_is_of_the_block_alone() -> None:
    before = os.sched_getaffinity(0)
    with confined_to(0.25):
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before
    with confined_to(None):
        assert os.sched_getaffinity(0) == before
    with confined_to(10_000):
        assert os.sched_getaffinity(0) == before


def test_without_a_sandbox_there_are_no_mounts() -> None:
    assert Unconfined().command([], ["/bin/true"]) == ["/bin/true"]
    with pytest.raises(ValueError, match="mounts"):
        Unconfined().command([Mount("tmpfs", "/tmp")], ["/bin/true"])


def make_venv(folder: Path, home: Path) -> Path:
    """Make what a virtual environment on a Python in ``home`` looks like."""
    (folder / "bin").mkdir(parents=True)
    (home / "bin").mkdir(parents=True)
    (home / "lib").mkdir()
    (home / "bin" / "python3").touch()
    (folder / "bin" / "python").symlink_to(home / "bin" / "python3")
    (folder / "pyvenv.cfg").write_text(f"home = {home}/bin\ninclude-system-site-packages = false\n")
    return folder


def test_a_python_in_somebodys_home_is_shown_and_the_home_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    venv = make_venv(tmp_path / "venv", home / ".pyenv" / "3.11")
    assert [mount.source for mount in interpreter_mounts(venv)] == [str(home / ".pyenv" / "3.11"), str(venv)]
    direct = make_venv(tmp_path / "direct", home)
    assert [mount.source for mount in interpreter_mounts(direct)] == [
        str(home / "bin"),
        str(home / "lib"),
        str(direct),
    ]
