"""What a worker sees: the mounts of its sandbox, its path map, and the variables that depend on where things lie."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

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
from orchest_tui.execution.local.sandbox import HOME, Mount, private_mounts
from orchest_tui.execution.login import login_variables

_INHERITED = ("LANG", "LC_ALL", "TZ")
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SYSTEM = tuple(Path(text) for text in ("/usr", "/bin", "/lib", "/lib64", "/etc", "/nix", "/opt", "/gnu"))


@dataclass(frozen=True, slots=True)
class View:
    """What one worker sees.

    Attributes:
        paths: How host paths look inside.
        mounts: Its sandbox's mounts; empty without a sandbox.
        runtime: The runtime folder inside.
        home: Its home folder.
        environ: Variables that the runner starts with; no secrets, since command and environment can be looked at.
        own_variables: Variables that go to the step over the engine's, since they tell where things are inside.
    """

    paths: PathMap
    mounts: tuple[Mount, ...]
    runtime: str
    home: str
    environ: Mapping[str, str]
    own_variables: Mapping[str, str]


def isolated_view(
    spec: WorkerSpec, definition: Path, runtime: Path, ca_bundle: Path | None, software: Iterable[Mount]
) -> View:
    """Return the view of a worker in a sandbox: the paths are those of a container.

    Args:
        spec: The worker.
        definition: Host file that is ``/pipeline.json``.
        runtime: Host folder with SDK and runner.
        ca_bundle: File with the certificate authorities that the user's network needs.
        software: The machine's own programs, see ``system_mounts``.
    """
    venv = Path(spec.environment.image)
    folders = [
        (spec.output_dir, OUTPUT_DIR, True),
        *((folder, f"{INPUT_DIR}/{step}", False) for step, folder in spec.input_dirs),
        (spec.project_dir, PROJECT_DIR, True),
        (spec.data_dir, DATA_DIR, True),
    ]
    mounts = [
        *software,
        *private_mounts(),
        *interpreter_mounts(venv),
        *(Mount("bind", inner, str(host), writable) for host, inner, writable in folders),
        Mount("bind", PIPELINE_FILE, str(definition)),
        Mount("bind", RUNTIME_DIR, str(runtime)),
    ]
    if spec.environment.tools:
        mounts.append(Mount("bind", spec.environment.tools, spec.environment.tools))
    mounts += certificate_mounts(ca_bundle)
    pairs = sorted(((host, inner) for host, inner, _ in folders), key=lambda pair: -len(pair[0].parts))
    return View(
        PathMap(tuple(pairs)),
        tuple(mounts),
        RUNTIME_DIR,
        HOME,
        _base_environ(spec, RUNTIME_DIR, HOME),
        {"ORCHEST_PIPELINE_PATH": PIPELINE_FILE, "HOME": HOME},
    )


def open_view(spec: WorkerSpec, definition: Path, runtime: Path) -> View:
    """Return the view of a worker without a sandbox: the machine's own paths, told to the SDK by variables."""
    home = str(Path.home())
    where = {"ORCHEST_PIPELINE_PATH": str(definition), "ORCHEST_TUI_PROJECT_DIR": str(spec.project_dir)}
    return View(PathMap(((Path("/"), "/"),)), (), str(runtime), home, _base_environ(spec, str(runtime), home), where)


def _base_environ(spec: WorkerSpec, runtime: str, home: str) -> dict[str, str]:
    venv = spec.environment.image
    return {
        "LANG": "C.UTF-8",
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        **login_variables(spec),
        "HOME": home,
        "PATH": f"{venv}/bin:{os.environ.get('PATH', _DEFAULT_PATH)}",
        "VIRTUAL_ENV": venv,
        "PYTHONPATH": f"{runtime}/sdk",
    }


def interpreter_mounts(venv: Path, *, writable: bool = False) -> list[Mount]:
    """Return what a virtual environment needs to run: itself, and the Python that it was made from."""
    mounts = [Mount("bind", str(prefix), str(prefix)) for prefix in _base_prefixes(venv)]
    return [*mounts, Mount("bind", str(venv), str(venv), writable)]


def certificate_mounts(ca_bundle: Path | None) -> list[Mount]:
    """Return what shows the user's certificate authorities at their own path, unless every sandbox shows them."""
    if ca_bundle is None or _is_system(ca_bundle):
        return []
    return [Mount("bind", str(ca_bundle), str(ca_bundle))]


def _base_prefixes(venv: Path) -> list[Path]:
    """Return the folders of the Python below ``venv`` that no sandbox shows anyway."""
    homes = [(venv / "bin" / "python").resolve().parent]
    for line in (venv / "pyvenv.cfg").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home":  # as it was called, which may be a link to where it lies
            homes.append(Path(value.strip()))
    found: list[Path] = []
    for prefix in dict.fromkeys(home.parent for home in homes):
        if _is_system(prefix):
            continue
        # A Python that lies openly in somebody's home must not open all of that home to the step.
        in_home = Path.home().is_relative_to(prefix)
        found += [folder for name in ("bin", "lib") if (folder := prefix / name).is_dir()] if in_home else [prefix]
    return found


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in _SYSTEM)
