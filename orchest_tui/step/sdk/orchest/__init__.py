"""The ``orchest`` SDK: what a step of a pipeline uses to get its inputs, to hand over outputs and to know itself.

    import orchest

    inputs = orchest.get_inputs()
    orchest.output(frame, name="clean")

Nothing but this file is imported until it is used, so ``import orchest`` costs next to nothing. Names, arguments,
orders and exceptions are those of Orchest's own SDK; ``progress`` is an addition.
"""

from __future__ import annotations

__version__ = "0.3.11+tui"

_HOMES = {
    "Config": "config",
    "get_inputs": "transfer",
    "output": "transfer",
    "get_pipeline_param": "parameters",
    "get_step_param": "parameters",
    "get_service": "services",
    "get_services": "services",
    "progress": "reports",
}
"""Public name → the module that it is taken from at first use."""

_MODULES = ("config", "error", "parameters", "pipeline", "services", "transfer", "utils")

TYPE_CHECKING = False  # importing typing would cost more than everything else here
if TYPE_CHECKING:
    from . import config, error, parameters, pipeline, services, transfer, utils
    from .config import Config
    from .parameters import get_pipeline_param, get_step_param
    from .reports import progress
    from .services import get_service, get_services
    from .transfer import get_inputs, output

__all__ = [
    "Config",
    "config",
    "error",
    "get_inputs",
    "get_pipeline_param",
    "get_service",
    "get_services",
    "get_step_param",
    "output",
    "parameters",
    "pipeline",
    "progress",
    "services",
    "transfer",
    "utils",
]


def __getattr__(name: str) -> object:
    """Import what ``name`` stands for at its first use.

    Raises:
        AttributeError: The SDK has no such name.
    """
    home = _HOMES.get(name, name)
    if home not in _HOMES.values() and home not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module("." + home, __name__)
    value = getattr(module, name) if name in _HOMES else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, those not imported yet included."""
    return [*__all__, "__version__"]
