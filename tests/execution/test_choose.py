"""Which executor is chosen, against engines that are small servers of this test."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchest_tui.errors import ExecutorUnavailableError
from orchest_tui.execution import choose
from orchest_tui.execution.choose import answer, choose_executor
from orchest_tui.execution.endpoint import Endpoint, find_endpoint
from orchest_tui.project.layout import Layout
from orchest_tui.project.settings import Settings

PATIENCE = 120  # seconds; only a hang is ever that slow
PONG = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


class FakeDocker:
    """Stands in for the Docker executor: says what it is told to about images."""

    name = "docker"
    description = "Docker Engine 99"
    missing: tuple[str, ...] = ()
    refusal: str | None = None

    def __init__(self, *_: object) -> None:
        self.closed = False

    async def open(self) -> None:
        if self.refusal is not None:
            raise ExecutorUnavailableError(self.refusal)

    async def missing_images(self, environments: object) -> list[str]:
        return list(self.missing)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> type[FakeDocker]:
    class Configured(FakeDocker):
        pass

    monkeypatch.setattr("orchest_tui.execution.docker.DockerExecutor", Configured)
    return Configured


@pytest.fixture
def socket_path() -> Iterator[Path]:
    # pytest's own folders can have longer names than a socket's path may have
    with tempfile.TemporaryDirectory(prefix="otui-") as folder:
        yield Path(folder) / "s"


@asynccontextmanager
async def serving(path: Path, reply: bytes | None) -> Any:
    """Serve ``reply`` to whoever connects; None never answers."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if reply is not None:
            writer.write(reply)
            await writer.drain()
            writer.close()
        else:
            await reader.read()
            writer.close()

    server = await asyncio.start_unix_server(serve, path)
    async with server:
        yield


def chosen(tmp_path: Path, socket_path: Path, executor: str, reply: bytes | None = PONG) -> tuple[Any, list[str]]:
    """Choose an executor with an engine that says ``reply``; return it and the lines that were reported."""
    project = tmp_path / "project"
    project.mkdir(parents=True)
    settings = Settings(memory_dir=Path(os.environ["ORCHEST_TUI_MEMORY_DIR"]), docker_host=f"unix://{socket_path}")
    settings = replace(settings, executor=executor)  # type: ignore[arg-type]
    layout = Layout(project, "0d4f9a7e-2b1c-4e6d-8c3a-5b6a7c8d9e03")
    lines: list[str] = []

    async def whole() -> Any:
        async with serving(socket_path, reply):
            return await choose_executor(settings, layout, "session", lines.append, [])

    return asyncio.run(whole()), lines


def test_auto_takes_an_engine_that_answers_and_has_the_images(
    tmp_path: Path, socket_path: Path, docker: type[FakeDocker]
) -> None:
    executor, lines = chosen(tmp_path, socket_path, "auto")
    assert executor.name == "docker"
    assert lines == []


def test_auto_says_which_image_is_missing_and_goes_on_locally(
    tmp_path: Path, socket_path: Path, docker: type[FakeDocker]
) -> None:
    docker.missing = ("python:3.11-slim",)
    executor, [line] = chosen(tmp_path, socket_path, "auto")
    assert executor.name == "local"
    assert line == (
        "Docker Engine 99 answers, but the base image python:3.11-slim can't be had; using the local executor."
    )


@pytest.mark.parametrize("reply", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 500 Oops\r\n\r\n", b"", None])
def test_auto_goes_on_locally_where_nothing_sensible_answers(
    tmp_path: Path,
    socket_path: Path,
    docker: type[FakeDocker],
    reply: bytes | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if reply is None:
        monkeypatch.setattr(choose, "PING_SECONDS", 0.1)
    executor, [line] = chosen(tmp_path, socket_path, "auto", reply)
    assert executor.name == "local"
    assert str(socket_path) in line


def test_auto_goes_on_locally_where_the_engine_is_too_old(
    tmp_path: Path, socket_path: Path, docker: type[FakeDocker]
) -> None:
    docker.refusal = "The engine is too old."
    executor, lines = chosen(tmp_path, socket_path, "auto")
    assert executor.name == "local"
    assert lines == ["The engine is too old; using the local executor."]


def test_what_was_asked_for_is_taken_or_refused(tmp_path: Path, socket_path: Path, docker: type[FakeDocker]) -> None:
    executor, lines = chosen(tmp_path, socket_path, "local")
    assert (executor.name, lines) == ("local", [])
    docker.refusal = "No engine."
    with pytest.raises(ExecutorUnavailableError, match="No engine"):
        chosen(tmp_path / "other", socket_path, "docker")


def test_a_socket_that_nobody_listens_on_is_told(socket_path: Path) -> None:
    with pytest.raises(ExecutorUnavailableError, match="No container engine answers"):
        asyncio.run(answer(Endpoint(f"unix://{socket_path}", "test")))


def test_the_local_executor_needs_nothing_of_dockers() -> None:
    code = (
        "import sys, orchest_tui.execution.choose, orchest_tui.execution.local;"
        "print([name for name in sys.modules if name.startswith(('docker', 'orchest_tui.execution.docker'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout.strip() == "[]"


class TestEndpoint:
    @pytest.fixture
    def docker_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
        described = {"Name": "mine", "Endpoints": {"docker": {"Host": "unix:///run/mine.sock"}}}
        folder = tmp_path / "contexts" / "meta" / hashlib.sha256(b"mine").hexdigest()
        folder.mkdir(parents=True)
        (folder / "meta.json").write_text(json.dumps(described))
        return tmp_path

    def test_the_current_docker_context_is_taken(self, docker_folder: Path) -> None:
        (docker_folder / "config.json").write_text('{"currentContext": "mine"}')
        assert find_endpoint(None) == Endpoint("unix:///run/mine.sock", "the Docker context mine")
        assert find_endpoint("unix:///other.sock").url == "unix:///other.sock"

    def test_the_shell_may_name_the_context(self, docker_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DOCKER_CONTEXT", "mine")
        assert find_endpoint(None).url == "unix:///run/mine.sock"

    @pytest.mark.parametrize("config", ["", "[]", '{"currentContext": "gone"}', '{"currentContext": 1}', "{}"])
    def test_what_names_no_context_is_passed_over(
        self, docker_folder: Path, config: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (docker_folder / "config.json").write_text(config)
        monkeypatch.setattr(Path, "is_socket", lambda path: str(path) == "/var/run/docker.sock")
        assert find_endpoint(None) == Endpoint("unix:///var/run/docker.sock", "the usual place")

    def test_an_engine_elsewhere_is_refused(self, docker_folder: Path) -> None:
        with pytest.raises(ExecutorUnavailableError, match="not on this machine"):
            find_endpoint("ssh://elsewhere")
