"""Opening a pipeline: what is asked where it can't simply be opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from orchest_tui.engine.lock import PipelineBusyError
from orchest_tui.errors import InvalidProjectError, OrchestTuiError
from orchest_tui.terminal_text import plain
from orchest_tui.ui.engine_session import EngineSession
from orchest_tui.ui.screens.broken import BrokenDefinition
from orchest_tui.ui.screens.dialogs import Answer, Ask

if TYPE_CHECKING:
    from orchest_tui.engine.lock import Holder
    from orchest_tui.engine.target import Target
    from orchest_tui.ui.app import OrchestApp
    from orchest_tui.ui.session import Session

Way = Literal["open", "take over", "look on"]
_Choice = Literal["take over", "look on", "again", "others", "quit"]

_LOOK_ON: Answer[_Choice] = Answer(
    "look on", "look on", "Read-only: steps, logs and data as they come; nothing can be changed."
)
_OTHERS: Answer[_Choice] = Answer("another pipeline", "others", "Choose another pipeline of the project.")
_QUIT: Answer[_Choice] = Answer("quit", "quit")


async def open_session(app: OrchestApp, target: Target, way: Way = "open") -> Session | Literal["others"] | None:
    """Open a pipeline in the way that the user chooses where there is a choice.

    Args:
        app: The app; its ``session`` is the one that is being opened all the time.
        target: What to open.
        way: How to begin.

    Returns:
        The open session; None to quit, ``others`` to choose another pipeline.
    """
    told = ""
    while True:
        session = _session(target, way)
        app.session = session
        choice: _Choice | None
        try:
            await session.open()
        except PipelineBusyError as error:
            if error.holder.attended:
                choice = await app.push_screen_wait(_busy_dialog(error))
            else:
                # Nobody sits before it: its terminal is gone, or its user left the run to it. Now one has come back.
                told = f"Taken over from {_short(error.holder)}, which looked after the run alone."
                choice = "take over"
        except InvalidProjectError as error:
            mended = await app.push_screen_wait(BrokenDefinition(target, error.problems, app.keys))
            choice = "again" if mended else "quit"
        except OrchestTuiError as error:
            choice = await app.push_screen_wait(_failure_dialog(target, error, looked_on=way == "look on"))
        else:
            if told:
                app.notify(told, markup=False, timeout=8)
            return session
        if choice in {None, "quit"}:
            return None
        if choice == "others":
            return "others"
        if choice != "again":
            way = "look on" if choice == "look on" else "take over"


def _session(target: Target, way: Way) -> Session:
    """Return a session that is not open yet; what is needed for looking on only is imported only then."""
    if way != "look on":
        return EngineSession(target, take_over=way == "take over")
    from orchest_tui.ui.looking_on import LookingOn

    return LookingOn(target)


async def ask_how_to_open_here(app: OrchestApp, holder: Holder) -> bool:
    """Ask whether to take a pipeline over that is looked at."""
    answers = [
        Answer("go on looking", False),
        Answer("take over", True, "Steps that run go on, here; the other process ends and says so."),
    ]
    question: Ask[bool] = Ask("Open it here", answers, text=f"It is open in {plain(holder.words)}.")
    chosen = await app.push_screen_wait(question)
    return chosen is True


def _short(holder: Holder) -> str:
    return f"process {holder.pid} on {plain(holder.host)}"


def _busy_dialog(error: PipelineBusyError) -> Ask[_Choice]:
    take_over: Answer[_Choice] = Answer(
        "take over", "take over", "Steps that run go on, here; the other process ends and says so."
    )
    return Ask(
        f"{plain(error.pipeline)} is open elsewhere",
        [_LOOK_ON, take_over, _OTHERS, _QUIT],
        text=f"It is open in {plain(error.holder.words)}.",
        escape="quit",
    )


def _failure_dialog(target: Target, error: OrchestTuiError, *, looked_on: bool) -> Ask[_Choice]:
    again: Answer[_Choice] = Answer("try again", "again")
    answers = [again, *([] if looked_on else [_LOOK_ON]), _OTHERS, _QUIT]
    return Ask(f"{plain(target.path.name)} can't be opened", answers, text=plain(str(error)), escape="quit")
