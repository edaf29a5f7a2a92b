"""Modules that a step imports: some of them early, while its process waits, and which ones the next time.

A module may be imported early if the step's own code imported it from outside the project *before it changed anything
that an import can see*: environment variables, the working folder, ``sys.path``, ``sys.meta_path``, ``sys.path_hooks``.
Changes that such a module makes itself while it is imported don't count, since they come with it in the same order.
"""

from __future__ import annotations

import builtins
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType
    from typing import Any

    from .files import Roots
    from .report import Reporter


SDK = "orchest"
SDK_EAGER = "orchest.eager"
"""What the SDK would import at its first use; a step that imports the SDK is going to use it."""


class EarlyImports:
    """Modules that were imported before the step was told to run.

    Attributes:
        before: Names of the modules that every process of the runner has.
    """

    def __init__(self) -> None:
        self.before = frozenset(sys.modules)

    def load(self, names: Sequence[str]) -> list[str]:
        """Import what can be imported of ``names``, in order; return the names that could be."""
        imported = [name for name in names if _import_quietly(name)]
        if SDK in imported:
            _import_quietly(SDK_EAGER)
        return imported

    def forget_project(self, roots: Roots) -> None:
        """Drop modules of the project that an early import has pulled in: their files may change until the run."""
        for name in set(sys.modules) - self.before:
            if roots.find(_file_of(sys.modules[name])) is not None:
                del sys.modules[name]
        for path, finder in list(sys.path_importer_cache.items()):
            if finder is None:
                del sys.path_importer_cache[path]
            elif hasattr(finder, "invalidate_caches"):
                finder.invalidate_caches()


class ImportRecorder:
    """Tells the supervisor which modules may be imported early the next time.

    It stands in for ``builtins.__import__``, since only there an import is seen of a module that is loaded already,
    and leaves at the first change that an import could see.

    Args:
        before: Names of modules that need not be told.
        roots: What belongs to the project.
        reporter: Where the names are told, all of them each time, since reports may overtake each other.
    """

    def __init__(self, before: frozenset[str], roots: Roots, reporter: Reporter) -> None:
        self._before = before
        self._roots = roots
        self._reporter = reporter
        self._names: list[str] = []
        self._seen: set[tuple[str, tuple[str, ...]]] = set()
        self._own: dict[str, bool] = {"__main__": True}
        self._import = builtins.__import__
        self._state = _visible_state()

    def install(self) -> None:
        """Start recording."""
        builtins.__import__ = self.import_module

    def import_module(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Do what ``builtins.__import__`` does, and take a note if it is the step's own code that imports."""
        if level != 0 or not self._is_own(globals):
            return self._import(name, globals, locals, fromlist or (), level)
        key = (name, tuple(fromlist or ()))
        if key in self._seen:
            return self._import(name, globals, locals, fromlist or (), level)
        if _visible_state() != self._state:
            if builtins.__import__ == self.import_module:
                builtins.__import__ = self._import
            return self._import(name, globals, locals, fromlist or (), level)
        module = self._import(name, globals, locals, fromlist or (), level)
        self._seen.add(key)
        self._note(name, key[1])
        return module

    def _note(self, name: str, parts: tuple[str, ...]) -> None:
        told, found = len(self._names), False
        for candidate in (name, *(f"{name}.{part}" for part in parts)):
            module = sys.modules.get(candidate)
            if module is None or self._roots.find(_file_of(module)) is not None:
                continue
            found = True
            if candidate not in self._before and candidate not in self._names and _has_origin(module):
                self._names.append(candidate)
        if found:
            self._state = _visible_state()
        if len(self._names) > told:
            self._reporter.send(type="touched", early_imports=self._names)

    def _is_own(self, scope: Mapping[str, Any] | None) -> bool:
        """Whether the code with these globals is the step's script or a module of the project."""
        name = scope.get("__name__") if scope else None
        if not isinstance(name, str):
            return False
        own = self._own.get(name)
        if own is None:
            file = scope.get("__file__") if scope else None
            own = self._own[name] = isinstance(file, str) and self._roots.find(file) is not None
        return own


def _import_quietly(name: str) -> bool:
    """Import a module; return whether it could be. Foreign code may raise anything; the step meets the error itself."""
    try:
        __import__(name)
    except (Exception, SystemExit):
        return False
    return True


def _file_of(module: object) -> str:
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else ""


def _has_origin(module: object) -> bool:
    return getattr(module, "__spec__", None) is not None


def _visible_state() -> tuple[object, ...]:
    """Return a copy of all that a module can see of what the step did before it was imported."""
    try:
        folder = os.getcwd()
    except OSError:
        folder = ""
    return dict(os.environ), folder, list(sys.path), list(sys.meta_path), list(sys.path_hooks)
