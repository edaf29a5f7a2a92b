"""Kills for want of memory are told as such."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from orchest_tui.step.runner.cgroup import MemoryGroup, format_bytes
from orchest_tui.step.runner.ending import Intent, finished

USAGE = SimpleNamespace(ru_utime=1.0, ru_stime=0.5, ru_maxrss=2)


def make_group(folder: Path, version: int, kills: int, limit: str) -> MemoryGroup:
    """Lay out a mount of control groups in ``folder`` for a process in ``/box``."""
    mount = folder / "mount"
    membership = folder / "membership"
    if version == 1:
        group, events, size = mount / "memory" / "box", "memory.oom_control", "memory.limit_in_bytes"
        membership.write_text("5:cpu:/box\n4:memory:/box\n0::/\n")
    else:
        group, events, size = mount / "box", "memory.events", "memory.max"
        membership.write_text("0::/box\n")
    group.mkdir(parents=True, exist_ok=True)
    (group / events).write_text(f"under_oom 0\noom_kill {kills}\n")
    (group / size).write_text(limit + "\n")
    return MemoryGroup(str(mount), str(membership))


@pytest.mark.parametrize("version", [1, 2])
def test_a_kill_is_noticed(tmp_path: Path, version: int) -> None:
    group = make_group(tmp_path, version, kills=3, limit="400000000")
    assert not group.killed()
    assert finished(signal.SIGKILL, USAGE, None, None, group).reason == "killed by SIGKILL"
    make_group(tmp_path, version, kills=4, limit="400000000")
    assert group.killed()
    for status in (int(signal.SIGKILL), 137 << 8):
        assert finished(status, USAGE, None, None, group).reason == "killed: out of memory (limit 400 MB)"
    assert finished(signal.SIGSEGV, USAGE, None, None, group).reason == "killed by SIGSEGV"
    assert finished(signal.SIGKILL, USAGE, Intent("ABORTED", "aborted"), None, group).reason == "aborted"
    assert finished(0, USAGE, None, None, group).status == "SUCCESS"


@pytest.mark.parametrize(("version", "limit"), [(1, str((1 << 63) - 4096)), (2, "max")])
def test_no_limit(tmp_path: Path, version: int, limit: str) -> None:
    group = make_group(tmp_path, version, kills=0, limit=limit)
    make_group(tmp_path, version, kills=1, limit=limit)
    assert group.limit() is None
    assert finished(signal.SIGKILL, USAGE, None, None, group).reason == "killed: out of memory"


def test_the_root_of_the_mount_is_the_group_inside_a_container(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.oom_control").write_text("oom_kill 0\n")
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("1048576\n")
    (tmp_path / "membership").write_text("4:memory:/docker/0123\n")
    assert MemoryGroup(str(tmp_path), str(tmp_path / "membership")).limit() == 1 << 20


def test_no_control_groups(tmp_path: Path) -> None:
    group = MemoryGroup(str(tmp_path), str(tmp_path / "none"))
    assert (group.killed(), group.limit()) == (False, None)


def test_end_in_numbers(tmp_path: Path) -> None:
    group = MemoryGroup(str(tmp_path), str(tmp_path / "none"))
    end = finished(3 << 8, USAGE, None, "told", group)
    assert (end.exit_code, end.signal, end.reason, end.cpu_seconds, end.max_rss) == (3, None, "told", 1.5, 2048)
    assert (
        finished(int(signal.SIGRTMIN) + 1, USAGE, None, None, group).reason == f"killed by signal {signal.SIGRTMIN + 1}"
    )


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (400_000_000, "400 MB"),
        (199_999_488, "200 MB"),
        (512 << 20, "512 MiB"),
        (2 << 30, "2 GiB"),
        (1000**3, "1 GB"),
        (1234567, "1.2 MB"),
    ],
)
def test_sizes_in_words(count: int, text: str) -> None:
    assert format_bytes(count) == text


@pytest.mark.skipif(os.getuid() != 0, reason="making a control group needs root here")
def test_a_real_kill(make_step: object, tmp_path: Path) -> None:
    from tests.step.runner.harness import Step

    mount = Path("/sys/fs/cgroup/memory")
    group = mount / f"orchest-tui-test-{os.getpid()}"
    if not (mount / "memory.oom_control").exists():
        pytest.skip("needs version 1 of control groups")
    try:
        group.mkdir()
    except OSError:
        pytest.skip("control groups can't be made here")
    (group / "memory.limit_in_bytes").write_text("100000000")
    step = Step(tmp_path, runner=["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"])
    try:
        end = step.run("data = []\nwhile True: data.append(bytearray(10_000_000))")
        assert (end.status, end.signal) == ("FAILURE", signal.SIGKILL)
        assert str(end.reason).startswith("killed: out of memory (limit ")
        step.wait_for_end()
    finally:
        step.close()
        group.rmdir()
