"""The pipeline's services: where a step reaches them."""

from __future__ import annotations

from typing import Any

from .config import Config
from .error import ServiceNotFound, SessionNotFound, UnrecognizedSessionType
from .pipeline import Pipeline


def get_service(name: str) -> dict[str, Any]:
    """Return a service of the pipeline by its name, or by the one that it had before a migration renamed it.

    The result has what the definition says of the service, but for its scope, and

    * ``internal_hostname``: where steps reach it;
    * ``base_paths``: for each port the path below which it is served;
    * ``external_urls``: for each port its address with ``{host_name}`` and ``{port}`` to be filled in.

    Raises:
        ServiceNotFound: The pipeline has none of this name.
        SessionNotFound: There is no session.
        UnrecognizedSessionType: The session is neither interactive nor noninteractive.
        PipelineDefinitionNotFoundError: The definition can't be read.
    """
    services = get_services()
    aliases = Pipeline.from_file().properties.get("service_aliases") or {}
    for known_as in (name, aliases.get(name)):
        if known_as in services:
            return services[known_as]
    known = ", ".join(sorted(services)) or "none"
    raise ServiceNotFound(f"The pipeline has no service {name!r} in this session; it has: {known}.")


def get_services() -> dict[str, dict[str, Any]]:
    """Return all services by name, each as ``get_service`` gives it.

    An interactive session has those whose scope says so; a noninteractive one sees all, as in Orchest.

    Raises:
        SessionNotFound: There is no session.
        UnrecognizedSessionType: The session is neither interactive nor noninteractive.
        PipelineDefinitionNotFoundError: The definition can't be read.
    """
    session_type = Config.SESSION_TYPE
    if session_type not in ("interactive", "noninteractive"):
        raise UnrecognizedSessionType(
            f'ORCHEST_SESSION_TYPE is {session_type!r}, it should be "interactive" or "noninteractive".'
        )
    if not Config.SESSION_UUID:
        raise SessionNotFound("There is no session: ORCHEST_SESSION_UUID is not set.")
    services = Pipeline.from_file().properties.get("services") or {}
    return {
        name: _described({"name": name, **service}, Config.SESSION_UUID)
        for name, service in dict(services).items()
        if session_type == "noninteractive" or "interactive" in service.get("scope", ("interactive",))
    }


def _described(service: dict[str, Any], session: str) -> dict[str, Any]:
    host = f"{service['name']}-{session}"
    prefix = "pbp-" if service.get("preserve_base_path") else ""
    base_paths = {port: f"/{prefix}service-{host}_{port}" for port in service.get("ports") or ()}
    described = {key: value for key, value in service.items() if key != "scope"}
    described["internal_hostname"] = host
    described["base_paths"] = base_paths
    described["external_urls"] = {port: "http://{host_name}:{port}" + path for port, path in base_paths.items()}
    return described
