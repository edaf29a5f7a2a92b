"""Which Python virtual environments are made from."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import sys
from dataclasses import dataclass

_SUITABLE = tuple(f"python3.{minor}" for minor in range(14, 7, -1))
_PROBE = "import sys, ensurepip, venv; print('{}.{}'.format(*sys.version_info), sys.implementation.cache_tag)"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that can make virtual environments.

    Attributes:
        program: Its absolute path.
        version: ``3.11``.
        tag: Tag of its byte code: ``cpython-311``.
        with_pip: Whether it can put pip into them.
    """

    program: str
    version: str
    tag: str
    with_pip: bool


def running() -> Interpreter:
    """Return the Python that runs this program."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with_pip = importlib.util.find_spec("ensurepip") is not None
    return Interpreter(sys.executable, version, str(sys.implementation.cache_tag), with_pip)


async def find_interpreter() -> Interpreter:
    """Return the running Python, or where that can't install pip (Debian without python3-venv) the newest that can."""
    own = running()
    if own.with_pip:
        return own
    for name in _SUITABLE:
        if (program := shutil.which(name)) is not None:
            process = await asyncio.create_subprocess_exec(
                program, "-I", "-c", _PROBE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
            output, _ = await process.communicate()
            if process.returncode == 0:
                version, tag = output.decode().split()
                return Interpreter(program, version, tag, with_pip=True)
    return own
