"""In-memory migration of ``*.orchest`` documents from schema 1.0.0 to the newest one.

Each migration does what the reference's of the same version does. Two things differ on purpose: a service that has to
be renamed keeps its old name as an alias (top-level key ``service_aliases``, old name → new name), since steps ask for
it by that name; and ``command`` moves to ``args`` only where the file means the old ``command``. Values of a wrong
type are left as they are for validation to tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from orchest_tui.project.definition import SCHEMA_VERSION
from orchest_tui.project.problems import Problems

SERVICE_NAME = re.compile(r"[a-z][0-9a-z-]{0,25}")
VARIABLE_NAME = re.compile(r"[0-9a-zA-Z_-]+")
SERVICE_ALIASES = "service_aliases"

_FIRST_VERSION = "1.0.0"
_VERSION = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}")
_PORTS = {
    "redis": 6379,
    "postgres": 5432,
    "streamlit": 8501,
    "mysql": 3306,
    "rabbitmq": 5672,
    "tensorflow": 6006,
    "tensorboard": 6006,
    "voila": 8866,
    "mlflow": 5000,
    "shiny": 8000,
}
_OTHER_PORT = 8080

Document = dict[str, Any]


def migrate(document: Document, problems: Problems) -> None:
    """Bring ``document`` to the newest schema, in place; a newer version that it has stays."""
    version = _version(document, problems)
    for goal, step in _MIGRATIONS:
        if version < _numbers(goal):
            step(document)
    if version < _numbers(SCHEMA_VERSION):
        document["version"] = SCHEMA_VERSION
    for service in _services(document):
        if "entrypoint" in service:
            _rename_commands(service)


def version_of(document: Document) -> str:
    """Return the schema version that a document claims; the first one where it says nothing usable."""
    version = document.get("version")
    return version if isinstance(version, str) and _VERSION.fullmatch(version) else _FIRST_VERSION


def _version(document: Document, problems: Problems) -> tuple[int, ...]:
    """Return the version that decides about migrations, and tell what is odd about it."""
    numbers = _numbers(version_of(document))
    if "version" in document and version_of(document) != document["version"]:
        what = f"is no schema version; the file is read as {_FIRST_VERSION}"
        problems.warning("version", what, f'Write a version such as "{SCHEMA_VERSION}"', code="bad-version")
    elif numbers > _numbers(SCHEMA_VERSION):
        what = f"is newer than {SCHEMA_VERSION}, the newest schema known here; what is new in it is kept but not used"
        problems.warning("version", what, "Update orchest-tui if there is a newer one", code="newer-version")
    return numbers


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _objects(document: Document, key: str) -> Iterator[Document]:
    """Yield the objects among the values of the object under ``key``."""
    holder = document.get(key)
    if isinstance(holder, dict):
        yield from (value for value in holder.values() if isinstance(value, dict))


def _services(document: Document) -> Iterator[Document]:
    return _objects(document, "services")


def _to_1_1_0(document: Document) -> None:
    """Pipeline parameters; clean names of variables; the R kernel's name."""
    document.setdefault("parameters", {})
    for service in _services(document):
        variables = service.get("env_variables")
        if isinstance(variables, dict):
            service["env_variables"] = {_clean_variable(name): value for name, value in variables.items()}
        inherited = service.get("env_variables_inherit")
        if isinstance(inherited, list):
            service["env_variables_inherit"] = [
                _clean_variable(name) if isinstance(name, str) else name for name in inherited
            ]
    for step in _objects(document, "steps"):
        kernel = step.get("kernel")
        if isinstance(kernel, dict) and kernel.get("name") == "ir":
            kernel["name"] = "r"


def _clean_variable(name: str) -> str:
    return re.sub(r"[^0-9a-zA-Z\-_]", "_", name)


def _to_1_2_0(document: Document) -> None:
    """``command`` becomes ``args``; every service has ports, and says whether it is exposed."""
    document.setdefault("services", {})
    for service in _services(document):
        if "args" not in service:
            _rename_commands(service)
        if not service.get("ports"):
            service["ports"] = [_guess_port(service)]
        service.setdefault("exposed", False)
        service.setdefault("requires_authentication", True)


def _rename_commands(service: Document) -> None:
    """Give ``command`` its new meaning, the entry point."""
    if "command" in service and "args" not in service:
        service["args"] = service.pop("command")
    if "entrypoint" in service:
        service["command"] = service.pop("entrypoint")


def _guess_port(service: Document) -> int:
    """Return the port that a service of this name or image most likely listens on."""
    text = f"{service.get('name')} {service.get('image')}".lower()
    return next((port for word, port in _PORTS.items() if word in text), _OTHER_PORT)


def _to_1_2_1(document: Document) -> None:
    """Every service has its place in lists."""
    taken = [order for service in _services(document) if isinstance(order := service.get("order"), int)]
    following = max(taken, default=-1) + 1
    for service in _services(document):
        if "order" not in service:
            service["order"] = following
            following += 1


def _to_1_2_2(document: Document) -> None:
    """Service names become RFC 1035 labels; the old ones stay as aliases."""
    services = document.get("services")
    if not isinstance(services, dict):
        return
    taken = {name for name in services if SERVICE_NAME.fullmatch(name)}
    aliases: dict[str, str] = {}
    renamed: Document = {}
    for name, service in services.items():
        new = name if name in taken else _free_name(name, taken)
        renamed[new] = service
        if new != name:
            taken.add(new)
            aliases[name] = new
            if isinstance(service, dict):
                service["name"] = new
    document["services"] = renamed
    known = document.get(SERVICE_ALIASES)
    if aliases:
        document[SERVICE_ALIASES] = {**known, **aliases} if isinstance(known, dict) else aliases


def valid_service_name(name: str) -> str:
    """Return the RFC 1035 label nearest to ``name``."""
    label = re.sub(r"[^0-9a-z-]", "-", name.lower()).lstrip("-0123456789")[:26].rstrip("-")
    return label or "service"


def _free_name(name: str, taken: set[str]) -> str:
    """Return a valid name for a service that no other one has."""
    label = valid_service_name(name)
    candidate, number = label, 1
    while candidate in taken:
        number += 1
        candidate = f"{label[: 25 - len(str(number))]}-{number}"
    return candidate


def _to_1_2_3(document: Document) -> None:
    """A limit of steps at once, none by default."""
    settings = document.setdefault("settings", {})
    if isinstance(settings, dict):
        settings.setdefault("max_steps_parallelism", 0)


_MIGRATIONS: tuple[tuple[str, Callable[[Document], None]], ...] = (
    ("1.1.0", _to_1_1_0),
    ("1.2.0", _to_1_2_0),
    ("1.2.1", _to_1_2_1),
    ("1.2.2", _to_1_2_2),
    ("1.2.3", _to_1_2_3),
)
