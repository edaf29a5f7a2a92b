"""Virtual environments of the local executor, built without a network."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from orchest_tui.errors import BuildError
from orchest_tui.execution.environment_key import environment_key
from orchest_tui.execution.executor import PreparedEnvironment
from orchest_tui.execution.local.clean import clean_venvs
from orchest_tui.execution.local.interpreter import Interpreter, running
from orchest_tui.execution.local.sandbox import Sandbox
from orchest_tui.execution.local.venv_folders import VenvFolders
from orchest_tui.execution.local.venvs import VenvBuilder, has_notebooks
from orchest_tui.project.environments import Environment
from tests.execution.local_steps import PATIENCE, SANDBOXES, LocalProject, make_sandbox, until

BUILD_PATIENCE = 4 * PATIENCE


@pytest.fixture(params=SANDBOXES)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return make_sandbox(request.param)


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalProject:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    # A folder of its own: what other tests' engines left in the common one counts as in use while this process lives.
    memory = Path(os.environ["ORCHEST_TUI_MEMORY_DIR"]) / tmp_path.name
    memory.mkdir()
    return LocalProject(tmp_path, memory)


def environment(script: str = "", image: str = "orchest-tui/base-py") -> Environment:
    return Environment("env", "Plain", "python", image, gpu_support=False, setup_script=script, folder=Path("/nowhere"))


def prepare(
    local: LocalProject, sandbox: Sandbox, what: Environment, *, anew: bool = False
) -> tuple[PreparedEnvironment, list[str]]:
    """Prepare ``what`` in a new executor; return it and the progress lines."""
    lines: list[str] = []

    async def whole() -> PreparedEnvironment:
        async with local.executor(sandbox) as executor:
            return await executor.prepare(what, local.folder, local.root / "build.log", lines.append, anew=anew)

    return asyncio.run(asyncio.wait_for(whole(), BUILD_PATIENCE)), lines


def test_an_environment_without_packages_is_a_bare_one_and_is_built_once(local: LocalProject, sandbox: Sandbox) -> None:
    prepared, lines = prepare(local, sandbox, environment())
    assert prepared.key == environment_key(environment(), local.folder, local.settings)
    assert lines
    assert prepared.tools is None
    assert not list(Path(prepared.image).rglob("pip"))
    assert prepare(local, sandbox, environment()) == (prepared, [])


def test_steps_run_on_it(local: LocalProject, sandbox: Sandbox) -> None:
    prepared, _ = prepare(local, sandbox, environment())
    code = "import sys; print(sys.prefix); open(sys.prefix + '/new', 'w')"
    finished, _ = local.run(sandbox, code, environment=prepared)
    assert local.log.splitlines()[0] == prepared.image
    assert finished.status == ("FAILURE" if sandbox.isolated else "SUCCESS")


def test_one_that_replaces_another_leaves_that_to_be_cleaned(local: LocalProject) -> None:
    sandbox, folder = make_sandbox("no isolation"), local.root / "environment"
    folder.mkdir()
    first, _ = prepare(local, sandbox, replace(environment(), folder=folder))
    assert clean_venvs(local.memory) == []
    gpu, _ = prepare(local, sandbox, replace(environment(), folder=folder, gpu_support=True))
    assert [leftover.what for leftover in clean_venvs(local.memory)] == [f"virtual environment {first.image}"]
    assert Path(gpu.image).is_dir()
    assert Path(prepare(local, sandbox, replace(environment(), folder=folder))[0].image).is_dir()


def test_a_new_build_leaves_the_former_one_to_those_who_use_it(local: LocalProject) -> None:
    sandbox = make_sandbox("no isolation")
    first, _ = prepare(local, sandbox, environment())
    second, _ = prepare(local, sandbox, environment(), anew=True)
    assert first.image != second.image
    assert Path(first.python or "").exists()
    third, _ = prepare(local, sandbox, environment(), anew=True)
    assert not Path(first.image).exists()
    assert Path(second.python or "").exists()
    assert prepare(local, sandbox, environment())[0] == third


def test_an_image_that_is_not_used_is_told(local: LocalProject) -> None:
    _, lines = prepare(local, make_sandbox("no isolation"), environment(image="rocker/r-base:4"))
    assert any("rocker/r-base:4 is not used" in line for line in lines)


def test_a_setup_script_works_on_the_environment_and_on_a_copy_of_the_project(
    local: LocalProject, sandbox: Sandbox
) -> None:
    (local.folder / "wanted.txt").write_text("from the project")
    script = """
        false
        cat wanted.txt
        touch left-behind
        test "$(command -v python)" = "$VIRTUAL_ENV/bin/python"
        site=$(python -c "import site; print(site.getsitepackages()[0])")
        sudo -E cp wanted.txt "$site/note.py"
        sudo apt-get install -y left-pad || echo "refused with $?"
        pip --version
    """
    prepared, _ = prepare(local, sandbox, environment(script))
    log = (local.root / "build.log").read_text()
    assert "from the project" in log
    assert "the local executor changes no system packages" in log
    assert "refused with 1" in log
    assert not (local.folder / "left-behind").exists()
    assert list(Path(prepared.image).rglob("note.py"))


def test_the_last_command_decides_and_a_failure_names_log_and_words(local: LocalProject) -> None:
    sandbox = make_sandbox("no isolation")
    with pytest.raises(BuildError) as caught:
        prepare(local, sandbox, environment("echo these are the last words\nexit 7"))
    message = str(caught.value)
    assert "'Plain'" in message
    assert "exit code 7" in message
    assert str(local.root / "build.log") in message
    assert "these are the last words" in message
    assert not list((local.root / "cache/orchest-tui/venvs").glob("*/pyvenv.cfg"))


def test_a_python_without_ensurepip_is_told_with_its_mend(local: LocalProject) -> None:
    python = running()
    bare = Interpreter(python.program, python.version, python.tag, with_pip=False)
    builder = VenvBuilder(local.settings, make_sandbox("no isolation"), bare, {}, None)
    build = builder.prepare(
        environment("pip --version"), local.folder, local.root / "build.log", lambda _: None, anew=False
    )
    with pytest.raises(BuildError, match="python3-venv"):
        asyncio.run(build)


def test_a_cancelled_build_leaves_nothing(local: LocalProject) -> None:
    sandbox = make_sandbox("no isolation")
    started = local.root / "started"

    async def whole() -> None:
        async with local.executor(sandbox) as executor:
            script = environment(f"touch {started}; sleep 1000")
            building = asyncio.ensure_future(
                executor.prepare(script, local.folder, local.root / "build.log", lambda _: None)
            )
            await until(started.exists)
            building.cancel()
            with pytest.raises(asyncio.CancelledError):
                await building

    asyncio.run(asyncio.wait_for(whole(), BUILD_PATIENCE))
    assert not list((local.root / "cache/orchest-tui/venvs").glob("*/pyvenv.cfg"))


def test_scripts_run_where_the_notebook_tools_cannot_be_had(local: LocalProject) -> None:
    (local.folder / "main.orchest").write_text('{"steps": {"a": {"file_path": "train.ipynb"}}}')
    sandbox = make_sandbox("no isolation")
    prepared, lines = prepare(local, sandbox, environment())
    assert prepared.tools is None
    assert any("notebooks can't run" in line for line in lines)
    finished, _ = local.run(sandbox, "print('fine')", environment=prepared)
    assert finished.status == "SUCCESS"
    with pytest.raises(BuildError, match="notebook tools"):
        local.run(sandbox, "{}", "train.ipynb", environment=prepared, kind="notebook")


def test_two_that_want_the_same_build_it_once(tmp_path: Path) -> None:
    built: list[Path] = []
    lines: list[str] = []

    async def build(folder: Path) -> None:
        built.append(folder)
        await asyncio.to_thread(folder.mkdir)
        await asyncio.sleep(0.5)

    async def whole() -> set[Path]:
        folders = VenvFolders(tmp_path / "venvs")
        return set(await asyncio.gather(*(folders.ensure("same", build, lines.append) for _ in range(2))))

    assert asyncio.run(whole()) == set(built)
    assert len(built) == 1
    assert lines == ["Waiting for another process that builds the same"]


def test_notebooks_are_seen_in_the_pipeline_files(local: LocalProject) -> None:
    pipeline = local.folder / "main.orchest"
    pipeline.write_text('{"steps": {"a": {"file_path": "train.py"}}}')
    assert not has_notebooks(local.folder)
    pipeline.write_text('{"steps": {"a": {"file_path": "train.ipynb"}}}')
    assert has_notebooks(local.folder)
