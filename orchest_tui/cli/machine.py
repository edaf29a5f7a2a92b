"""What this machine has: the facts behind ``doctor``.

Every probe looks at one thing, ends within seconds on a machine that has nothing of what it looks for, and says what
to do about what is missing.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from orchest_tui.cli.display import human_bytes, screen
from orchest_tui.errors import ExecutorError, ExecutorUnavailableError, OrchestTuiError

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings

State = Literal["ok", "note", "missing"]

_PROBE_SECONDS = 10.0
_SMALL_TMPFS = 1_000_000_000
_SMALL_DISK = 5_000_000_000
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about the machine.

    Attributes:
        topic: What was looked at, one or two words.
        state: ``ok``, ``note`` (works with less), ``missing`` (something does not work without it).
        what: What there is, one phrase.
        advice: What to do about it; empty where there is nothing to do.
    """

    topic: str
    state: State
    what: str
    advice: str = ""


def python_findings() -> Iterator[Finding]:
    """Tell the interpreter, and whether it can make virtual environments."""
    yield Finding("Python", "ok", f"{platform.python_version()}, {sys.executable}")
    from importlib.util import find_spec

    if find_spec("ensurepip") and find_spec("venv"):
        yield Finding("venv", "ok", "virtual environments can be made")
    else:
        yield Finding(
            "venv",
            "note",
            "Python's venv module is not complete; the local executor needs it",
            "Install it: sudo apt-get install python3-venv",
        )


def engine_findings(settings: Settings) -> Iterator[Finding]:
    """Tell which container engine answers, and what it can do."""
    from orchest_tui.execution.docker.client import engine_facts

    try:
        facts = engine_facts(settings)
    except ExecutorUnavailableError as error:
        yield Finding("engine", "note", f"{error.message} Steps run by the local executor.", error.mend)
        return
    rootless = ", rootless" if facts["rootless"] else ""
    yield Finding(
        "engine", "ok", f"{facts['product']} {facts['version']}, API {facts['api']}{rootless}, at {facts['url']}"
    )
    if not facts["limits"]:
        yield Finding(
            "limits",
            "note",
            "the engine can't limit memory: `memory` of a step has no effect",
            "Enable the memory cgroup controller for the engine.",
        )
    yield Finding("GPUs", "ok", "an NVIDIA runtime is registered" if facts["gpus"] else "no NVIDIA runtime")
    yield base_image_finding(settings)


def base_image_finding(settings: Settings) -> Finding:
    """Tell whether the image that environments are built on can be had; an engine has to be there."""
    from orchest_tui.execution.docker.pull import image_state
    from orchest_tui.execution.recipes import mapped_image

    image = mapped_image(settings.base_image, settings.images)
    try:
        state = image_state(settings, image, _PROBE_SECONDS)
    except ExecutorError as error:
        return Finding("base image", "note", f"{image}: {error.message}", error.mend)
    if state == "here":
        return Finding("base image", "ok", f"{image}, in the engine")
    if state == "offered":
        return Finding("base image", "ok", f"{image}, will be pulled")
    trouble = "can't be pulled" if state == "refused" else f"no registry answers within {_PROBE_SECONDS:.0f} s"
    return Finding(
        "base image",
        "note",
        f"{image} is not in the engine, {trouble}: only environments that are built already run in containers",
        "Name an image that can be had in the setting base_image (ORCHEST_TUI_BASE_IMAGE), or load it into the engine.",
    )


def cgroup_finding(root: Path = Path("/sys/fs/cgroup")) -> Finding:
    """Tell the cgroup version: who accounts for and limits the memory of steps."""
    if (root / "cgroup.controllers").exists():
        controllers = (root / "cgroup.controllers").read_text().split()
        absent = sorted({"cpu", "memory"} - set(controllers))
        if absent:
            return Finding("cgroups", "note", f"version 2 without {' and '.join(absent)}", "Limits will not be kept.")
        return Finding("cgroups", "ok", "version 2")
    if (root / "memory").is_dir():
        return Finding("cgroups", "ok", "version 1")
    return Finding(
        "cgroups", "note", "none are visible", "Memory and CPU limits of steps will not be kept on this machine."
    )


def memory_finding(folder: Path) -> Finding:
    """Tell how much the output cache's folder holds, and whether it lies in memory.

    Args:
        folder: The setting ``memory_dir``.
    """
    if not folder.is_dir():
        return Finding(
            "memory", "missing", f"{folder} is not there", "Name a folder on a tmpfs in the setting memory_dir."
        )
    usage = shutil.disk_usage(folder)
    room = f"{folder}: {human_bytes(usage.total)}, {human_bytes(usage.free)} free"
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding("memory", "missing", f"{folder} is not writable", "Name another folder in memory_dir.")
    kind = filesystem_of(folder)
    if kind not in ("tmpfs", "ramfs"):
        return Finding(
            "memory",
            "note",
            f"{room}, on {kind or 'disk'}: outputs are not kept in memory",
            "Name a folder on a tmpfs in memory_dir, or mount one.",
        )
    if usage.total < _SMALL_TMPFS:
        return Finding(
            "memory",
            "note",
            f"{room}: larger outputs go to disk",
            "Make it larger: sudo mount -o remount,size=50% /dev/shm (in a container: --shm-size).",
        )
    return Finding("memory", "ok", f"tmpfs {room}")


def filesystem_of(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """Return the type of the file system that holds ``folder``, None where that can't be seen."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    resolved = folder.resolve()
    best: tuple[int, str] | None = None
    for line in lines:
        _, target, kind, *_ = line.split(" ")
        place = Path(target.replace("\\040", " "))
        if resolved.is_relative_to(place) and (best is None or len(place.parts) >= best[0]):
            best = (len(place.parts), kind)
    return best[1] if best else None


def disk_findings(folders: dict[str, Path]) -> Iterator[Finding]:
    """Tell how much room the disks have, one finding for each file system.

    Args:
        folders: What lies there, and the folder; one that is not there yet counts as its nearest parent.
    """
    by_device: dict[int, list[str]] = {}
    free: dict[int, int] = {}
    for name, folder in folders.items():
        present = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        device = present.stat().st_dev
        by_device.setdefault(device, []).append(name)
        free[device] = shutil.disk_usage(present).free
    for device, names in by_device.items():
        what = f"{human_bytes(free[device])} free for {', '.join(names)}"
        if free[device] < _SMALL_DISK:
            yield Finding("disk", "note", what, "Environments with scientific packages take gigabytes: make room.")
        else:
            yield Finding("disk", "ok", what)


def bubblewrap_finding() -> Finding:
    """Tell whether bubblewrap works: the local executor's isolation."""
    program = shutil.which("bwrap")
    if program is None:
        return Finding(
            "bubblewrap",
            "note",
            "not installed; the local executor isolates steps with it",
            "Install it: sudo apt-get install bubblewrap",
        )
    problem = _failure([program, "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "true"])
    if problem:
        return Finding(
            "bubblewrap", "note", f"installed, but refused here: {problem}", "Allow unprivileged user namespaces."
        )
    return Finding("bubblewrap", "ok", "works")


def user_namespace_finding() -> Finding:
    """Tell whether user namespaces work: the local executor's second choice."""
    program = shutil.which("unshare")
    if program is None:
        return Finding("user namespaces", "note", "unshare is not installed", "Install the package util-linux.")
    problem = _failure([program, "--user", "--map-root-user", "--mount", "true"])
    if problem:
        return Finding(
            "user namespaces",
            "note",
            f"refused here: {problem}",
            "Allow them: sudo sysctl kernel.unprivileged_userns_clone=1, or user.max_user_namespaces above 0.",
        )
    return Finding("user namespaces", "ok", "work")


def _failure(command: list[str]) -> str:
    """Return why ``command`` failed, in one line; empty where it succeeded."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def terminal_findings() -> Iterator[Finding]:
    """Tell what the terminal can do: size, colours, encoding, multiplexer."""
    out = screen()
    if not out.terminal:
        yield Finding("terminal", "ok", "standard output is not a terminal")
        return
    name = os.environ.get("TERM", "")
    size = shutil.get_terminal_size()
    where = " in tmux" if os.environ.get("TMUX") else " in screen" if os.environ.get("STY") else ""
    what = f"{name or 'TERM is not set'}{where}, {size.columns} x {size.lines}"
    if name in ("", "dumb"):
        yield Finding("terminal", "note", what, "Set TERM to your terminal's name, for example xterm-256color.")
    elif size.columns < 80 or size.lines < 24:
        yield Finding("terminal", "note", what, "80 x 24 or more shows everything.")
    else:
        yield Finding("terminal", "ok", what)
    yield Finding("colours", "ok", _colours(name))
    if out.unicode:
        yield Finding("encoding", "ok", "UTF-8")
    else:
        yield Finding("encoding", "note", "not UTF-8: plain ASCII is shown", "Set LANG to a UTF-8 locale: C.UTF-8.")


def _colours(name: str) -> str:
    """Return how many colours the terminal says that it has."""
    if os.environ.get("NO_COLOR"):
        return "none: NO_COLOR is set"
    if os.environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return "16 million"
    try:
        import curses

        curses.setupterm(name or "dumb")
        count = curses.tigetnum("colors")
    except (ImportError, curses.error):
        return "unknown: no terminfo entry for this TERM"
    return "none" if count <= 0 else str(count)


def network_findings() -> Iterator[Finding]:
    """Tell the proxy settings of the shell that builds and steps get."""
    found = [name for name in _PROXY_VARIABLES if os.environ.get(name) or os.environ.get(name.lower())]
    yield Finding("proxy", "ok", f"taken from the shell: {', '.join(found)}" if found else "none is set")


def ca_bundle_finding(settings: Settings) -> Finding:
    """Tell which certificates builds and steps get."""
    from orchest_tui.project.network import ca_bundle_path

    try:
        bundle = ca_bundle_path(settings)
    except OrchestTuiError as error:
        return Finding("certificates", "missing", error.message, error.mend)
    return Finding("certificates", "ok", str(bundle) if bundle else "those of the images")
