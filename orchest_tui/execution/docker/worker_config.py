"""What a worker's container is made of: the Docker Engine API's create request, from a ``WorkerSpec``."""

from __future__ import annotations

import os
from typing import Any

from orchest_tui.execution.docker.run_folder import RunFolder
from orchest_tui.execution.docker.session import CA_BUNDLE, Session, bind
from orchest_tui.execution.executor import (
    DATA_DIR,
    INPUT_DIR,
    OUTPUT_DIR,
    PIPELINE_FILE,
    PROJECT_DIR,
    RUNTIME_DIR,
    PathMap,
    WorkerSpec,
)

SCRIPT_FILE = "/orchest-tui/command.sh"
SDK_DIR = f"{RUNTIME_DIR}/sdk"
RUNNER_DIR = f"{RUNTIME_DIR}/runner"

_SHM_BYTES = 1 << 30  # /dev/shm for the user's own shared memory (data loaders); a limit, not a reservation
_NANO = 1_000_000_000


def path_map(spec: WorkerSpec) -> PathMap:
    """Return how the host's folders look inside a worker of ``spec``."""
    pairs = [
        (spec.project_dir, PROJECT_DIR),
        (spec.data_dir, DATA_DIR),
        (spec.output_dir, OUTPUT_DIR),
        *((folder, f"{INPUT_DIR}/{step}") for step, folder in spec.input_dirs),
    ]
    return PathMap(tuple(sorted(pairs, key=lambda pair: -len(pair[0].parts))))


def worker_config(session: Session, spec: WorkerSpec, folder: RunFolder) -> dict[str, Any]:
    """Return the create request of a worker that runs our runner.

    Standard input ends with the engine's connection (``StdinOnce``), so a spare never outlives its engine.
    """
    python = spec.environment.python
    return {
        **_config(session, spec, folder),
        "Entrypoint": [python, RUNNER_DIR],
        "Env": [f"PYTHONPATH={python_path(spec)}"],
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "OpenStdin": True,
        "StdinOnce": True,
    }


def command_config(session: Session, spec: WorkerSpec, folder: RunFolder) -> dict[str, Any]:
    """Return the create request of a container without Python, whose ``/bin/sh`` runs the folder's script."""
    config = _config(session, spec, folder)
    config["Entrypoint"] = ["/bin/sh", SCRIPT_FILE]
    config["HostConfig"]["Mounts"].append(bind(folder.script, SCRIPT_FILE, read_only=True))
    return config


def python_path(spec: WorkerSpec) -> str:
    """Return PYTHONPATH of a worker: the SDK before the user's own entries."""
    own = dict(spec.environ).get("PYTHONPATH")
    return f"{SDK_DIR}:{own}" if own else SDK_DIR


def _config(session: Session, spec: WorkerSpec, folder: RunFolder) -> dict[str, Any]:
    user, _ = session.identity()
    return {
        "Image": spec.environment.image,
        "User": user,
        "WorkingDir": "/",
        "Cmd": [],
        "Tty": False,
        "Healthcheck": {"Test": ["NONE"]},
        "Labels": session.labels("worker", step=spec.step, worker=folder.worker),
        "HostConfig": _host_config(session, spec, folder),
    }


def _host_config(session: Session, spec: WorkerSpec, folder: RunFolder) -> dict[str, Any]:
    _, userns = session.identity()
    config: dict[str, Any] = {
        "Mounts": _mounts(session, spec, folder),
        "CapDrop": ["ALL"],
        "SecurityOpt": session.security(),
        "IpcMode": "private",
        "ShmSize": _SHM_BYTES,
        "LogConfig": log_config(session),
        "UsernsMode": userns,
    }
    if spec.memory is not None:
        config |= {"Memory": spec.memory, "MemorySwap": spec.memory}
    if spec.cpus is not None:
        config["NanoCpus"] = round(min(spec.cpus, os.cpu_count() or 1) * _NANO)  # more than there are is refused
    if spec.environment.gpu:
        config["DeviceRequests"] = [{"Driver": "", "Count": -1, "Capabilities": [["gpu"]]}]
    return config


def log_config(session: Session) -> dict[str, Any]:
    """Return the log driver that keeps control lines for an engine that adopts the worker, whole and unrotated."""
    limits = {} if session.engine.facts.podman else {"max-size": "1g"}  # above any daemon-wide default
    return {"Type": "json-file", "Config": limits}


def _mounts(session: Session, spec: WorkerSpec, folder: RunFolder) -> list[dict[str, Any]]:
    mounts = [
        bind(session.runtime, RUNTIME_DIR, read_only=True),
        bind(spec.project_dir, PROJECT_DIR, read_only=False),
        bind(spec.data_dir, DATA_DIR, read_only=False),
        bind(spec.output_dir, OUTPUT_DIR, read_only=False),
        *(bind(outer, f"{INPUT_DIR}/{step}", read_only=True) for step, outer in spec.input_dirs),
        bind(folder.definition, PIPELINE_FILE, read_only=True),
    ]
    if session.ca_bundle is not None:
        mounts.append(bind(session.ca_bundle, CA_BUNDLE, read_only=True))
    return mounts
