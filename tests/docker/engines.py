"""Container engines for the tests: the machine's own, Podman's service, and a private dockerd that may be killed."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

REQUIRED = os.environ.get("ORCHEST_TUI_REQUIRE_DOCKER") == "1"
START_SECONDS = 60
PODMAN_LIMITS = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n'
"""Podman's own defaults are above what a sandboxed root may set."""


def unavailable(reason: str) -> None:
    """Skip the test, or fail it where an engine is required."""
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


def client_of(url: str | None) -> Any:
    """Return a docker-py client of ``url`` (None: the machine's engine) that answers; else skip or fail."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.DockerClient(base_url=url) if url else docker.from_env()
        client.ping()
    except DockerException as error:
        unavailable(f"no container engine answers: {error}")
    return client


def find_image(client: Any) -> str:
    """Return the image that ``.ci/base-image`` made, or the one that ORCHEST_TUI_BASE_IMAGE names."""
    if named := os.environ.get("ORCHEST_TUI_BASE_IMAGE"):
        return named
    tags = [tag for image in client.images.list("orchest-tui-test-base") for tag in image.tags]
    if not tags:
        unavailable("no test image: run .ci/base-image")
    return str(tags[0])


def find_python(client: Any, image: str) -> str:
    """Return the path of the image's interpreter."""
    words = client.containers.run(image, ["/bin/sh", "-c", "command -v python3"], remove=True)
    return str(words.decode().strip())


def copy_image(source: Any, target: Any, image: str) -> str:
    """Load ``image`` of one engine into another and return its name there."""
    loaded = target.images.load(source.images.get(image).save(named=True))
    return str(loaded[0].tags[0])


@dataclass
class Daemon:
    """A container engine of the tests' own.

    Attributes:
        url: Where it listens.
        command: Its command line.
        log: File with its output.
        environ: More variables for it.
        containerd: Pid file of its own containerd, None where it has none.
    """

    url: str
    command: list[str]
    log: Path
    environ: dict[str, str] = field(default_factory=dict)
    containerd: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env={**os.environ, **self.environ}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        import docker
        from docker.errors import DockerException

        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(DockerException):
                docker.DockerClient(base_url=self.url).ping()
                return
            time.sleep(0.1)
        self.stop()
        unavailable(f"{self.command[0]} does not start here: {self.log.read_text()[-500:]}")

    def kill(self) -> None:
        """End it as a crash would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        if self.containerd is not None and self.containerd.is_file():
            # It dies with its daemon, or now. A restarted daemon that finds its pid (of a zombie, say) waits in vain.
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(self.containerd.read_text()), signal.SIGKILL)
            self.containerd.unlink()

    def stop(self) -> None:
        """End it and wait for it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(START_SECONDS)


@contextlib.contextmanager
def podman_service() -> Iterator[Daemon]:
    """Run ``podman system service`` on a socket of its own."""
    if shutil.which("podman") is None:
        pytest.skip("podman is not installed")
    with tempfile.TemporaryDirectory(prefix="orchest-tui-podman-") as folder:
        place = Path(folder)
        (place / "containers.conf").write_text(PODMAN_LIMITS)
        url = f"unix://{place}/podman.sock"
        command = ["podman", "system", "service", "--time=0", url]
        environ = {"CONTAINERS_CONF": str(place / "containers.conf")}
        daemon = Daemon(url, command, place / "podman.log", environ)
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()


@contextlib.contextmanager
def private_dockerd() -> Iterator[Daemon]:
    """Run a dockerd with a data folder, a socket, a containerd and a network namespace of its own.

    The network namespace is no luxury: a dockerd that starts with ``--bridge=none`` deletes the interface ``docker0``
    of the namespace that it is in, and the machine's own engine would lose its network.
    """
    if shutil.which("dockerd") is None or shutil.which("unshare") is None:
        pytest.skip("dockerd or unshare is not installed")
    if os.geteuid() != 0:
        pytest.skip("only root can run a dockerd of its own")
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no network namespace can be made for a dockerd of the tests' own")
    # A short path: unix sockets allow 107 characters. On disk: an overlay can't lie on an overlay.
    with tempfile.TemporaryDirectory(prefix="otd-", dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        url = f"unix://{place}/docker.sock"
        namespace = f"tests-{secrets.token_hex(4)}"
        command = [
            "unshare",  # execs dockerd, so the process that is signalled is dockerd itself
            "--net",
            "dockerd",
            f"--data-root={place}/data",
            f"--exec-root={place}/exec",
            f"--host={url}",
            f"--pidfile={place}/docker.pid",
            f"--containerd-namespace={namespace}",
            f"--containerd-plugins-namespace={namespace}-plugins",
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
        ]
        daemon = Daemon(
            url, command, place / "dockerd.log", containerd=place / "exec" / "containerd" / "containerd.pid"
        )
        daemon.start()
        try:
            yield daemon
        finally:
            if daemon.process is not None and daemon.process.poll() is not None:
                daemon.start()  # a killed one left its containers; it ends them when it comes back
            client = client_of(url)
            for container in client.containers.list(all=True):
                container.remove(force=True)
            daemon.stop()
            # dockerd makes its data folder a mount and leaves it where it did not end well.
            subprocess.run(["umount", "--lazy", f"{place}/data"], check=False, capture_output=True)
