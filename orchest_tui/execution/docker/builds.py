"""Building environments: every layer that is not in the engine yet is made in a container and committed.

A build is a container and not a ``docker build``, so that it works alike with every engine, shows its output as it
comes, takes the user's certificates, proxies and package cache, and leaves none of that in the image.
"""

from __future__ import annotations

import contextlib
import fcntl
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchest_tui.errors import BuildError
from orchest_tui.execution.build_log import BuildLog
from orchest_tui.execution.docker import built_images, labels
from orchest_tui.execution.docker.build_container import BuildCancelledError, BuildContainer, remove_abandoned
from orchest_tui.execution.docker.build_steps import ScriptFailedError, build_layer
from orchest_tui.execution.docker.built_images import BuiltImage
from orchest_tui.execution.docker.client import Engine, RefusedError
from orchest_tui.execution.docker.layers import Layer, origin, plan
from orchest_tui.execution.docker.pull import ensure_image, obtainable
from orchest_tui.execution.environment_key import environment_key
from orchest_tui.execution.executor import PreparedEnvironment, Report
from orchest_tui.project.layout import cache_dir

if TYPE_CHECKING:
    from orchest_tui.project.environments import Environment
    from orchest_tui.project.settings import Settings

_LOCK_LOOK = 0.5  # seconds
_NOT_A_COMMAND = 127  # a shell's exit code


class EnvironmentBuilder:
    """Makes environments into images; every method blocks, and any thread may call it.

    Args:
        engine: The connection.
        settings: Base image, image names, certificates, proxies and pip's options.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    def built(self, environment: Environment, project_dir: Path) -> PreparedEnvironment | None:
        """Return ``environment`` if its image is there and up to date, else None; asks the engine once."""
        layer = plan(environment, project_dir, self._settings)[-1]
        image = built_images.find(self._engine, layer.tag)
        return self._prepared(environment, project_dir, image) if image else None

    def prepare(  # noqa: PLR0913 - the executor's contract, and how to stop it
        self,
        environment: Environment,
        project_dir: Path,
        log: Path,
        report: Report,
        cancel: threading.Event | None = None,
        *,
        anew: bool = False,
    ) -> PreparedEnvironment:
        """Build what is missing of ``environment`` and return it.

        Args:
            environment: The environment.
            project_dir: The project, of which the setup script sees a copy as ``/project-dir``.
            log: File that receives the output of a build; not touched if there is nothing to build.
            report: Called with short progress lines, in this thread.
            cancel: Ends the build as soon as it is set.
            anew: Run the setup script again even if nothing changed (to get newer packages), and try again to install
                notebook tools that an image could not be given.

        Raises:
            ImageUnavailableError: The image to start from can't be had.
            BuildCancelledError: ``cancel`` was set.
            BuildError: The build failed; the message has its last lines and the log's path.
        """
        layers = plan(environment, project_dir, self._settings)
        again = layers[-1] if anew and self._may_change(layers[-1]) else None
        missing = self._missing(layers, again)
        if missing:
            cancel = cancel or threading.Event()
            remove_abandoned(self._engine)
            with BuildLog(log, report) as build_log:
                for layer in missing:
                    with _build_lock(layer, build_log, cancel):
                        if layer is again or not self._has(layer):
                            self._build(layer, environment, project_dir, build_log, cancel)
        image = built_images.find(self._engine, layers[-1].tag)
        if image is None:
            raise BuildError(
                f"The image of environment “{environment.name}” was removed right after it was built.",
                "Run `orchest-tui build` again.",
            )
        return self._prepared(environment, project_dir, image)

    def missing_images(self, environments: Iterable[Environment], project_dir: Path) -> list[str]:
        """Return the names of images that ``environments`` need and that can't be had, neither here nor by a pull."""
        wanted = {
            origin(environment, self._settings)
            for environment in environments
            if self.built(environment, project_dir) is None
        }
        return sorted(name for name in wanted if not obtainable(self._engine, name))

    def list_builds(self) -> list[BuiltImage]:
        """Return the images that were built in this engine, the newest first."""
        return built_images.all_images(self._engine)

    def prune(
        self, project_dir: Path, environments: Iterable[Environment], *, dry_run: bool = False
    ) -> list[BuiltImage]:
        """Remove images that no longer serve and return them.

        Those are this project's that none of its ``environments`` needs, and those that a newer build or a newer
        version of the recipes has replaced. What a container uses stays. ``dry_run``: only look.
        """
        needed = {layer.tag for environment in environments for layer in plan(environment, project_dir, self._settings)}
        return built_images.prune(self._engine, project_dir, needed, dry_run=dry_run)

    def _has(self, layer: Layer) -> bool:
        return built_images.find(self._engine, layer.tag) is not None

    def _may_change(self, layer: Layer) -> bool:
        """Tell whether building ``layer`` once more can make something else of it."""
        if layer.kind != "foreign":
            return layer.kind == "environment"
        image = built_images.find(self._engine, layer.tag)
        return image is not None and image.python is not None and image.tools is None

    def _missing(self, layers: Sequence[Layer], again: Layer | None) -> list[Layer]:
        """Return the layers above the highest one that is there, lowest first."""
        missing: list[Layer] = []
        for layer in reversed(layers):
            if layer is not again and self._has(layer):
                break
            missing.insert(0, layer)
        return missing

    def _build(
        self, layer: Layer, environment: Environment, project_dir: Path, log: BuildLog, cancel: threading.Event
    ) -> None:
        if layer.kind in {"base", "foreign"}:
            ensure_image(self._engine, layer.parent, log.note, cancel)
        log.stage(f"Building {layer.title}")
        owned = {labels.PROJECT: str(project_dir)} if layer.kind == "environment" else {}
        try:
            with BuildContainer(self._engine, layer.parent, owned, cancel) as container:
                build_layer(container, layer, project_dir, self._settings, log)
        except ScriptFailedError as error:
            raise _in_words(error, layer, environment, log) from error
        except RefusedError as error:
            raise BuildError(f"{_title(layer)} could not be built: {error.message}", error.mend) from error

    def _prepared(self, environment: Environment, project_dir: Path, image: BuiltImage) -> PreparedEnvironment:
        return PreparedEnvironment(
            environment=environment.uuid,
            name=environment.name,
            key=environment_key(environment, project_dir, self._settings),
            image=image.id,
            python=image.python,
            tools=image.tools,
            gpu=environment.gpu_support,
            user=image.user_name,
        )


@contextlib.contextmanager
def _build_lock(layer: Layer, log: BuildLog, cancel: threading.Event) -> Iterator[None]:
    """Let one build of ``layer`` go on at a time, among all threads and processes of this user."""
    folder = cache_dir() / "builds"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{layer.key}.lock").open("w") as file:
        waited = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waited:
                    log.note(f"Waiting for another build of {layer.title}")
                waited = True
                if cancel.wait(_LOCK_LOOK):
                    raise BuildCancelledError("The build was cancelled.") from None
        yield


def _title(layer: Layer) -> str:
    return layer.title[0].upper() + layer.title[1:]


def _in_words(error: ScriptFailedError, layer: Layer, environment: Environment, log: BuildLog) -> BuildError:
    """Return what a person needs to mend a failed build."""
    lines = "".join(f"\n    {line}" for line in log.tail)
    message = f"{_title(layer)} could not be built: {error.what} ended with exit code {error.code}.{lines}\n"
    message += f"The whole log is {log.path}."
    if layer.kind == "environment":
        mend = f"Mend {environment.folder / 'setup_script.sh'}, then build again."
        if error.code == _NOT_A_COMMAND and re.search(r"\b(?:conda|mamba)\b", layer.script):
            mend = (
                "The stand-in image has no conda: install with pip, or name an image that has it with the setting "
                "`images`."
            )
        return BuildError(message, mend)
    return BuildError(
        message,
        f"Environment “{environment.name}” needs it; look at the network, or start from another image with the "
        "setting `base_image` or `images`.",
    )
