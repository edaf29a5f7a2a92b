"""Byte-compile an image's packages and fill the caches that would otherwise be made anew in every container.

Runs inside the image, on Python 3.8 and later; the argument is the folder of the notebook tools. Test suites are left
out: nobody imports them, and they are half of some packages.
"""

from __future__ import annotations

import compileall
import importlib.util
import os
import re
import site
import sys
import sysconfig

SKIPPED = re.compile(r"[/\\](tests?|idlelib|lib2to3|turtledemo)[/\\]")


def folders(tools: str) -> dict[str, None]:
    """Return the folders that Python imports from, outermost first."""
    found = [sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")]
    return dict.fromkeys([*found, *site.getsitepackages(), site.getusersitepackages(), tools])


def main() -> None:
    """Compile what this user may write; then let matplotlib look at the fonts, which takes it seconds."""
    for folder in folders(sys.argv[1]):
        if os.access(folder, os.W_OK):
            compileall.compile_dir(folder, rx=SKIPPED, quiet=2, workers=0)
    if os.getuid() != 0 and importlib.util.find_spec("matplotlib"):
        try:
            import matplotlib.font_manager  # noqa: F401
        except ImportError as error:
            sys.stderr.write(f"matplotlib is installed, but can't be imported: {error}\n")


main()
