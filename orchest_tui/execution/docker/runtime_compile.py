"""Byte code for the runtime folder, made by an image's own interpreter in a short container."""

from __future__ import annotations

import secrets

from orchest_tui.execution.docker.container import Container
from orchest_tui.execution.docker.session import Session, bind
from orchest_tui.execution.executor import RUNTIME_DIR, PreparedEnvironment
from orchest_tui.execution.runtime import COMPILE_COMMAND, is_compiled, set_compiled


async def compile_runtime(session: Session, prepared: PreparedEnvironment) -> None:
    """Compile the runtime folder for ``prepared``, once for each image; workers see it read-only and could not.

    Raises:
        ExecutorError: The engine refuses or is gone.
    """
    if prepared.python is None or is_compiled(session.runtime, prepared.image):
        return
    user, userns = session.identity()
    config = {
        "Image": prepared.image,
        "Entrypoint": [prepared.python, *COMPILE_COMMAND, RUNTIME_DIR],
        "Cmd": [],
        "User": user,
        "Healthcheck": {"Test": ["NONE"]},
        "Labels": session.labels("probe"),
        "HostConfig": {
            "Mounts": [bind(session.runtime, RUNTIME_DIR, read_only=False)],
            "CapDrop": ["ALL"],
            "SecurityOpt": session.security(),
            "UsernsMode": userns,
            "NetworkMode": "none",
        },
    }
    container = await Container.create(session.engine, config, f"orchest-tui-probe-{secrets.token_hex(6)}")
    try:
        await container.start()
        await container.wait()
    finally:
        await container.remove()
    set_compiled(session.runtime, prepared.image)
