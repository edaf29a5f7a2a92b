"""Every path that the program uses; no other module puts one together.

The tree is drawn in ``docs/architecture.md``, section "On disk". Nothing here reads files; the two methods that make
folders say so. The XDG folders follow the XDG Base Directory Specification 0.8: a variable that is empty or not
absolute is ignored.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchest_tui.errors import OrchestTuiError

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings

APPLICATION = "orchest-tui"
ORCHEST_DIR = ".orchest"
PROJECT_SETTINGS_FILE = "orchest-tui.yaml"
DEFAULT_MEMORY_DIR = Path("/dev/shm")  # noqa: S108 (Layout.session_dir checks whose it is)
PROJECT_MARK = "project"
"""File in a session folder with the path of its project, as the file system spells it."""
DATA_MOUNT = "/data"
"""Where steps see the data folder; absolute step files lie below it."""

_SAFE_NAME = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}")


def is_safe_name(name: str) -> bool:
    """Return whether ``name`` (a uuid from a file, say) may be used as one component of a path."""
    return _SAFE_NAME.fullmatch(name) is not None


def _component(name: str) -> str:
    """Return ``name``; a value that could leave its folder is a defect of the caller, loading refuses such uuids."""
    if not is_safe_name(name):
        raise ValueError(f"{name!r} can't be part of a path")
    return name


def _xdg(variable: str, default: str) -> Path:
    value = os.environ.get(variable, "")
    base = Path(value) if value.startswith("/") else Path.home() / default
    return base / APPLICATION


def config_dir() -> Path:
    """Return the folder of the user's settings, keymaps and themes."""
    return _xdg("XDG_CONFIG_HOME", ".config")


def user_settings_file() -> Path:
    """Return the path of the user's settings file."""
    return config_dir() / "settings.yaml"


def cache_dir() -> Path:
    """Return the folder for what can be made again: the staged runtime, virtual environments."""
    return _xdg("XDG_CACHE_HOME", ".cache")


def state_dir() -> Path:
    """Return the folder for what belongs to the user and to no project."""
    return _xdg("XDG_STATE_HOME", ".local/state")


def data_dir(settings: Settings) -> Path:
    """Return the host folder that steps see as ``/data``; it may not exist yet."""
    return settings.data_dir or _xdg("XDG_DATA_HOME", ".local/share") / "data"


def usable_memory_dir(memory: Path) -> Path:
    """Return ``memory``, or a folder on disk where it is the default and the machine has no such folder."""
    if memory == DEFAULT_MEMORY_DIR and not os.access(memory, os.W_OK | os.X_OK):
        return cache_dir() / "memory"
    return memory


def sessions_dir(memory: Path) -> Path:
    """Return the folder below ``memory`` with the session folders of this user's pipelines."""
    return usable_memory_dir(memory) / f"{APPLICATION}-{os.getuid()}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one project and, where a pipeline's uuid is given, of that pipeline.

    Attributes:
        project_dir: The project's folder, absolute.
        pipeline_uuid: The pipeline's uuid; empty for a layout of the project alone.
    """

    project_dir: Path
    pipeline_uuid: str = ""

    # --- the project ---

    @property
    def settings_file(self) -> Path:
        """Project settings, committed by the user."""
        return self.project_dir / PROJECT_SETTINGS_FILE

    @property
    def environments_dir(self) -> Path:
        """Folder with one folder for each environment."""
        return self.project_dir / ORCHEST_DIR / "environments"

    @property
    def tui_dir(self) -> Path:
        """The program's own state in the project; never in git."""
        return self.project_dir / ORCHEST_DIR / "tui"

    @property
    def environment_variables_file(self) -> Path:
        """Environment variables of the project and its pipelines, mode 0600."""
        return self.tui_dir / "environment-variables.yaml"

    def builds_dir(self, environment: str) -> Path:
        """Folder with the build logs of an environment."""
        return self.tui_dir / "builds" / _component(environment)

    def build_log(self, environment: str, number: int) -> Path:
        """Log of an environment's build ``number``."""
        return self.builds_dir(environment) / f"{number}.log"

    def new_build_log(self, environment: str) -> Path:
        """Make the environment's build folder and return the path of its next log.

        Raises:
            OrchestTuiError: The folder can't be made.
        """
        folder = self.builds_dir(environment)
        self.ensure_state_dir()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            last = self._last_build(environment)
        except OSError as error:
            raise _cannot_make(folder, error) from error
        return self.build_log(environment, last + 1)

    def last_build_log(self, environment: str) -> Path | None:
        """Return the log of an environment's latest build, None where it was never built.

        Raises:
            OSError: The folder can't be read.
        """
        last = self._last_build(environment)
        return self.build_log(environment, last) if last else None

    def _last_build(self, environment: str) -> int:
        """Return the number of the latest build, 0 for none."""
        logs = self.builds_dir(environment).glob("*.log")
        return max((int(log.stem) for log in logs if log.stem.isdecimal()), default=0)

    # --- the pipeline ---

    @property
    def pipeline_dir(self) -> Path:
        """The program's state for the pipeline."""
        return self.tui_dir / _component(self.pipeline_uuid)

    @property
    def lock_file(self) -> Path:
        """Lock that says which engine has the pipeline open."""
        return self.pipeline_dir / "lock"

    @property
    def history_file(self) -> Path:
        """SQLite: runs, steps, attempts, success records, file digests."""
        return self.pipeline_dir / "history.db"

    @property
    def outputs_file(self) -> Path:
        """SQLite: the output cache's index."""
        return self.pipeline_dir / "outputs.db"

    def logs_dir(self, run: int | str) -> Path:
        """Folder with the step logs of one run."""
        return self.pipeline_dir / "logs" / _component(str(run))

    def log_file(self, run: int | str, step: str) -> Path:
        """Log of a step in a run, all attempts."""
        return self.logs_dir(run) / f"{_component(step)}.log"

    def spill_dir(self, step: str) -> Path:
        """Folder on disk for a step's segments that did not fit memory."""
        return self.pipeline_dir / "spill" / _component(step)

    def legacy_output_dir(self, step: str) -> Path:
        """Folder of Orchest's own disk outputs of a step."""
        return self.project_dir / ORCHEST_DIR / "pipelines" / _component(self.pipeline_uuid) / "data" / _component(step)

    # --- memory ---

    def session_path(self, memory: Path) -> Path:
        """Return the pipeline's folder below ``memory`` without making it."""
        from hashlib import sha1

        project = sha1(os.fsencode(self.project_dir), usedforsecurity=False).hexdigest()[:12]
        return sessions_dir(memory) / f"{project}-{_component(self.pipeline_uuid)[:8]}"

    def output_dir(self, session: Path, step: str) -> Path:
        """Folder of a step's segments in the session folder."""
        return session / "out" / _component(step)

    def worker_dir(self, session: Path, worker: str) -> Path:
        """Folder of what one worker alone sees, its ``pipeline.json`` and ``order.json``."""
        return session / "run" / _component(worker)

    def session_dir(self, memory: Path) -> Path:
        """Make the session folder, mode 0700, with the project's path in it, and return it.

        ``/dev/shm`` is open to everybody, so a folder of that name may have been put there by somebody else: it must
        be a true folder (no link) of this user.

        Raises:
            OrchestTuiError: It belongs to somebody else, is no folder, or can't be made.
        """
        session = self.session_path(memory)
        try:
            session.parents[1].mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot_make(session.parents[1], error) from error
        for folder in (session.parent, session):
            _make_private(folder)
        with contextlib.suppress(OSError):  # for `clean` alone; memory that is full keeps no pipeline from opening
            (session / PROJECT_MARK).write_bytes(os.fsencode(self.project_dir))
        return session

    def ensure_state_dir(self) -> Path:
        """Make ``.orchest/tui`` with its ``.gitignore``, and the pipeline's folder in it; return the latter or former.

        Raises:
            OrchestTuiError: It can't be made.
        """
        folder = self.pipeline_dir if self.pipeline_uuid else self.tui_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
            ignore = self.tui_dir / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise _cannot_make(folder, error) from error
        return folder


def _cannot_make(folder: Path, error: OSError) -> OrchestTuiError:
    return OrchestTuiError(
        f"The folder {folder} can't be made: {error.strerror or error}.", "Look at its permissions and the free space."
    )


def _make_private(folder: Path) -> None:
    """Make ``folder`` with mode 0700, or check that the one there is a folder of this user."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
            if stat.S_IMODE(found.st_mode) != 0o700:
                folder.chmod(0o700)
            return
    except FileExistsError:
        pass
    except OSError as error:
        raise _cannot_make(folder, error) from error
    raise OrchestTuiError(
        f"{folder} is there already and is not a folder of yours.",
        "Remove it, or set memory_dir to a folder that only you can write to.",
    )
