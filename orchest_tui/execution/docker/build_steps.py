"""What is done in a build container to make a layer: its own script, the notebook tools, the last touch, the commit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchest_tui.execution.build_context import file_archive, project_archive
from orchest_tui.execution.build_log import BuildLog
from orchest_tui.execution.docker.build_container import CACHE, MATERIAL, BuildContainer, instruction
from orchest_tui.execution.docker.built_images import layer_labels
from orchest_tui.execution.docker.layers import Layer
from orchest_tui.execution.executor import PROJECT_DIR
from orchest_tui.execution.recipe_packages import STACK, TOOLS
from orchest_tui.execution.recipes import SCRIPTS
from orchest_tui.project.network import CA_VARIABLES, ca_bundle_path, network_environment

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings

TOOLS_DIR = "/opt/orchest-tools"
"""Folder inside an image with the notebook tools, away from what the user's packages can break."""

_CA_BUNDLE = "ca-certificates.crt"
_APT_CONFIGURATION = f'Acquire::https::CAInfo "{MATERIAL}/{_CA_BUNDLE}";\n'
_QUIET = {
    "DEBIAN_FRONTEND": "noninteractive",
    "GIT_TERMINAL_PROMPT": "0",
    "PIP_NO_INPUT": "1",
    "PIP_NO_COMPILE": "1",  # everything is compiled at the end, on all processors
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PYTHONUNBUFFERED": "1",
}
_ROOT = "0"
_AS_ROOT = {
    "HOME": "/root",
    "PYTHONDONTWRITEBYTECODE": "1",  # root's __pycache__ folders would be in the way of the user's pip later on
}


class ScriptFailedError(Exception):
    """A script ended with an exit code other than 0.

    Args:
        what: What it was, for people.
        code: Its exit code.
    """

    def __init__(self, what: str, code: int) -> None:
        super().__init__(f"{what}: exit code {code}")
        self.what = what
        self.code = code


class _Scripts:
    """Runs the scripts in ``MATERIAL`` in a build container."""

    def __init__(self, container: BuildContainer, environ: Mapping[str, str], log: BuildLog) -> None:
        self._container = container
        self._environ = environ
        self._log = log

    def run(self, what: str, script: str, *arguments: str, user: str = "", folder: str = "/") -> None:
        """Run a script with its output in the log.

        Raises:
            ScriptFailedError: It failed; ``what`` says which it was.
        """
        command = ["sh", f"{MATERIAL}/run.sh", folder, f"{MATERIAL}/{script}", *arguments]
        code = self._container.run(command, self._of(user), self._log.write, user)
        if code:
            raise ScriptFailedError(what, code)

    def facts(self) -> tuple[str, str]:
        """Return the interpreter's path and the notebook tools' folder; empty where there is none."""
        output = bytearray()
        command = ["sh", f"{MATERIAL}/facts.sh", TOOLS_DIR]
        self._container.run(command, self._of(""), output.extend, "")
        python, tools, *_ = [*output.decode("utf-8", "replace").split("\n"), "", ""]
        return python.strip(), tools.strip()

    def _of(self, user: str) -> Mapping[str, str]:
        return {**self._environ, **_AS_ROOT} if user == _ROOT else self._environ


def build_layer(container: BuildContainer, layer: Layer, project_dir: Path, settings: Settings, log: BuildLog) -> None:
    """Make ``layer`` in a container that was started from its parent, and commit it under its tag.

    Raises:
        ScriptFailedError: One of its scripts failed; the log has its output.
        BuildCancelledError: The build was told to stop.
        BuildError: The project or the certificates can't be read.
    """
    ca_bundle = ca_bundle_path(settings)
    container.put(MATERIAL, file_archive(_material(layer, ca_bundle)))
    container.run(["chmod", "1777", CACHE], {}, log.write, _ROOT)
    scripts = _Scripts(container, _environ(settings, ca_bundle is not None), log)
    _main_script(scripts, container, layer, project_dir, log)
    _install_tools(scripts, layer, log)
    log.note("Compiling packages")
    scripts.run("compiling its packages", "settle.sh", TOOLS_DIR, user=layer.user)
    scripts.run("compiling its packages", "settle.sh", TOOLS_DIR, user=_ROOT)
    python, tools = scripts.facts()
    log.note("Saving the image")
    repository, _, tag = layer.tag.rpartition(":")
    container.commit(repository, tag, layer_labels(layer, project_dir, python, tools), _changes(layer))


def _main_script(scripts: _Scripts, container: BuildContainer, layer: Layer, project_dir: Path, log: BuildLog) -> None:
    if layer.kind == "base":
        scripts.run("its recipe", "base.sh", user=_ROOT)
    elif layer.kind == "packages":
        scripts.run("installing its packages", "packages.sh", f"{MATERIAL}/stack.txt")
    elif layer.kind == "environment":
        with project_archive(project_dir, log.note) as archive:
            container.put(PROJECT_DIR, archive)
        container.run(["chmod", "0777", PROJECT_DIR], {}, log.write, _ROOT)
        log.note("Running the setup script")
        scripts.run("its setup script", "setup_script.sh", folder=PROJECT_DIR)


def _install_tools(scripts: _Scripts, layer: Layer, log: BuildLog) -> None:
    """Install the notebook tools; an image that we did not make may go without them, its scripts still run."""
    try:
        scripts.run("installing the notebook tools", "tools.sh", f"{MATERIAL}/tools.txt", TOOLS_DIR, user=_ROOT)
    except ScriptFailedError:
        if layer.kind == "base":
            raise
        log.note("The notebook tools can't be installed in this image: scripts run in it, notebooks don't")


def _material(layer: Layer, ca_bundle: Path | None) -> dict[str, bytes]:
    files = {path.name: path.read_bytes() for path in SCRIPTS.iterdir() if path.is_file()}
    files["stack.txt"] = "\n".join(STACK).encode()
    files["tools.txt"] = "\n".join(TOOLS).encode()
    files["setup_script.sh"] = layer.script.encode()
    if ca_bundle is not None:
        files[_CA_BUNDLE] = ca_bundle.read_bytes()
        files["apt.conf"] = _APT_CONFIGURATION.encode()
    return files


def _environ(settings: Settings, certificates: bool) -> dict[str, str]:
    """Return what reaches a build beside the image's own variables."""
    environ = {**_QUIET, **network_environment(settings)}
    environ |= {"ORCHEST_TUI_SCRIPTS": MATERIAL, "ORCHEST_TUI_CACHE": CACHE}
    if certificates:
        environ |= dict.fromkeys(CA_VARIABLES, f"{MATERIAL}/{_CA_BUNDLE}")
        environ["APT_CONFIG"] = f"{MATERIAL}/apt.conf"
    return environ


def _changes(layer: Layer) -> list[str]:
    changes = [instruction("ENV", name, value) for name, value in layer.environ.items()]
    if layer.kind == "base":
        changes += [f"USER {layer.user}", "WORKDIR /home/jovyan"]
    return changes
