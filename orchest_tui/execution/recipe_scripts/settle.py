"""Byte-compile an image's packages and fill the caches that would otherwise be made anew in every container.

Runs inside the image, on Python 3.8 and later; the argument is the folder of the notebook tools. Test suites are left
out: nobody imports them, and they are half of some packages.
"""

# ruff: noqa: PTH116, PTH118, PTH123
# Tens of thousands of files: strings are several times faster than paths.

from __future__ import annotations

import compileall
import importlib.util
import os
import site
import struct
import sys
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

SKIPPED = {"__pycache__", "test", "tests", "idlelib", "lib2to3", "turtledemo"}
CHUNK = 32  # files


def folders(tools: str) -> list[str]:
    """Return the folders that Python imports from and that this user may write."""
    found = [sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")]
    found += [*site.getsitepackages(), site.getusersitepackages(), tools]
    return [folder for folder in dict.fromkeys(found) if os.access(folder, os.W_OK)]


def sources(top: str) -> Iterator[str]:
    """Yield the modules below ``top``."""
    for folder, inner, files in os.walk(top):
        inner[:] = [name for name in inner if name not in SKIPPED]
        for name in files:
            if name.endswith(".py"):
                yield os.path.join(folder, name)


def outdated(source: str) -> bool:
    """Tell whether Python would have to compile ``source``; compileall asks the same, a hundred times slower."""
    try:
        expected = struct.pack("<4sLL", importlib.util.MAGIC_NUMBER, 0, int(os.stat(source).st_mtime) & 0xFFFFFFFF)
        with open(importlib.util.cache_from_source(source), "rb") as compiled:
            return compiled.read(len(expected)) != expected
    except FileNotFoundError:
        return True
    except OSError:
        return False


def compile_file(source: str) -> None:
    """Compile one module; one that isn't meant for this Python stays as it is."""
    compileall.compile_file(source, quiet=2, force=True)


def main() -> None:
    """Compile what this user may write; then let matplotlib look at the fonts, which takes it seconds."""
    todo = dict.fromkeys(path for folder in folders(sys.argv[1]) for path in sources(folder) if outdated(path))
    if len(todo) > CHUNK:
        with ProcessPoolExecutor() as pool:
            for _ in pool.map(compile_file, todo, chunksize=CHUNK):
                pass
    else:
        for source in todo:
            compile_file(source)
    if os.getuid() != 0 and importlib.util.find_spec("matplotlib"):
        try:
            import matplotlib.font_manager  # noqa: F401
        except ImportError as error:
            sys.stderr.write(f"matplotlib is installed, but can't be imported: {error}\n")


if __name__ == "__main__":
    main()
