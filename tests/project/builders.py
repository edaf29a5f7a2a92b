"""Documents for tests."""

import json

ENVIRONMENT = "8a0b4f0e-1f63-4a53-9d5d-0c2e9b1a4d11"
LOAD = "3f1c7a52-6d0e-4b8a-9a51-2f4f6f3b7c01"
TRAIN = "b7e2d9c4-51aa-4c0f-8f0b-6c1d2e3f4a02"
OTHER = "c7e2d9c4-51aa-4c0f-8f0b-6c1d2e3f4a03"
PIPELINE = "0d4f9a7e-2b1c-4e6d-8c3a-5b6a7c8d9e03"


def step(uuid=LOAD, file="load.py", parents=(), **more):
    return {
        "uuid": uuid,
        "title": file.rpartition("/")[2].partition(".")[0].title(),
        "file_path": file,
        "environment": ENVIRONMENT,
        "incoming_connections": list(parents),
        "parameters": {},
        "kernel": {"name": "python", "display_name": "Python 3"},
        "meta_data": {"position": [80, 120.5], "hidden": False},
        **more,
    }


def service(name="cache", **more):
    return {"name": name, "image": "redis:7", "scope": ["interactive"], "ports": [6379], "order": 0, **more}


def document(*steps, services=(), **more):
    return {
        "name": "Wine",
        "uuid": PIPELINE,
        "version": "1.2.3",
        "parameters": {},
        "settings": {"auto_eviction": False, "data_passing_memory_size": "1GB", "max_steps_parallelism": 0},
        "steps": {each["uuid"]: each for each in steps},
        "services": {each["name"]: each for each in services},
        **more,
    }


def write(folder, content, name="main.orchest"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def write_environment(folder, name, script="#!/bin/bash\n", **more):
    directory = folder / ".orchest" / "environments" / name
    directory.mkdir(parents=True)
    properties = {"uuid": name, "name": "Python 3", "language": "python", "base_image": "x", "gpu_support": False}
    (directory / "properties.json").write_text(json.dumps({**properties, **more}))
    if script is not None:
        (directory / "setup_script.sh").write_bytes(script.encode())
    return directory
