"""What a service's container is made of: the reference's rules (sheet 1.5, 3.1, 7.1) as a create request.

What differs from the reference: values that a service inherits from the project's variables never stand in the
container's configuration, so they are not in ``docker inspect``; a small start script hands them over.
"""

from __future__ import annotations

import secrets
import shlex
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.docker.session import Session, bind
from orchest_tui.execution.docker.worker_config import log_config
from orchest_tui.project.definition import Service

BASE_PATH_PREFIX = "$BASE_PATH_PREFIX"
LOOPBACK = "127.0.0.1"

_START_FILE = "/orchest-tui/start.sh"


def service_config(  # noqa: PLR0913, PLR0917 - what a service is made of comes from five places
    session: Session,
    service: Service,
    environ: Mapping[str, str],
    network: str,
    image: tuple[str, Mapping[str, Any]],
    folder: Callable[[str], Path],
) -> dict[str, Any]:
    """Return the create request of a service's container.

    Args:
        session: What all containers share.
        service: The service.
        environ: Variables of project and pipeline, ``ORCHEST_SESSION_UUID`` among them.
        network: The network on which it has its names.
        image: The image and its configuration.
        folder: From ``/project-dir`` or ``/data`` to the host's folder.

    Raises:
        ExecutorError: Its arguments can't be split.
    """
    session_uuid = environ.get("ORCHEST_SESSION_UUID", session.name)
    service = with_base_path(service, session_uuid)
    entrypoint, arguments = command_line(service, image[1])
    inherited = {name: environ[name] for name in service.env_variables_inherit if name in environ}
    mounts = [bind(folder(source), target, read_only=False) for source, target in sorted(service.binds.items())]
    if inherited:
        mounts.append(bind(_start_file(session, service.name, inherited), _START_FILE, read_only=True))
        entrypoint, arguments = ["/bin/sh", _START_FILE], [*entrypoint, *arguments]
    names = [service.name, *service.aliases, f"{service.name}-{session_uuid}"]
    return {
        "Image": image[0],
        "Entrypoint": entrypoint or None,
        "Cmd": arguments,
        "Env": [f"{name}={value}" for name, value in service.env_variables.items() if name not in inherited],
        "Labels": session.labels("service", service=service.name),
        "ExposedPorts": {f"{port}/tcp": {} for port in service.ports},
        "NetworkingConfig": {"EndpointsConfig": {network: {"Aliases": names}}},
        "HostConfig": {
            "Mounts": mounts,
            "NetworkMode": network,
            "PortBindings": _bindings(service.ports) if service.exposed else {},
            "SecurityOpt": session.security(),
            "LogConfig": log_config(session),
        },
    }


def _start_file(session: Session, name: str, inherited: Mapping[str, str]) -> Path:
    """Write the script that hands inherited variables to a service; readable by any user of its image.

    The folder around it is the user's alone, so only the container sees it.
    """
    folder = session.folder / "services"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{name}-{secrets.token_hex(4)}.sh"
    settings = " ".join(shlex.quote(f"{key}={value}") for key, value in inherited.items())
    path.write_text(f'exec env {settings} "$@"\n', encoding="utf-8")
    path.chmod(0o644)
    return path


def with_base_path(service: Service, session_uuid: str) -> Service:
    """Return ``service`` with ``$BASE_PATH_PREFIX`` replaced in everything that its container is made from.

    The reference's base path of a port is ``<prefix>_<port>``.
    """
    prefix = f"/{'pbp-' if service.preserve_base_path else ''}service-{service.name}-{session_uuid}"

    def filled(text: str) -> str:
        return text.replace(BASE_PATH_PREFIX, prefix)

    return replace(
        service,
        command=None if service.command is None else filled(service.command),
        args=None if service.args is None else filled(service.args),
        env_variables={name: filled(value) for name, value in service.env_variables.items()},
    )


def command_line(service: Service, image_config: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return entry point and arguments; a service's own ``command`` drops the image's arguments too.

    Raises:
        ExecutorError: The arguments have an open quote.
    """
    entrypoint = list(image_config.get("Entrypoint") or [])
    arguments = list(image_config.get("Cmd") or [])
    if service.command:
        entrypoint, arguments = [service.command], []
    if service.args:
        try:
            arguments = shlex.split(service.args)
        except ValueError as error:
            raise ExecutorError(
                f"The arguments of service {service.name} can't be split: {error}.", "Close the quotes in `args`."
            ) from error
    return entrypoint, arguments


def _bindings(ports: Sequence[int]) -> dict[str, list[dict[str, str]]]:
    """Publish each port on loopback, under its own number where that is free here."""
    return {f"{port}/tcp": [{"HostIp": LOOPBACK, "HostPort": str(port) if _is_free(port) else ""}] for port in ports}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
