"""Which container engine to talk to: the settings, the user's shell, the current Docker context, the usual sockets."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from orchest_tui.errors import ExecutorUnavailableError

_MEND = (
    "Start one (`systemctl start docker`, `systemctl --user start podman.socket`), name its socket with the setting "
    "`docker_host` or DOCKER_HOST, or use `--executor local`."
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine listens.

    Attributes:
        url: As docker-py takes it: ``unix:///var/run/docker.sock``, ``tcp://127.0.0.1:2375``.
        source: Where the url came from, for messages.
    """

    url: str
    source: str

    @property
    def socket_path(self) -> str | None:
        """The unix socket's path, None for TCP."""
        parts = urlsplit(self.url)
        return parts.path if parts.scheme in {"unix", "http+unix"} else None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of a TCP endpoint."""
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 2375


def find_endpoint(docker_host: str | None) -> Endpoint:
    """Return the engine to use: ``docker_host``, DOCKER_HOST, the current Docker context, the first usual socket.

    Raises:
        ExecutorUnavailableError: There is none, or it is reached in a way that can't work: a step's folders are bound
            into its container from this machine, so the engine has to be on this machine.
    """
    if docker_host:
        return _checked(Endpoint(docker_host, "the setting docker_host"))
    if host := os.environ.get("DOCKER_HOST"):
        return _checked(Endpoint(host, "DOCKER_HOST"))
    if (context := _context_endpoint()) is not None:
        return _checked(context)
    tried = _usual_sockets()
    for path in tried:
        if path.is_socket():
            return Endpoint(f"unix://{path}", "the usual place")
    raise ExecutorUnavailableError(
        f"No container engine: none of {', '.join(str(path) for path in tried)} is a socket.", _MEND
    )


def _checked(endpoint: Endpoint) -> Endpoint:
    scheme = urlsplit(endpoint.url).scheme
    if scheme not in {"unix", "http+unix", "tcp", "http"} or os.environ.get("DOCKER_TLS_VERIFY"):
        raise ExecutorUnavailableError(
            f"The container engine {endpoint.url} (from {endpoint.source}) is not on this machine; a step's folders "
            "are bound into its container from here.",
            _MEND,
        )
    return endpoint


def _context_endpoint() -> Endpoint | None:
    """Return what ``docker context use`` or DOCKER_CONTEXT chose; None for the default context or one that is gone.

    Where the Docker command keeps them: ``config.json`` names the current one, and ``contexts/meta/<SHA-256 of the
    name>/meta.json`` describes it. Read here, since the client library takes longer to import than an engine to answer.
    """
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        name = os.environ.get("DOCKER_CONTEXT") or _read_json(folder / "config.json").get("currentContext")
        if not isinstance(name, str) or name in {"", "default"}:
            return None
        digest = hashlib.sha256(name.encode()).hexdigest()
        host = _read_json(folder / "contexts" / "meta" / digest / "meta.json")["Endpoints"]["docker"]["Host"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # Docker's own files, and not what the user asked for here
    return Endpoint(str(host), f"the Docker context {name}") if host else None


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _usual_sockets() -> list[Path]:
    runtime_dir = Path(os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}"))
    return [
        Path("/var/run/docker.sock"),
        runtime_dir / "docker.sock",
        runtime_dir / "podman" / "podman.sock",
        Path("/run/podman/podman.sock"),
    ]
