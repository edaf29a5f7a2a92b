"""Running an environment's setup script against a virtual environment, as near to an image build as a machine allows.

As in the reference, the script runs in the project's folder and its last command's exit code decides. It works on a
throw-away copy of the project. What would change the machine itself is not let through: ``sudo`` runs its command
without it, and system package managers and conda refuse.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from orchest_tui.execution.build_context import project_archive
from orchest_tui.execution.executor import PROJECT_DIR
from orchest_tui.execution.local.build_process import Build
from orchest_tui.execution.local.sandbox import HOME, Mount, Sandbox, private_mounts, system_mounts
from orchest_tui.execution.local.view import certificate_mounts, interpreter_mounts

_REFUSED = (
    "apt",
    "apt-get",
    "aptitude",
    "dpkg",
    "yum",
    "dnf",
    "apk",
    "pacman",
    "zypper",
    "conda",
    "mamba",
    "micromamba",
)
_SUDO = """#!/bin/bash
# Options of sudo that change nothing here are dropped; the command runs as the user.
while [[ "$1" == -* ]]; do
  case "$1" in
    -u|-g|-h|-p|-C|-D|-r|-t|-U) shift 2 ;;
    --) shift; break ;;
    *) shift ;;
  esac
done
exec env -- "$@"
"""
_REFUSAL = """#!/bin/bash
echo "${0##*/}: the local executor changes no system packages; install them on this machine, or use Docker." >&2
exit 1
"""
_PIP_CONFIGURATION = (".config/pip/pip.conf", ".pip/pip.conf")
_MEND = "Mend the setup script; what needs system packages or conda needs Docker."


async def run_setup_script(  # noqa: PLR0913, PLR0917 - one call, each its own thing
    script: str,
    project_dir: Path,
    venv: Path,
    sandbox: Sandbox,
    environ: Mapping[str, str],
    ca_bundle: Path | None,
    build: Build,
) -> None:
    """Run ``script`` with ``venv`` first on its path.

    Args:
        script: The script's text.
        project_dir: The project; only a copy is shown to the script.
        venv: The virtual environment, which the script may change.
        sandbox: What it runs in.
        environ: Variables of the user's network, and ``PIP_CACHE_DIR``, a folder that the script may change.
        ca_bundle: File with the certificate authorities that the user's network needs.
        build: Where its output goes.

    Raises:
        BuildError: It ended with an exit code other than 0.
    """
    with tempfile.TemporaryDirectory(prefix="orchest-tui-setup-") as scratch:
        folder = Path(scratch)
        await asyncio.to_thread(_copy_project, project_dir, folder / "project", build)
        programs = _write_programs(folder / "bin")
        file = folder / "setup_script.sh"
        file.write_text(script, encoding="utf-8")
        mounts = _mounts(folder, venv, Path(environ["PIP_CACHE_DIR"]), ca_bundle) if sandbox.isolated else []
        inner_project = PROJECT_DIR if sandbox.isolated else str(folder / "project")
        command = f"cd {shlex.quote(inner_project)} && exec /bin/bash {shlex.quote(str(file))}"
        path = f"{programs}:{venv}/bin:{os.environ.get('PATH', '/usr/bin:/bin')}"
        variables = {
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PIP_NO_INPUT": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            **environ,
            "HOME": HOME if sandbox.isolated else str(Path.home()),
            "PATH": path,
            "VIRTUAL_ENV": str(venv),
        }
        argv = sandbox.command(mounts, ["/bin/bash", "-c", command])
        await build.run(argv, variables, "The setup script", _MEND)


def _copy_project(project_dir: Path, target: Path, build: Build) -> None:
    with project_archive(project_dir, build.log.note) as packed, tarfile.open(fileobj=packed) as archive:
        archive.extractall(target, filter="tar")


def _write_programs(folder: Path) -> Path:
    """Write what stands in for programs that would change the machine."""
    folder.mkdir()
    for name, text in {"sudo": _SUDO, **dict.fromkeys(_REFUSED, _REFUSAL)}.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def _mounts(folder: Path, venv: Path, pip_cache: Path, ca_bundle: Path | None) -> list[Mount]:
    own = Path.home()
    configuration = [
        Mount("bind", f"{HOME}/{name}", str(own / name)) for name in _PIP_CONFIGURATION if (own / name).is_file()
    ]
    return [
        *system_mounts(),
        *private_mounts(),
        *configuration,
        *certificate_mounts(ca_bundle),
        *interpreter_mounts(venv, writable=True),
        Mount("bind", PROJECT_DIR, str(folder / "project"), writable=True),
        Mount("bind", str(folder), str(folder)),
        Mount("bind", str(pip_cache), str(pip_cache), writable=True),
    ]
