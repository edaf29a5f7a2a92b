"""Leaving the app, for good or for a while: what becomes of a run that goes on is asked, and seen to."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Literal

from orchest_tui.engine.background import go_on_in_background
from orchest_tui.ui.outside import until_terminal_is_back
from orchest_tui.ui.screens.dialogs import Answer, Ask

if TYPE_CHECKING:
    from orchest_tui.ui.app import OrchestApp
    from orchest_tui.ui.session import Session

_Fate = Literal["leave", "stop", "stay"]
_TERMINATED = 143
"""Exit code of a process that ended since it was sent SIGTERM, as shells have it."""


class Leaving:
    """Closes what is open before the app ends, or before another pipeline is opened.

    Args:
        app: The app.

    Attributes:
        handed_over: Whether the app ends since another process took the pipeline over.
    """

    def __init__(self, app: OrchestApp) -> None:
        self._app = app
        self._stopping: Session | None = None
        self.handed_over = False

    def quit_soon(self) -> None:
        """Quit, after a question where a run goes on; while it is being stopped, end it at once."""
        if self._stopping is not None:
            self._stopping.stop(at_once=True)
        else:
            self._app.run_worker(self.quit(), exclusive=True, group="app")

    async def quit(self) -> None:
        """Close the pipeline and end, unless the user would rather stay."""
        if await self.close_session():
            self._app.exit(0)

    async def close_session(self) -> bool:
        """Close the pipeline; return False where the user would rather stay."""
        session = self._app.session
        if session is None:
            return True
        fate: _Fate = "leave"
        if session.running and not session.read_only:
            answers: list[Answer[_Fate]] = [
                Answer("leave it running", "leave", "It goes on to its end by itself; the next start takes it over."),
                Answer("stop it", "stop", "Every step of the run is stopped."),
                Answer("stay here", "stay"),
            ]
            chosen = await self._app.push_screen_wait(Ask("A run goes on", answers))
            fate = chosen or "stay"
        if fate == "stay":
            return False
        if fate == "stop":
            await self._stop(session)
        else:
            await self._leave(session)
        return True

    async def _stop(self, session: Session) -> None:
        """Close the pipeline and end its run; steps have their grace to do so."""
        keys = self._app.keys["app.quit"]
        self._app.notify(f"Stopping the run; {keys[0]} again ends it at once." if keys else "Stopping the run.")
        self._stopping = session
        try:
            await session.close(stop=True)
        finally:
            self._stopping = None

    async def _leave(self, session: Session) -> None:
        """Close the pipeline; a run that goes on is left to a process of its own."""
        goes_on = session.is_open and session.running and not session.read_only
        await session.close(stop=False)
        if goes_on:
            with contextlib.suppress(OSError):  # no process to be had: then the next start goes on with the run
                await asyncio.to_thread(go_on_in_background, session.target)

    async def terminate(self) -> None:
        """Leave since the process is told to end: whatever runs goes on."""
        if self._app.session is not None:
            await self._leave(self._app.session)
        await until_terminal_is_back()
        self._app.exit(_TERMINATED)

    async def hand_over(self) -> None:
        """Leave the pipeline, and what runs in it, to the process that asked for it, and end."""
        session = self._app.session
        if session is None or session.read_only:
            return
        await session.close(stop=False)
        self.handed_over = True
        await until_terminal_is_back()
        self._app.exit(0)

    async def suspend(self) -> None:
        """Give the shell the terminal, after a question while a run goes on."""
        session = self._app.session
        if session is not None and session.is_open and session.running and not session.read_only:
            answers = [
                Answer("stay", False, "Quitting instead leaves the run to go on by itself."),
                Answer("suspend", True, "Steps that run go on, but no other one starts before fg brings this back."),
            ]
            if not await self._app.push_screen_wait(Ask("A run goes on", answers)):
                return
        self._app.action_suspend_process()
