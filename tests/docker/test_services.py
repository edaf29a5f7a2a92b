"""Side containers: names, variables, folders, ports, logs, and their end."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker import DockerExecutor
from orchest_tui.execution.docker.service_config import command_line, with_base_path
from orchest_tui.project.definition import Service
from tests.docker.workbench import Workbench, run_worker

pytestmark = pytest.mark.docker

SERVER = """
import http.server, json, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"environ": dict(os.environ), "data": os.listdir("/files")}).encode())
    def log_message(self, *words):
        print("asked", flush=True)
http.server.HTTPServer(("", 8765), Handler).serve_forever()
"""
SESSION = "5e550000-0000-4000-8000-000000000001"
ENVIRON = {"ORCHEST_SESSION_UUID": SESSION, "TOKEN": "hunter2", "MODE": "inherited"}


def service(**changes: Any) -> Service:
    made = Service(
        name="api", aliases=("old-api",), image="set by the test", scope=frozenset({"interactive"}), command=None,
        args=None, ports=(8765,), binds={}, env_variables={}, env_variables_inherit=(), exposed=False,
        requires_authentication=False, preserve_base_path=False, order=1,
    )  # fmt: skip
    return replace(made, **changes)


def ask(url: str) -> Mapping[str, Any]:
    with urllib.request.urlopen(url, timeout=30) as answer:
        found: Mapping[str, Any] = json.load(answer)
    return found


def test_a_service_is_reached_by_its_names_and_gone_afterwards(bench: Workbench) -> None:
    (bench.project / "server.py").write_text(SERVER)
    (bench.data / "table.csv").write_text("1")
    api = service(
        image=bench.environment.image,
        command=bench.environment.python,
        args="/code/server.py '$BASE_PATH_PREFIX'",
        binds={"/project-dir": "/code", "/data": "/files"},
        env_variables={"MODE": "own", "PREFIX": "$BASE_PATH_PREFIX_8765"},
        env_variables_inherit=("TOKEN", "MODE", "NOT_THERE"),
        exposed=True,
    )

    async def scenario(executor: DockerExecutor) -> None:
        await executor.start_services([api], ENVIRON)
        (running,) = executor.services
        assert running.problem is None
        assert running.container is not None
        assert "hunter2" not in json.dumps(bench.client.api.inspect_container(running.container.id))
        found = ask(f"http://127.0.0.1:{running.ports[8765]}/")
        assert found["data"] == ["table.csv"]
        environ = found["environ"]
        assert (environ["TOKEN"], environ["MODE"]) == ("hunter2", "inherited")
        assert environ["PREFIX"] == f"/service-api-{SESSION}_8765"
        worker = await executor.start(bench.spec())
        result = await run_worker(
            worker,
            bench.order(
                bench.write(f"""
            import urllib.request
            for host in ("api", "old-api", "api-{SESSION}"):
                print(host, urllib.request.urlopen(f"http://{{host}}:8765/", timeout=60).status)
            """)
            ),
        )
        assert result.log == f"api 200\nold-api 200\napi-{SESSION} 200\n"
        assert "asked" in running.log.read_text()

    bench.play(scenario)


def test_a_service_that_fails_does_not_stop_the_others(bench: Workbench) -> None:
    broken = service(name="broken", image=bench.environment.image, command="/bin/false", order=1)
    odd = service(name="odd", image="environment@not-there", order=2)
    quiet = service(name="quiet", image=bench.environment.image, command="/bin/sleep", args="3600", ports=(), order=3)

    async def scenario(executor: DockerExecutor) -> None:
        await executor.start_services([quiet, odd, broken], ENVIRON)
        first, second, third = executor.services
        assert (first.name, second.name, third.name) == ("broken", "odd", "quiet")
        assert "exit code 1" in str(first.problem)
        assert "not-there" in str(second.problem)
        assert third.problem is None

    bench.play(scenario)


def test_a_command_is_one_word_and_arguments_are_split() -> None:
    image = {"Entrypoint": ["/entry"], "Cmd": ["serve"]}

    assert command_line(service(), image) == (["/entry"], ["serve"])
    assert command_line(service(args="a 'b c'"), image) == (["/entry"], ["a", "b c"])
    assert command_line(service(command="my tool"), image) == (["my tool"], [])
    assert command_line(service(command="bash", args="-c 'umask 002 && run'"), image) == (
        ["bash"],
        ["-c", "umask 002 && run"],
    )
    with pytest.raises(ExecutorError, match=r"api.*quotes"):
        command_line(service(args="'open"), image)


def test_the_base_path_tells_whether_it_is_preserved() -> None:
    plain = with_base_path(service(args="--base $BASE_PATH_PREFIX_80"), "s")
    kept = with_base_path(service(args="--base $BASE_PATH_PREFIX_80", preserve_base_path=True), "s")

    assert plain.args == "--base /service-api-s_80"
    assert kept.args == "--base /pbp-service-api-s_80"
