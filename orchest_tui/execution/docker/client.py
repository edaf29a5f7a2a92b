"""The connection to the engine: docker-py's blocking client behind a thread pool of its own, errors put into words.

Nothing else in this package touches ``docker.errors`` or ``requests``; what comes out of ``Engine.call`` is either a
result or an ``ExecutorError`` in the daemon's own words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from orchest_tui.errors import ExecutorError, ExecutorUnavailableError
from orchest_tui.execution.docker.threads import in_thread
from orchest_tui.execution.endpoint import Endpoint, find_endpoint

if TYPE_CHECKING:
    import docker

    from orchest_tui.project.settings import Settings

_P = ParamSpec("_P")
_T = TypeVar("_T")

_MINIMUM_API = (1, 41)
_THREADS = 8
_REQUEST_TIMEOUT = 180  # seconds; a busy disk makes `create` and `remove` slow, but never this slow


class EngineGoneError(ExecutorError):
    """The engine answered before and does not any more."""


class RefusedError(ExecutorError):
    """The daemon refused a request.

    Args:
        message: In the daemon's words.
        status: HTTP status: 404 not there, 409 conflict, 400 or 500 for the rest.
        mend: What to do.
    """

    def __init__(self, message: str, status: int, mend: str = "") -> None:
        super().__init__(message, mend)
        self.status = status


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What an engine says about itself.

    Attributes:
        product: ``Docker Engine`` or ``Podman``.
        version: Its version.
        api: API version.
        cgroups: 1 or 2.
        storage: Storage driver.
        rootless: Whether it runs without root.
        podman: Whether it is Podman.
        selinux: Whether it labels containers for SELinux.
        gpus: Whether an NVIDIA runtime is registered.
        limits: Whether memory and CPU limits work.
        url: Where it listens.
    """

    product: str
    version: str
    api: str
    cgroups: int
    storage: str
    rootless: bool
    podman: bool
    selinux: bool
    gpus: bool
    limits: bool
    url: str


class Engine:
    """One connection to a container engine.

    Attributes:
        endpoint: Where it listens.
        client: docker-py's client; blocking.
        facts: What the engine said about itself.
    """

    def __init__(self, settings: Settings) -> None:
        """Connect and ask; blocking.

        Raises:
            ExecutorUnavailableError: Nothing answers, access is denied, or the API is too old.
        """
        self.endpoint = find_endpoint(settings.docker_host)
        self.client = _connect(self.endpoint)
        self.facts = _facts(self.client, self.endpoint)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="container-engine")

    async def call(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run a blocking call of ``client`` in a thread.

        Raises:
            RefusedError: The daemon refused.
            EngineGoneError: The daemon does not answer any more.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self.blocking(function, *args, **kwargs))

    async def wait(self, container: str) -> None:
        """Return when ``container`` has ended, with the errors of ``call``; holds no thread of the pool.

        A thread of its own, since it may last for days; it ends with the container or the connection.
        """
        await in_thread(
            lambda: self.blocking(self.client.api.wait, container, timeout=None), name=f"wait-{container[:8]}"
        )

    def blocking(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run a call of ``client`` in this thread, with the errors of ``call``."""
        import docker.errors
        import requests

        try:
            return function(*args, **kwargs)
        except docker.errors.APIError as error:
            words = str(error.explanation or error)
            raise RefusedError(f"The container engine refused: {words}", error.status_code or 500) from error
        except requests.Timeout as error:
            raise EngineGoneError(
                f"The container engine at {self.endpoint.url} did not answer within {_REQUEST_TIMEOUT} s.",
                "Look at its own log (`journalctl -u docker`).",
            ) from error
        except (requests.RequestException, docker.errors.DockerException, OSError) as error:
            raise EngineGoneError(
                f"The container engine at {self.endpoint.url} went away.", "Start it again, then run again."
            ) from error

    def close(self) -> None:
        """Let go of the connection; calls under way end on their own."""
        self._threads.shutdown(wait=False)
        self.client.close()


def engine_facts(settings: Settings) -> dict[str, Any]:
    """Return what ``doctor`` tells about the engine; fields of ``EngineFacts``. Blocking.

    Raises:
        ExecutorUnavailableError: No engine answers.
    """
    engine = Engine(settings)
    try:
        return {name: getattr(engine.facts, name) for name in EngineFacts.__slots__}
    finally:
        engine.close()


def _connect(endpoint: Endpoint) -> docker.DockerClient:
    import docker
    import docker.errors
    import requests

    try:
        client = docker.DockerClient(base_url=endpoint.url, version="auto", timeout=_REQUEST_TIMEOUT)
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        raise _unreachable(endpoint, error) from error
    version = str(client.api.api_version)
    if tuple(int(part) for part in version.split(".")) < _MINIMUM_API:
        raise ExecutorUnavailableError(
            f"The container engine at {endpoint.url} speaks API {version}; 1.41 or later is needed.",
            "Use Docker Engine 20.10 or later, or Podman 4 or later.",
        )
    return client


def _unreachable(endpoint: Endpoint, error: Exception) -> ExecutorUnavailableError:
    if "Permission denied" in str(error):
        return ExecutorUnavailableError(
            f"You may not use the container engine at {endpoint.url} (permission denied).",
            "Join the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or use rootless "
            "Podman or `--executor local`.",
        )
    return ExecutorUnavailableError(
        f"The container engine at {endpoint.url} (from {endpoint.source}) does not answer.",
        "Start it, or use `--executor local`.",
    )


def _facts(client: docker.DockerClient, endpoint: Endpoint) -> EngineFacts:
    import docker.errors
    import requests

    try:
        version: Mapping[str, Any] = client.api.version()
        info: Mapping[str, Any] = client.api.info()
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise _unreachable(endpoint, error) from error
    components = [str(part.get("Name", "")) for part in version.get("Components") or ()]
    podman = any("Podman" in name for name in components)
    security = [str(option) for option in info.get("SecurityOptions") or ()]
    return EngineFacts(
        product="Podman" if podman else "Docker Engine",
        version=str(version.get("Version", "")).split("+")[0],
        api=str(client.api.api_version),
        cgroups=int(info.get("CgroupVersion") or 1),
        storage=str(info.get("Driver", "")),
        rootless=any("rootless" in option for option in security),
        podman=podman,
        selinux=any("selinux" in option for option in security),
        gpus="nvidia" in (info.get("Runtimes") or {}),
        limits=bool(info.get("MemoryLimit")),
        url=endpoint.url,
    )
