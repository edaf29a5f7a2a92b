"""How a process is shut in: bubblewrap, else a user namespace made with util-linux's ``unshare``, else not at all.

All three take the same list of mounts and give a command line. What a machine allows is found out by doing it once.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol

PROBE_SECONDS = 10.0
_STAGE = Path(__file__).with_name("namespace_stage.py")


@dataclass(frozen=True, slots=True)
class Mount:
    """One thing that the sandbox's otherwise empty file system shows.

    Attributes:
        kind: ``bind`` (a host file or folder with all below it), ``symlink``, ``tmpfs``, ``proc`` or ``dev``.
        target: Absolute path inside.
        source: Host path of a bind, text of a symlink, empty otherwise.
        writable: Whether a bind can be written to.
    """

    kind: Literal["bind", "symlink", "tmpfs", "proc", "dev"]
    target: str
    source: str = ""
    writable: bool = False


class Sandbox(Protocol):
    """A way to shut a process in.

    Attributes:
        name: In words, for the executor's description.
        isolated: Whether the mounts hold; without, the process sees the machine as it is.
    """

    name: str
    isolated: bool

    def command(self, mounts: Sequence[Mount], argv: Sequence[str]) -> list[str]:
        """Return the command that runs ``argv`` as process 1 on ``mounts``; its program's path is absolute."""
        ...


class Bubblewrap:
    """The sandbox of the program ``bwrap``.

    Args:
        program: Its absolute path.
    """

    name = "bubblewrap"
    isolated = True

    def __init__(self, program: str) -> None:
        self._program = program

    def command(self, mounts: Sequence[Mount], argv: Sequence[str]) -> list[str]:
        """Return the command line; no ``--die-with-parent``, since a step outlives the engine."""
        command = [self._program, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--as-pid-1", "--cap-drop", "ALL"]
        for mount in mounts:
            match mount.kind:
                case "bind":
                    command += ["--bind" if mount.writable else "--ro-bind", mount.source, mount.target]
                case "symlink":
                    command += ["--symlink", mount.source, mount.target]
                case kind:
                    command += [f"--{kind}", mount.target]
        return [*command, "--chdir", "/", "--", *argv]


class UserNamespace:
    """The same with util-linux's ``unshare``; the mounts are made by ``namespace_stage.py`` within.

    Args:
        program: Absolute path of ``unshare``.
    """

    name = "user namespace"
    isolated = True
    _flags = ("--user", "--map-current-user", "--keep-caps", "--mount", "--pid", "--ipc", "--uts", "--fork")

    def __init__(self, program: str) -> None:
        self._program = program

    def command(self, mounts: Sequence[Mount], argv: Sequence[str]) -> list[str]:
        """Return the command line."""
        plan = json.dumps([asdict(mount) for mount in mounts])
        return [self._program, *self._flags, sys.executable, "-I", "-S", str(_STAGE), plan, *argv]


class Unconfined:
    """No sandbox: the process sees the machine's own paths."""

    name = "no isolation"
    isolated = False

    def command(self, mounts: Sequence[Mount], argv: Sequence[str]) -> list[str]:
        """Return ``argv`` as it is; there must be no mounts to be made."""
        if mounts:
            raise ValueError("mounts need a sandbox")
        return list(argv)


async def find_sandbox() -> Sandbox:
    """Return the best sandbox that works here."""
    candidates: list[Sandbox] = []
    if bwrap := shutil.which("bwrap"):
        candidates.append(Bubblewrap(bwrap))
    if unshare := shutil.which("unshare"):
        candidates.append(UserNamespace(unshare))
    for candidate in candidates:
        if await works(candidate):
            return candidate
    return Unconfined()


async def works(sandbox: Sandbox) -> bool:
    """Whether ``sandbox`` can run something on this machine; tried by running it."""
    command = sandbox.command([*system_mounts(), *private_mounts()], ["/bin/sh", "-c", "test -e /proc/self/stat"])
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        return await asyncio.wait_for(process.wait(), PROBE_SECONDS) == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        return False


def system_mounts() -> list[Mount]:
    """Return the machine's own software, read-only: programs, libraries and their settings, nobody's home."""
    mounts = [Mount("tmpfs", "/run"), Mount("tmpfs", "/var/tmp")]  # noqa: S108 (paths inside a private file system)
    names = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "nix", "gnu", "sys")
    folders = [Path("/", name) for name in names]
    folders += [Path("/run/current-system"), Path("/home/linuxbrew/.linuxbrew"), Path("/var/lib/dpkg")]
    # Single folders of /opt, so that the runtime's mount point can lie beside them.
    folders += sorted(Path("/opt").iterdir()) if Path("/opt").is_dir() else []
    for folder in folders:
        if folder.is_symlink():
            mounts.append(Mount("symlink", str(folder), str(folder.readlink())))
        elif folder.is_dir():
            mounts.append(Mount("bind", str(folder), str(folder)))
    # Often a link to a file that a daemon writes under /run.
    resolver = Path("/etc/resolv.conf").resolve()
    if resolver.is_file() and not resolver.is_relative_to("/etc"):
        mounts.append(Mount("bind", str(resolver), str(resolver)))
    return mounts


def private_mounts() -> list[Mount]:
    """Return what each sandbox has of its own: processes, devices, temporary files, and an empty home."""
    return [Mount("proc", "/proc"), Mount("dev", "/dev"), Mount("tmpfs", "/tmp"), Mount("tmpfs", HOME)]  # noqa: S108


HOME = "/home/jovyan"
"""Home folder inside a sandbox; the reference's images have it there too."""
