"""The themes of a running app: registered, chosen, and read again when their files are saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App

from orchest_tui.errors import Problem
from orchest_tui.project.spelling import nearest
from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.themes.files import LoadedThemes, ThemeFile, ThemeWatch, load_themes, packaged_folder, user_folder
from orchest_tui.ui.themes.keys import OWN_VARIABLES

DEFAULT = "orchest-dark"
PLAIN = "terminal-16"
LOOK_EVERY = 1.0
"""Seconds between looks at the theme files."""


def variable_defaults() -> dict[str, str]:
    """Return values of this program's own variables for themes that do not know them.

    For ``App.get_theme_variable_defaults``: style sheets that use them must parse with every theme.
    """
    return dict.fromkeys(OWN_VARIABLES, "ansi_default")


class ThemeShelf:
    """Puts the themes into an app and keeps them up to date.

    Args:
        app: The app.
        wanted: The setting ``theme``.
        abilities: What the terminal can show; few colours take the terminal's own instead of the default theme.
        tell: Receives all that is wrong with the theme files, once for each change.
        folders: The program's and the user's themes; by default where they belong.
    """

    def __init__(
        self,
        app: App[Any],
        wanted: str,
        abilities: Abilities,
        tell: Callable[[tuple[Problem, ...]], None],
        folders: tuple[Path, Path] | None = None,
    ) -> None:
        self._app = app
        self._wanted = PLAIN if wanted == DEFAULT and abilities.colours in ("none", "16") else wanted
        self._tell = tell
        self._folders = folders or (packaged_folder(), user_folder())
        self._watch = ThemeWatch(self._folders)
        self._loaded = LoadedThemes({}, ())

    @property
    def themes(self) -> tuple[ThemeFile, ...]:
        """All themes, by name."""
        return tuple(self._loaded.themes[name] for name in sorted(self._loaded.themes))

    @property
    def current(self) -> ThemeFile | None:
        """The theme in force; None for one of Textual's."""
        return self._loaded.themes.get(self._app.theme)

    def install(self) -> None:
        """Read the themes, take the wanted one, and look for changes from now on."""
        problems = self._load()
        if self._wanted in self._app.available_themes:
            self._app.theme = self._wanted
        else:
            problems += (self._unknown(),)
            self._app.theme = DEFAULT
        if problems:
            self._tell(problems)
        self._app.set_interval(LOOK_EVERY, self.reload_if_changed)

    def reload_if_changed(self) -> None:
        """Read the themes again if a file changed; the app is drawn anew only if its own theme did."""
        if not self._watch.changed():
            return
        before = self.current
        problems = self._load()
        if self.current is None and before is not None:
            self._app.theme = DEFAULT
        elif self.current is not None and (before is None or before.theme != self.current.theme):
            # The name is the same: assigning it again would be no change.
            self._app.mutate_reactive(App.theme)
        if problems:
            self._tell(problems)

    def _load(self) -> tuple[Problem, ...]:
        """Register the themes; one that is gone or broken goes, but one in force that broke stays as it was."""
        before = self._loaded.themes
        loaded = load_themes(*self._folders)
        themes = dict(loaded.themes)
        current = before.get(self._app.theme)
        if current is not None and current.name not in themes and current.path.exists():
            themes[current.name] = current
        for name in before.keys() - themes.keys():
            self._app.unregister_theme(name)
        for name, file in themes.items():
            if name not in before or before[name].theme != file.theme:
                self._app.register_theme(file.theme)
        self._loaded = LoadedThemes(themes, loaded.problems)
        return loaded.problems

    def _unknown(self) -> Problem:
        known = self._app.available_themes
        close = nearest(self._wanted, known)
        mend = f"Write {close}" if close else f"Name one of {', '.join(sorted(self._loaded.themes))}"
        return Problem("settings", "theme", f"there is no theme {self._wanted}", mend, "warning", "unknown-theme")
