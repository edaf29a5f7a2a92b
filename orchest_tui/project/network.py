"""What builds and steps have to know about the way to the network: proxies, package indexes, certificates."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchest_tui.errors import OrchestTuiError

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings

CA_VARIABLES = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
)
"""Under which names programs look for a file of certificates; each is to hold the bundle's path inside."""

_SHELL_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
_PROXY_VARIABLES = {"http": "HTTP_PROXY", "https": "HTTPS_PROXY", "no": "NO_PROXY"}
_INDEX_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
_PIP_VARIABLES = (*_INDEX_VARIABLES, "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES")


def network_environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables for proxies (both spellings) and pip that builds and steps get.

    Values may hold passwords. Certificates are not among them, since their path differs inside: ``ca_bundle_path`` and
    ``CA_VARIABLES``.
    """
    variables: dict[str, str] = {}
    for key, name in _PROXY_VARIABLES.items():
        value = settings.proxy.get(key, "") if settings.proxy else _shell(name)
        if value:
            variables[name] = variables[name.lower()] = value
    if not settings.proxy and (everything := _shell("ALL_PROXY")):
        variables["ALL_PROXY"] = variables["all_proxy"] = everything
    variables.update(_pip(settings.pip))
    return variables


def ca_bundle_path(settings: Settings) -> Path | None:
    """Return the host's file of certificates for builds and steps, None for the images' own.

    Raises:
        OrchestTuiError: The setting names a file that is not there.
    """
    if settings.ca_bundle == "none":
        return None
    if settings.ca_bundle == "auto":
        named = (Path(os.environ[name]) for name in _SHELL_CA_VARIABLES if os.environ.get(name))
        return next((path.absolute() for path in named if path.is_file()), None)
    path = Path(settings.ca_bundle)
    if not path.is_file():
        raise OrchestTuiError(f"The file of certificates {path} is not there.", "Correct the setting ca_bundle.")
    return path


def _shell(name: str) -> str:
    """Return a proxy variable of the shell, in whichever case."""
    return os.environ.get(name.lower()) or os.environ.get(name) or ""


def _pip(options: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield pip's variables: those of the setting, or else those of the shell that mean the same in a container."""
    for option, value in options.items():
        yield f"PIP_{option.upper().replace('-', '_')}", value
    if options:
        return
    for name in _PIP_VARIABLES:
        value = os.environ.get(name, "")
        if name in _INDEX_VARIABLES:
            value = " ".join(url for url in value.split() if url.startswith(("http://", "https://")))
        if value:
            yield name, value
