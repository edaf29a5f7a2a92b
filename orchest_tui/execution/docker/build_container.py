"""The container that a layer is built in: started from the parent, worked in by ``exec``, committed, thrown away.

Everything that a build needs and an image must not keep (certificates, proxies, scripts, the project's copy, pip's
cache) is in volumes or in the environment of one ``exec``, which ``commit`` doesn't see. Nothing of the host is
mounted, so an engine on another machine builds just as well. The container's own process is ``cat`` on a standard
input that this process holds: if this process dies, it ends, and the engine removes the container.
"""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from orchest_tui.errors import BuildError
from orchest_tui.execution.docker import labels
from orchest_tui.execution.docker.client import Engine, EngineGoneError, RefusedError
from orchest_tui.execution.executor import PROJECT_DIR, RUNTIME_DIR
from orchest_tui.execution.owner import owner, owner_lives

if TYPE_CHECKING:
    from docker.api.client import APIClient

MATERIAL = RUNTIME_DIR
"""Where the build's scripts are; workers have the runtime there, so the image gets no folder of its own for it."""

CACHE = f"{MATERIAL}/cache"
CACHE_VOLUME = "orchest-tui-pip-cache"

_COMMIT_TIMEOUT = 3600  # seconds; the engine answers when the layer is written, gigabytes of it
_GONE = {404, 409}  # not there, or its removal is under way already
_CANCEL_LOOK = 0.2  # seconds


class BuildCancelledError(BuildError):
    """The build was told to stop."""


class BuildContainer:
    """One build container; a context manager that leaves nothing behind.

    Args:
        engine: The connection.
        image: What it starts from: an image's name or id.
        own_labels: Labels beside its role; they go into the image, too.
        cancel: Ends the build as soon as it is set.
    """

    def __init__(self, engine: Engine, image: str, own_labels: Mapping[str, str], cancel: threading.Event) -> None:
        self._engine = engine
        self._api: APIClient = engine.client.api
        self._image = image
        self._labels = {**own_labels, labels.ROLE: "build", labels.OWNER: owner()}
        self._cancel = cancel
        self._done = threading.Event()
        self._id = ""
        self._standard_input: Any = None
        self._parent_config: Mapping[str, Any] = {}

    def __enter__(self) -> Self:
        try:
            self._engine.blocking(self._start)
        except BaseException:
            self._remove()
            raise
        threading.Thread(target=self._watch, name="build-cancel", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._remove()

    def put(self, folder: str, archive: bytes | IO[bytes]) -> None:
        """Unpack a tar archive into ``folder``."""
        with self._stoppable():
            self._engine.blocking(self._api.put_archive, self._id, folder, archive)

    def run(
        self, command: Sequence[str], environ: Mapping[str, str], output: Callable[[bytes], None], user: str = ""
    ) -> int:
        """Run ``command`` and return its exit code.

        Args:
            command: Program and arguments.
            environ: Environment variables beside the image's.
            output: Receives what it writes to standard output and standard error, as it comes.
            user: Who runs it; empty for the image's own user.

        Raises:
            BuildCancelledError: The build was told to stop.
        """
        with self._stoppable():
            return self._engine.blocking(self._run, command, environ, output, user)

    def commit(self, repository: str, tag: str, image_labels: Mapping[str, str], changes: Sequence[str] = ()) -> str:
        """Make an image of what the container's disk has now, with the parent's configuration; return its id.

        Args:
            repository: The new image's name without tag.
            tag: Its tag.
            image_labels: Labels to set on it.
            changes: Dockerfile instructions (``ENV``, ``USER``, ``WORKDIR``) on top of the parent's configuration.
        """
        instructions = [
            *_start_instructions(self._parent_config),
            *changes,
            *(instruction("LABEL", name, value) for name, value in {**image_labels, labels.OWNER: ""}.items()),
        ]
        with self._stoppable():
            return self._engine.blocking(self._commit, repository, tag, instructions)

    def _start(self) -> None:
        from docker.types import Mount

        self._parent_config = self._api.inspect_image(self._image)["Config"] or {}  # type: ignore[no-untyped-call]
        # an entrypoint would run in front of `cat`; without one, the image must not get one either
        has_entrypoint = bool(self._parent_config.get("Entrypoint"))
        mounts = [
            Mount(PROJECT_DIR, None, type="volume"),
            Mount(MATERIAL, None, type="volume"),
            Mount(CACHE, CACHE_VOLUME, type="volume"),
        ]
        created = self._api.create_container(
            self._image,
            command=None if has_entrypoint else ["cat"],
            entrypoint=["cat"] if has_entrypoint else None,
            name=f"orchest-tui-build-{uuid.uuid4().hex[:12]}",
            stdin_open=True,
            labels=self._labels,
            host_config=self._api.create_host_config(auto_remove=True, mounts=mounts),
        )
        self._id = created["Id"]
        self._standard_input = self._api.attach_socket(self._id, params={"stdin": 1, "stream": 1})
        self._api.start(self._id)

    def _run(
        self, command: Sequence[str], environ: Mapping[str, str], output: Callable[[bytes], None], user: str
    ) -> int:
        made = self._api.exec_create(self._id, list(command), environment=dict(environ), user=user)
        for chunk in self._api.exec_start(made["Id"], stream=True):
            output(chunk)
        code = self._api.exec_inspect(made["Id"])["ExitCode"]
        return -1 if code is None else int(code)

    def _commit(self, repository: str, tag: str, instructions: Sequence[str]) -> str:
        usual = self._api.timeout
        self._api.timeout = _COMMIT_TIMEOUT
        try:
            made = self._api.commit(self._id, repository=repository, tag=tag, changes=list(instructions))
        finally:
            self._api.timeout = usual
        return str(made["Id"])

    @contextlib.contextmanager
    def _stoppable(self) -> Iterator[None]:
        """Tell a cancelled build from one that fails: what a killed container makes of a request is of no interest."""
        self._raise_if_cancelled()
        try:
            yield
        except (RefusedError, EngineGoneError):
            self._raise_if_cancelled()
            raise
        self._raise_if_cancelled()

    def _raise_if_cancelled(self) -> None:
        if self._cancel.is_set():
            raise BuildCancelledError("The build was cancelled.")

    def _watch(self) -> None:
        """Kill the container when the build is told to stop, which ends the request that waits for it."""
        while not self._done.is_set():
            if self._cancel.wait(_CANCEL_LOOK):
                self._remove()
                return

    def _remove(self) -> None:
        if self._standard_input is not None:
            self._standard_input.close()
        if not self._id:
            return
        try:
            self._engine.blocking(self._api.remove_container, self._id, v=True, force=True)
        except RefusedError as error:
            if error.status not in _GONE:
                raise
        except EngineGoneError:
            return  # with the engine the attached input is gone, too, so the container ends and is removed


def remove_abandoned(engine: Engine) -> None:
    """Remove build containers whose process died between making and starting them; the others end on their own."""
    api = engine.client.api
    for container in engine.blocking(api.containers, all=True, filters={"label": f"{labels.ROLE}=build"}):
        if owner_lives(container["Labels"].get(labels.OWNER, "")):
            continue
        try:
            engine.blocking(api.remove_container, container["Id"], v=True, force=True)
        except RefusedError as error:
            if error.status not in _GONE:
                raise


def instruction(keyword: str, name: str, value: str) -> str:
    r"""Return a Dockerfile instruction ``KEYWORD name="value"`` that takes ``value`` as it is, ``$`` and ``\`` too."""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", " ")
    return f'{keyword} {name}="{quoted}"'


def _start_instructions(config: Mapping[str, Any]) -> list[str]:
    """Return the instructions that undo ``cat`` as what the image starts."""
    entrypoint, command = config.get("Entrypoint"), config.get("Cmd")
    instructions = [f"ENTRYPOINT {json.dumps(entrypoint)}"] if entrypoint else []
    if command or not entrypoint:
        instructions.append(f"CMD {json.dumps(command or ['/bin/sh'])}")
    return instructions
