"""A pipeline whose file can't be used: what is wrong with it, an editor to mend it, and an eye on the file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Static

from orchest_tui.commands.command import Scope
from orchest_tui.engine.opened import read_definition
from orchest_tui.errors import InvalidProjectError, OrchestTuiError, Problem
from orchest_tui.terminal_text import plain
from orchest_tui.ui.bindings import bindings_of, shown_key
from orchest_tui.ui.detail.properties import problem_lines
from orchest_tui.ui.outside import edit_file
from orchest_tui.ui.text_view import TextView

if TYPE_CHECKING:
    from pathlib import Path

    from orchest_tui.engine.target import Target

_LOOK_SECONDS = 0.3
_LINE = re.compile(r"\bline (\d+)")
_INDEX = re.compile(r"\[\d+\]$")
_HINTS = (("step.edit", "edit the file"), ("app.pipelines", "other pipelines"), ("app.quit", "quit"))


class BrokenDefinition(Screen[bool]):
    """Shows why a pipeline's file can't be used; returns True as soon as it can.

    Args:
        target: The pipeline.
        problems: What is wrong.
        keys: Every command's keys in force.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in bindings_of(Scope.PIPELINE) if binding.id == "view.back"
    ]
    DEFAULT_CSS = """
    BrokenDefinition #head { background: $panel; text-style: bold; height: 1; padding: 0 1; }
    BrokenDefinition TextView { height: 1fr; padding: 1 2; }
    BrokenDefinition #foot { background: $panel; color: $text-muted; height: 1; }
    """

    def __init__(self, target: Target, problems: Sequence[Problem], keys: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self._target = target
        self._problems = tuple(problems)
        self._keys = keys
        self._stamp = _stamp(target.path)
        self._edited = False

    def compose(self) -> ComposeResult:
        """Make the title, the problems and the keys."""
        target = self._target
        yield Static(plain(f"{target.project_dir.name} ▸ {target.path.name}: can't be used"), id="head", markup=False)
        yield TextView()
        yield Static(id="foot")

    def on_mount(self) -> None:
        """Show the problems and look after the file."""
        self._show()
        self.query_one(TextView).focus()
        self.set_interval(_LOOK_SECONDS, self._look)

    def on_resize(self) -> None:
        """Wrap the problems to the new width."""
        self._show()

    def _show(self) -> None:
        width = max(20, self.app.size.width - 4)
        lines = [line for problem in self._problems for line in (*problem_lines([problem]), Text(""))]
        lines.append(Text("The pipeline opens as soon as the file is mended, here or elsewhere.", "dim"))
        wrapped = [part for line in lines for part in (line.wrap(self.app.console, width) or [Text("")])]
        self.query_one(TextView).show(wrapped)
        self.query_one("#foot", Static).update(self._hints())

    def _hints(self) -> Text:
        """Return the keys that matter here, as many as there is room for."""
        foot = Text(no_wrap=True)
        for command, words in _HINTS:
            keys = self._keys[command]
            hint = Text.assemble((f" {shown_key(keys[0])}", "bold"), f" {words} ") if keys else Text()
            if foot.cell_len + hint.cell_len <= self.app.size.width:
                foot.append_text(hint)
        return foot

    async def _look(self) -> None:
        """Read the file again where it was saved, and end where it can be used."""
        stamp = _stamp(self._target.path)
        if stamp == self._stamp or self._edited:  # the editor keeps the terminal until it ends
            return
        self._stamp = stamp
        try:
            await asyncio.to_thread(read_definition, self._target.project_dir, self._target.path)
        except InvalidProjectError as error:
            self._problems = error.problems
            self._show()
        else:
            self.dismiss(True)

    def action_command(self, command_id: str) -> None:
        """Edit the file; nothing else can be done with it."""
        if command_id == "step.edit":
            self.run_worker(self._edit(), group="edit")

    async def _edit(self) -> None:
        path = self._target.path
        self._edited = True
        try:
            await edit_file(self.app, path, line_of(self._problems, path))
        except OrchestTuiError as error:
            self.notify(plain(str(error)), severity="error", markup=False, timeout=8)
        finally:
            self._edited = False


def line_of(problems: Sequence[Problem], path: Path) -> int | None:
    """Return the line of a pipeline's file at which the first problem with a place is, None where that is not known.

    Args:
        problems: What is wrong with it.
        path: The file.
    """
    for problem in problems:
        if found := _LINE.search(problem.place):
            return int(found[1])
        names = [name for name in problem.place.split(".") if name]
        if not names:
            continue
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return None
        return _follow(names, lines)
    return None


def _follow(names: Sequence[str], lines: Sequence[str]) -> int | None:
    """Return the line (from 1) of the last of nested keys, as far as they are found one below the other."""
    line = 0
    for name in names:
        key = re.compile(rf'"{re.escape(_INDEX.sub("", name))}"\s*:')
        line = next((place for place in range(line, len(lines)) if key.search(lines[place])), line)
    return line + 1 if line else None


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
