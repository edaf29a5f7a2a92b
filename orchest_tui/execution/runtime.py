"""The runtime folder: SDK, runner and cloudpickle in one place, mounted read-only into every worker.

``runtime-<digest>/sdk/`` holds the ``orchest`` package and cloudpickle, ``runtime-<digest>/runner/`` the runner. The
digest covers the content, so an upgraded program never changes files under a worker that still runs. Byte code is
compiled once for each image that is met, since a worker can't write here itself.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from orchest_tui.project.layout import cache_dir

COMPILE_COMMAND = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")
"""Arguments for an interpreter, followed by the folder: byte code that stays valid whatever the files' times."""

_STEP_DIR = Path(__file__).resolve().parent.parent / "step"
_LAYOUT_VERSION = "1"
_DIGEST_LENGTH = 16
_IDLE_SECONDS = 24 * 3600.0


def stage() -> Path:
    """Return the runtime folder, made first where this version's is not there yet; readable by everyone.

    Atomic: made beside and renamed, so that two processes may do it at once.

    Raises:
        OSError: The cache folder can't be written.
    """
    files = dict(_files())
    folder = cache_dir() / f"runtime-{_digest(files)}"
    if folder.is_dir():
        os.utime(folder)  # in use: see `unused_runtimes`
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".runtime-", dir=folder.parent))
    try:
        for relative, source in files.items():
            target = temporary / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        _open_to_all(temporary)
        temporary.rename(folder)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        if not folder.is_dir():  # else another process was first
            raise
    return folder


def unused_runtimes() -> Iterator[Path]:
    """Yield the runtime folders of other versions of the program that none has asked for in the last day.

    A worker may still see one of them, so they are not to be removed while any is there.
    """
    current = f"runtime-{_digest(dict(_files()))}"
    for folder in sorted(cache_dir().glob("*runtime-*")):  # a dot before it: one whose making was cut off
        if folder.name != current and folder.is_dir() and time.time() - folder.stat().st_mtime > _IDLE_SECONDS:
            yield folder


def is_compiled(folder: Path, image: str) -> bool:
    """Tell whether ``folder`` holds byte code for the interpreter of ``image``."""
    return _mark(folder, image).exists()


def set_compiled(folder: Path, image: str) -> None:
    """Remember that ``folder`` holds byte code for the interpreter of ``image``."""
    mark = _mark(folder, image)
    mark.parent.mkdir(exist_ok=True)
    mark.touch()


def _mark(folder: Path, image: str) -> Path:
    return folder / ".compiled" / hashlib.sha256(image.encode()).hexdigest()[:_DIGEST_LENGTH]


def _files() -> Iterator[tuple[str, Path]]:
    """Yield (path in the runtime folder, source) of everything that belongs there."""
    import cloudpickle

    sources = (
        (_STEP_DIR / "sdk", "sdk"),
        (_STEP_DIR / "runner", "runner"),
        (Path(cloudpickle.__file__).parent, "sdk/cloudpickle"),
    )
    for root, place in sources:
        for folder, subfolders, names in os.walk(root):
            subfolders[:] = sorted(name for name in subfolders if name != "__pycache__")
            for name in sorted(names):
                if not name.endswith(".pyc"):
                    source = Path(folder, name)
                    yield f"{place}/{source.relative_to(root)}", source


def _digest(files: dict[str, Path]) -> str:
    digest = hashlib.sha256(_LAYOUT_VERSION.encode())
    for relative, source in files.items():
        content = source.read_bytes()
        digest.update(f"\0{relative}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:_DIGEST_LENGTH]


def _open_to_all(root: Path) -> None:
    root.chmod(0o755)
    for folder, subfolders, names in os.walk(root):
        for name in subfolders:
            Path(folder, name).chmod(0o755)
        for name in names:
            Path(folder, name).chmod(0o644)
