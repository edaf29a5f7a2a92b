"""The command palette: what is possible now, with its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from orchest_tui.commands import ALL
from orchest_tui.ui.bindings import shown_key

if TYPE_CHECKING:
    from orchest_tui.ui.app import OrchestApp

_GROUPS_WITHOUT_ENTRY = ("move.", "text.", "notebook.", "log.", "map.")
"""Moving about is for keys."""


class CommandProvider(Provider):
    """Offers the app's commands."""

    def _entries(self) -> Iterator[tuple[str, Callable[[], None], str]]:
        """Yield name, what does it, and help."""
        app = cast("OrchestApp", self.app)
        situation = app.situation()
        for command in ALL:
            if not command.refusal(situation) and not command.id.startswith(_GROUPS_WITHOUT_ENTRY):
                keys = " ".join(map(shown_key, app.keys[command.id]))
                name = f"{command.title}  ({keys})" if keys else command.title
                yield name, partial(app.action_command, command.id), command.tooltip()

    async def discover(self) -> Hits:
        """Yield every command."""
        for name, callback, tooltip in self._entries():
            yield DiscoveryHit(name, callback, help=tooltip)

    async def search(self, query: str) -> Hits:
        """Yield the commands that match."""
        matcher = self.matcher(query)
        for name, callback, tooltip in self._entries():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), callback, help=tooltip)
