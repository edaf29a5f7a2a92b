"""First program inside a new user and mount namespace: builds the file system, drops all rights, becomes the command.

Started as ``python -I -S namespace_stage.py <mounts as JSON> <program> <arguments>…`` under ``unshare``; the mounts
are ``sandbox.Mount`` objects. It imports nothing of this package, and any failure ends it before the command starts.

The order is bubblewrap's: a tmpfs becomes the root with the old root beside the new one, so that no mount can hide the
source of a later one; then the new root becomes the only one. Read-only binds use ``mount_setattr`` (Linux 5.12),
which, unlike a remount, covers nested mounts and needs no knowledge of their locked flags.
"""

# pathlib would double the time that this takes to start
# ruff: noqa: PTH102, PTH103, PTH112, PTH120, PTH123, PTH211

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
SYS_MOUNT_SETATTR = 442
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID = 1, 2
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 38, 47, 4
CAPABILITY_VERSION_3 = 0x20080522
HIGHEST_CAPABILITY = 63

BASE = "/tmp"  # noqa: S108 (only a mount point that exists everywhere; nothing is written below it on disk)
OLD, NEW = "/old", "/new"
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Raise the error of a system call that returned ``result``."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Make a mount, as the system call of this name does; ``kind`` is the file system's type."""
    arguments = (source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), options.encode())
    check(libc.mount(*arguments), f"mount {target}")


def make_read_only(target: str) -> None:
    """Make the mount at ``target`` and all below it read-only."""
    attributes = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, 0, 0)
    call = (SYS_MOUNT_SETATTR, AT_FDCWD, target.encode(), AT_RECURSIVE, attributes, ctypes.sizeof(attributes))
    check(libc.syscall(*call), f"read-only {target}")


def bind(source: str, target: str, writable: bool) -> None:
    """Show ``source``, a file or a folder, at ``target``."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a"):
            pass
    mount(source, target, flags=MS_BIND | MS_REC)
    if not writable:
        make_read_only(target)


def make_devices(target: str) -> None:
    """Build a minimal ``/dev``."""
    mount("tmpfs", target, "tmpfs", MS_NOSUID, "mode=755")
    for name in DEVICES:
        bind(f"{OLD}/dev/{name}", f"{target}/{name}", writable=True)
    for name, text in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{text}", f"{target}/{name}")
    for name in ("shm", "pts"):
        os.mkdir(f"{target}/{name}")
    mount("devpts", f"{target}/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    os.symlink("pts/ptmx", f"{target}/ptmx")


def make(entry: dict[str, Any]) -> None:
    """Make one mount of the plan in the new root."""
    target, kind = NEW + entry["target"], entry["kind"]
    if kind == "bind":
        bind(OLD + entry["source"], target, entry["writable"])
        return
    if kind == "symlink":
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.symlink(entry["source"], target)
        return
    os.makedirs(target, exist_ok=True)
    if kind == "dev":
        make_devices(target)
    elif kind == "proc":
        mount("proc", target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    else:
        mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")


def build(plan: list[dict[str, Any]]) -> None:
    """Make the new file system the process's root."""
    for entry in plan:
        if entry["kind"] == "bind":  # links must be followed while their absolute targets still mean the same
            entry["source"] = os.path.realpath(entry["source"])
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    mount("tmpfs", BASE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    os.mkdir(BASE + OLD)
    os.mkdir(BASE + NEW)
    check(libc.pivot_root(BASE.encode(), (BASE + OLD).encode()), "pivot_root")
    os.chdir("/")
    mount(NEW, NEW, flags=MS_BIND | MS_REC)
    for entry in plan:
        make(entry)
    os.chdir(NEW)
    check(libc.pivot_root(b".", b"."), "pivot_root")
    check(libc.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")


def drop_rights() -> None:
    """Give up every capability, for this process and whatever it starts."""
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient capabilities")
    for capability in range(HIGHEST_CAPABILITY + 1):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one that this kernel knows
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    check(libc.capset(header, nothing), "capset")


def main() -> None:
    """Build, drop, become the command."""
    plan, program = json.loads(sys.argv[1]), sys.argv[2]
    os.umask(0o022)
    build(plan)
    drop_rights()
    os.execv(program, sys.argv[2:])  # noqa: S606 - that is what it is for


if __name__ == "__main__":
    main()
