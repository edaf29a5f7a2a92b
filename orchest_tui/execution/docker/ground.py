"""Everything that an open Docker executor stands on, made in one go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchest_tui.errors import ExecutorError, OrchestTuiError
from orchest_tui.execution.docker.builds import EnvironmentBuilder
from orchest_tui.execution.docker.client import Engine
from orchest_tui.execution.docker.network import SessionNetwork
from orchest_tui.execution.docker.services import Services
from orchest_tui.execution.docker.session import Session
from orchest_tui.execution.runtime import stage
from orchest_tui.project.layout import data_dir
from orchest_tui.project.network import ca_bundle_path, network_environment

if TYPE_CHECKING:
    from orchest_tui.project.layout import Layout
    from orchest_tui.project.settings import Settings


@dataclass(frozen=True, slots=True)
class Ground:
    """What belongs together from opening to closing an executor.

    Attributes:
        engine: The connection.
        session: What all containers share.
        network: The network of the steps.
        services: The pipeline's services.
        builder: Builds environments.
    """

    engine: Engine
    session: Session
    network: SessionNetwork
    services: Services
    builder: EnvironmentBuilder


def lay_ground(settings: Settings, layout: Layout, name: str, image_of: Callable[[str], Awaitable[str]]) -> Ground:
    """Connect to the engine and make ready what workers need; blocking.

    Args:
        settings: Where the engine listens, proxies, certificates, memory and data folder.
        layout: Paths of the project and the pipeline.
        name: The session's identity.
        image_of: Turns a service's image name into an image of the engine.

    Raises:
        ExecutorUnavailableError: No engine can be used here.
        ExecutorError: The runtime folder can't be written.
    """
    engine = Engine(settings)
    try:
        session = Session(
            engine,
            name=name,
            layout=layout,
            folder=layout.session_dir(settings.memory_dir),
            runtime=stage(),
            network_environ=network_environment(settings),
            ca_bundle=ca_bundle_path(settings),
        )
    except OSError as error:
        engine.close()
        raise ExecutorError(
            f"The runner can't be put in place: {error}.", "See that the cache folder (XDG_CACHE_HOME) can be written."
        ) from error
    except OrchestTuiError:
        engine.close()
        raise
    network = SessionNetwork(session)
    services = Services(session, network, data_dir(settings), image_of)
    return Ground(engine, session, network, services, EnvironmentBuilder(engine, settings))
