"""Virtual environments that stand in for an environment's image, and the notebook tools beside them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from orchest_tui.errors import BuildError
from orchest_tui.execution.build_log import BuildLog
from orchest_tui.execution.environment_key import environment_key, normalised_script
from orchest_tui.execution.executor import PreparedEnvironment, Report
from orchest_tui.execution.local.build_process import Build
from orchest_tui.execution.local.interpreter import Interpreter
from orchest_tui.execution.local.sandbox import Sandbox
from orchest_tui.execution.local.setup_script import run_setup_script
from orchest_tui.execution.local.venv_folders import VenvFolders
from orchest_tui.execution.local.venv_uses import record_use
from orchest_tui.execution.recipe_packages import STACK, TOOLS
from orchest_tui.execution.recipes import stand_in
from orchest_tui.project.discovery import find_pipelines
from orchest_tui.project.environments import Environment
from orchest_tui.project.layout import cache_dir
from orchest_tui.project.settings import Settings
from orchest_tui.terminal_text import plain

_LAYOUT_VERSION = "1"
_DIGEST_LENGTH = 24
_PIP_INSTALL = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--prefer-binary")
_NETWORK_MEND = "Look at the network, or set `proxy`, `pip` and `ca_bundle` (`orchest-tui config`)."
_NO_PIP_MEND = "Install it (Debian, Ubuntu: `apt install python3-venv`), or use Docker."


class VenvBuilder:
    """Makes virtual environments.

    Args:
        settings: The settings.
        sandbox: What setup scripts run in.
        interpreter: What virtual environments are made from.
        network_environ: Proxy, pip and CA variables of the user.
        ca_bundle: File with the certificate authorities that the user's network needs.
    """

    def __init__(
        self,
        settings: Settings,
        sandbox: Sandbox,
        interpreter: Interpreter,
        network_environ: Mapping[str, str],
        ca_bundle: Path | None,
    ) -> None:
        self._settings = settings
        self._sandbox = sandbox
        self._interpreter = interpreter
        self._network_environ = network_environ
        self._ca_bundle = ca_bundle
        self._folders = VenvFolders(cache_dir() / "venvs")

    async def prepare(
        self, environment: Environment, project_dir: Path, log: Path, report: Report, *, anew: bool
    ) -> PreparedEnvironment:
        """Return ``environment`` built; see ``Executor.prepare``."""
        key = environment_key(environment, project_dir, self._settings)

        async def build(venv: Path) -> None:
            with BuildLog(log, report) as build_log:
                await self._build(environment, project_dir, venv, Build(environment.name, build_log))

        # A script that ran without a sandbox may have written paths that only hold without one.
        name = self._digest(key, str(self._sandbox.isolated))
        venv = await self._folders.ensure(name, build, report, anew=anew)
        record_use(self._folders.root, environment.folder, name)
        tools = None
        if has_notebooks(project_dir):
            try:
                tools = await self.tools(log.with_suffix(".tools.log"), report)
            except BuildError as error:  # scripts can run all the same, and starting a notebook raises it again
                report(f"Warning: notebooks can't run. {plain(error.message)}")
        return PreparedEnvironment(
            environment=environment.uuid,
            name=environment.name,
            key=key,
            image=str(venv),
            python=str(venv / "bin" / "python"),
            tools=None if tools is None else str(tools),
        )

    async def tools(self, log: Path, report: Report) -> Path:
        """Return the folder with the notebook tools, made if it isn't there.

        Args:
            log: File that receives the build's output.
            report: Called with short progress lines.

        Raises:
            BuildError: They can't be installed.
        """

        async def install(target: Path) -> None:
            with BuildLog(log, report) as build_log, tempfile.TemporaryDirectory(prefix="orchest-tui-") as scratch:
                build = Build("notebook tools", build_log)
                build_log.stage("Installing the notebook tools")
                await self._make_venv(Path(scratch), build, with_pip=True)
                await self._pip(Path(scratch), ["--target", str(target), *TOOLS], build)

        return await self._folders.ensure(f"tools-{self._digest(*TOOLS)}", install, report)

    async def _build(self, environment: Environment, project_dir: Path, venv: Path, build: Build) -> None:
        script = normalised_script(environment.setup_script)
        recipe = stand_in(environment.base_image)
        needs_packages = bool(script) or recipe == "kernel-py"
        build.log.stage(f"Making a virtual environment with Python {self._interpreter.version}")
        if recipe is None:
            build.log.note(
                f"Warning: the image {environment.base_image} is not used, the local executor has this machine's "
                "programs only"
            )
        await self._make_venv(venv, build, with_pip=needs_packages)
        if recipe == "kernel-py":
            build.log.stage("Installing the packages of the base image")
            await self._pip(venv, list(STACK), build)
        if script:
            build.log.stage("Running the setup script")
            environ = {**self._network_environ, "PIP_CACHE_DIR": str(_pip_cache())}
            await run_setup_script(script, project_dir, venv, self._sandbox, environ, self._ca_bundle, build)
        if needs_packages:
            await _compile(venv)

    async def _make_venv(self, venv: Path, build: Build, *, with_pip: bool) -> None:
        if with_pip and not self._interpreter.with_pip:
            raise build.failure(f"{self._interpreter.program} has no ensurepip module to get pip from", _NO_PIP_MEND)
        options = [] if with_pip else ["--without-pip"]
        command = [self._interpreter.program, "-m", "venv", *options, str(venv)]
        await build.run(command, os.environ, "Making the virtual environment", "Look at the log.")

    async def _pip(self, venv: Path, arguments: list[str], build: Build) -> None:
        """Install with the pip of ``venv``, which also reads the user's own pip configuration."""
        variables = {"PIP_CACHE_DIR": str(_pip_cache()), "PIP_ROOT_USER_ACTION": "ignore"}
        command = [str(venv / "bin" / "python"), *_PIP_INSTALL, *arguments]
        await build.run(command, {**os.environ, **self._network_environ, **variables}, "pip", _NETWORK_MEND)

    def _digest(self, *material: str) -> str:
        """Return a name for what is built from ``material`` with this Python."""
        program = self._interpreter.program
        joined = "\0".join((_LAYOUT_VERSION, self._interpreter.version, os.path.realpath(program), *material))
        return hashlib.sha256(joined.encode()).hexdigest()[:_DIGEST_LENGTH]


def has_notebooks(project_dir: Path) -> bool:
    """Whether a pipeline of the project has a notebook for a step; its file names the notebook's."""
    return any(b".ipynb" in path.read_bytes() for path in find_pipelines(project_dir))


def _pip_cache() -> Path:
    folder = Path(os.environ.get("PIP_CACHE_DIR") or cache_dir() / "pip")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _compile(venv: Path) -> None:
    """Make the byte code that is not there yet: a step can't write it.

    Packages may carry files that are no valid Python (templates, tests of syntax errors), so failures don't count.
    """
    command = [str(venv / "bin" / "python"), "-m", "compileall", "-q", "-j", "0", str(venv / "lib")]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    await process.wait()
