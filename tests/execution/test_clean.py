"""What `clean` removes outside of a container engine, and what it leaves alone."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchest_tui.execution.leftovers import Leftover, folder_bytes
from orchest_tui.execution.local.clean import clean_venvs, clean_workers
from orchest_tui.execution.local.sandbox import Unconfined
from orchest_tui.execution.local.venv_uses import record_use
from orchest_tui.execution.owned_folder import is_owned, make_owned, take_over
from orchest_tui.execution.runtime import stage
from orchest_tui.execution.session_folders import clean_orphans, clean_runtimes, session_folders
from orchest_tui.project.layout import Layout, cache_dir
from tests.execution.local_steps import PATIENCE, PIPELINE, LocalProject

DEAD_OWNER = "another-boot:1:1:1"


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "memory"


@pytest.fixture
def local(tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> LocalProject:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return LocalProject(tmp_path, memory)


def kill_owner(folder: Path) -> None:
    """Let ``folder`` be that of a process which is gone."""
    (folder / "owner").write_text(DEAD_OWNER)


def words(leftovers: list[Leftover]) -> list[str]:
    return [leftover.what for leftover in leftovers]


class TestOwnedFolders:
    def test_belong_to_who_made_them_until_someone_takes_over(self, tmp_path: Path) -> None:
        folder = tmp_path / "run" / "worker"
        make_owned(folder)
        assert is_owned(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        kill_owner(folder)
        assert not is_owned(folder)
        take_over(folder)
        assert is_owned(folder)
        assert [path.name for path in folder.iterdir()] == ["owner"]

    def test_that_are_gone_belong_to_nobody(self, tmp_path: Path) -> None:
        take_over(tmp_path / "gone")
        assert not is_owned(tmp_path / "gone")

    def test_of_a_process_that_was_killed_are_nobodys(self, tmp_path: Path) -> None:
        code = "import sys, pathlib; from orchest_tui.execution.owned_folder import make_owned as make;"
        code += "make(pathlib.Path(sys.argv[1]))"
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "theirs")], check=True, timeout=PATIENCE)
        assert not is_owned(tmp_path / "theirs")


class TestSessionFolders:
    def test_know_their_project(self, tmp_path: Path, memory: Path) -> None:
        names = [tmp_path / "one", tmp_path / os.fsdecode(b"t\xffo")]
        paths = [Layout(name, PIPELINE).session_dir(memory) for name in names]
        assert {found.project: found.path for found in session_folders(memory)} == dict(zip(names, paths, strict=True))
        assert [found.path for found in session_folders(memory, names[1])] == [paths[1]]

    def test_of_somebody_else_are_passed_over(self, tmp_path: Path, memory: Path) -> None:
        Layout(tmp_path / "one", PIPELINE).session_dir(memory)
        [root] = memory.iterdir()
        root.rename(tmp_path / "theirs")
        root.symlink_to(tmp_path / "theirs")
        assert list(session_folders(memory)) == []

    def test_go_when_their_project_is_gone(self, tmp_path: Path, memory: Path) -> None:
        here, gone = tmp_path / "here", tmp_path / "gone"
        here.mkdir()
        kept = Layout(here, PIPELINE).session_dir(memory)
        orphan = Layout(gone, PIPELINE).session_dir(memory)
        (orphan / "segment").write_bytes(b"x" * 100_000)
        planned = clean_orphans(memory, dry_run=True)
        assert orphan.is_dir()
        assert clean_orphans(memory) == planned
        [leftover] = planned
        assert str(orphan) in leftover.what
        assert leftover.bytes is not None
        assert leftover.bytes >= 100_000
        assert not orphan.exists()
        assert kept.is_dir()

    def test_stay_while_a_living_engine_works_there(self, tmp_path: Path, memory: Path) -> None:
        session = Layout(tmp_path / "gone", PIPELINE).session_dir(memory)
        make_owned(session / "run" / "worker")
        assert clean_orphans(memory) == []
        kill_owner(session / "run" / "worker")
        assert len(clean_orphans(memory)) == 1

    def test_of_a_project_that_nobody_wrote_down_stay(self, tmp_path: Path, memory: Path) -> None:
        session = Layout(tmp_path / "gone", PIPELINE).session_dir(memory)
        (session / "project").unlink()
        assert clean_orphans(memory) == []


class TestWorkers:
    def test_of_a_dead_engine_are_ended_and_those_of_a_living_one_not(self, local: LocalProject) -> None:
        async def scenario() -> None:
            async with local.executor(Unconfined()) as executor:
                worker = await executor.start(local.spec("pass"))
                [folder] = local.run_folders
                assert clean_workers(local.memory, local.folder) == []
                kill_owner(folder)
                assert words(clean_workers(local.memory, local.folder, dry_run=True)) == [f"running worker {folder}"]
                assert worker.alive
                assert clean_workers(local.memory, local.root / "other") == []
                assert words(clean_workers(local.memory, local.folder)) == [f"running worker {folder}"]
                assert await worker.process.gone(PATIENCE)
                assert not folder.exists()

        asyncio.run(asyncio.wait_for(scenario(), 2 * PATIENCE))

    def test_that_never_became_warm_leave_a_folder(self, local: LocalProject) -> None:
        folder = local.session_dir / "run" / "local-0"
        make_owned(folder)
        kill_owner(folder)
        make_owned(local.session_dir / "run" / "0123")  # of the container engine
        kill_owner(local.session_dir / "run" / "0123")
        assert words(clean_workers(local.memory)) == [f"folder of a worker {folder}"]
        assert [path.name for path in local.run_folders] == ["0123"]


class TestVirtualEnvironments:
    @pytest.fixture
    def root(self, local: LocalProject) -> Path:
        root = cache_dir() / "venvs"
        for name in ("old.1", "new.1", "new.2", "shared.1", "tools-0.1"):
            (root / name / "bin").mkdir(parents=True)
        for name in ("old.1", "new.2", "shared.1", "tools-0.1"):
            (root / name.partition(".")[0]).symlink_to(name)
        return root

    def left(self, root: Path) -> list[str]:
        return sorted(path.name for path in root.iterdir() if "." in path.name)

    def test_go_when_no_environment_is_built_as_them(self, root: Path, local: LocalProject) -> None:
        folders = [local.root / "environments" / name for name in ("a", "b", "removed")]
        for folder in folders[:2]:
            folder.mkdir(parents=True)
        record_use(root, folders[0], "old")
        record_use(root, folders[0], "new")
        record_use(root, folders[1], "shared")
        record_use(root, folders[2], "old")
        planned = clean_venvs(local.memory, dry_run=True)
        assert len(self.left(root)) == 5
        assert words(planned) == [f"virtual environment {root / name}" for name in ("new.1", "old.1")]
        assert clean_venvs(local.memory) == planned
        assert self.left(root) == ["new.2", "shared.1", "tools-0.1"]

    def test_stay_while_a_step_runs_or_they_are_built(self, root: Path, local: LocalProject) -> None:
        worker = local.session_dir / "run" / "worker"
        make_owned(worker)
        assert clean_venvs(local.memory) == []
        kill_owner(worker)
        with (root / "old.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert [Path(what).name for what in words(clean_venvs(local.memory))] == ["new.1", "new.2", "shared.1"]

    def test_where_there_are_none(self, local: LocalProject) -> None:
        assert clean_venvs(local.memory) == []


def test_runtimes_of_other_versions_go_a_day_after_their_last_use(local: LocalProject) -> None:
    mine = stage()
    old, young = mine.with_name("runtime-0000"), mine.with_name("runtime-1111")
    yesterday = time.time() - 25 * 3600
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (yesterday, yesterday))
    os.utime(mine, (yesterday, yesterday))
    assert words(clean_runtimes(local.memory)) == [f"runtime of another version {old}"]
    assert mine.is_dir()
    assert young.is_dir()
    stage()
    assert mine.stat().st_mtime > yesterday + 3600


def test_a_folders_size_counts_links_to_one_file_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 50_000)
    alone = folder_bytes(tmp_path)
    os.link(tmp_path / "one", tmp_path / "two")
    assert folder_bytes(tmp_path) == alone >= 50_000
