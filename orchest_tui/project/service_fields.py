"""Reading the services from the document."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from orchest_tui.project.definition import Service
from orchest_tui.project.migration import SERVICE_ALIASES, SERVICE_NAME, VARIABLE_NAME, valid_service_name
from orchest_tui.project.problems import Fields, Problems

_SCOPES = frozenset({"interactive", "noninteractive"})
_BINDS = ("/data", "/project-dir")


def read_services(document: Mapping[str, Any], problems: Problems) -> dict[str, Service]:
    """Return the services by ``order``; what is wrong with one is told, and it is there all the same."""
    fields = Fields(document, "", problems)
    aliases: dict[str, list[str]] = {}
    for old, new in fields.object(SERVICE_ALIASES).items():
        if isinstance(new, str):
            aliases.setdefault(new, []).append(old)
    services = []
    for name, value in fields.object("services").items():
        place = f"services.{name}"
        if isinstance(value, dict):
            services.append(_read_service(name, Fields(value, place, problems), tuple(aliases.get(name, ()))))
        else:
            problems.error(place, "is not an object", "Write a service or take it out", code="wrong-type")
    seen: dict[int, str] = {}
    for service in services:
        other = seen.setdefault(service.order, service.name)
        if other != service.name:
            what = f"{service.order} is the place of {other} too"
            problems.warning(f"services.{service.name}.order", what, "Give each its own", code="bad-service")
    return {service.name: service for service in sorted(services, key=lambda service: service.order)}


def _read_service(name: str, fields: Fields, aliases: tuple[str, ...]) -> Service:
    if not SERVICE_NAME.fullmatch(name):
        what = f"{name!r} is no service name: a letter, then at most 25 lower-case letters, digits and -"
        fields.error("name", what, f"Call it {valid_service_name(name)!r}, in both key and name", "bad-service")
    elif fields.text("name", name) != name:
        fields.error("name", f"differs from the service's key {name}", "Write the key", "bad-service")
    image = fields.text("image")
    if not image:
        fields.error("image", "a service needs an image", "Write an image's name", "bad-service")
    return Service(
        name=name,
        aliases=aliases,
        image=image,
        scope=_scope(fields),
        command=fields.text("command") or None,
        args=fields.text("args") or None,
        ports=_ports(fields),
        binds=_binds(fields),
        env_variables=_variables(fields),
        env_variables_inherit=_inherited(fields),
        exposed=fields.flag("exposed", False),
        requires_authentication=fields.flag("requires_authentication", True),
        preserve_base_path=fields.flag("preserve_base_path", False),
        order=fields.whole("order", 0),
    )


def _scope(fields: Fields) -> frozenset[str]:
    scope = frozenset(fields.texts("scope"))
    if not scope or scope - _SCOPES:
        what = "is to say in which sessions the service runs"
        fields.error("scope", what, 'Write a list of "interactive", "noninteractive", or both', "bad-service")
    return scope & _SCOPES


def _ports(fields: Fields) -> tuple[int, ...]:
    ports = []
    for index, port in enumerate(fields.items("ports")):
        if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536:
            ports.append(port)
        else:
            fields.error(f"ports[{index}]", "is no port", "Write a number from 1 to 65535", "bad-service")
    return tuple(ports)


def _binds(fields: Fields) -> Mapping[str, str]:
    binds = {}
    for source, target in fields.object("binds").items():
        if source in _BINDS and isinstance(target, str) and target.startswith("/"):
            binds[source] = target
        else:
            mend = f"Bind {' or '.join(_BINDS)} to an absolute path in the container"
            fields.error(f"binds.{source}", "can't be bound", mend, "bad-service")
    return MappingProxyType(binds)


def _variables(fields: Fields) -> Mapping[str, str]:
    variables = {}
    for name, value in fields.object("env_variables").items():
        _check_variable(fields, f"env_variables.{name}", name)
        if isinstance(value, str):
            variables[name] = value
        else:
            fields.error(f"env_variables.{name}", "the value is not a text", "Put it in quotes", "wrong-type")
    return MappingProxyType(variables)


def _inherited(fields: Fields) -> tuple[str, ...]:
    names = fields.texts("env_variables_inherit")
    for index, name in enumerate(names):
        _check_variable(fields, f"env_variables_inherit[{index}]", name)
    return tuple(names)


def _check_variable(fields: Fields, key: str, name: str) -> None:
    if not VARIABLE_NAME.fullmatch(name):
        mend = "Use letters, digits, _ and - only"
        fields.error(key, f"{name!r} is no name of an environment variable", mend, "bad-variable")
