"""Watching the engine's state: ten looks a second, and every pane is handed what changed.

Over a slow link nothing is handed on while the terminal is busy: the next look after that shows the newest state.
Where nothing happens for a while there is one look a second, until the engine has something to tell.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.timer import Timer

from orchest_tui.engine.state import StepView, ViewState
from orchest_tui.human import human_seconds
from orchest_tui.terminal_text import plain
from orchest_tui.ui.pipeline.holder_watch import HolderWatch
from orchest_tui.ui.terminal_link import terminal_is_busy
from orchest_tui.ui.themes.status import look_of_status

if TYPE_CHECKING:
    from orchest_tui.ui.pipeline.screen import PipelineScreen
    from orchest_tui.ui.pipeline.tree_actions import TreeController

_TICK = 0.1
"""Seconds between two looks at the engine's state."""

_TICKS_A_SECOND = 10

_QUIET_AFTER = 2
"""Seconds without news, and without a run, after which it is quiet."""

_USAGE_EVERY = 10
"""Seconds between two questions about the output cache where nothing happens."""


class StateWatch:
    """Compares the view state with what its screen shows, by identity.

    Args:
        screen: The pipeline's screen.
        tree: The tree's controller, which needs the definition.

    Attributes:
        seen: The state that is shown; an empty one before the first look.
        resting: Whether there is one look a second only, since nothing happens.
    """

    def __init__(self, screen: PipelineScreen, tree: TreeController) -> None:
        self.seen = ViewState()
        self._screen = screen
        self._tree_controller = tree
        self._looked = False
        self._ticks = 0
        self._quiet_seconds = 0
        self._usage_in = 0
        self._usage_of: ViewState | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clock: Timer | None = None
        self._quiet_clock: Timer | None = None
        self.resting = False
        self._holder_watch = HolderWatch(screen)

    def begin(self) -> None:
        """Show the open pipeline, and from now on what changes."""
        self._look()
        self._holder_watch.look()
        self._loop = asyncio.get_running_loop()
        self._clock = self._screen.set_interval(_TICK, self.tick)
        self._quiet_clock = self._screen.set_interval(1.0, self._tick_quietly, pause=True)
        self._screen.session.listen(self._hear)

    def tick(self) -> None:
        """Look for news; once a second let the clocks of what runs go on."""
        screen, session = self._screen, self._screen.session
        if not session.is_open:
            return
        self._ticks += 1
        second = self._ticks >= _TICKS_A_SECOND
        news = session.state is not self.seen
        if not (second or news) or terminal_is_busy(screen.app):
            return
        self._look()
        if news:
            self._quiet_seconds = 0
        if not second:
            return
        self._ticks = 0
        self._look_at_machine()
        if session.running:
            screen.step_tree.refresh_running()
            screen.header.refresh(layout=False)
            self._quiet_seconds = 0
        self._quiet_seconds += 1
        if self._quiet_seconds > _QUIET_AFTER:
            self._rest()

    # -- waking and resting -------------------------------------------------------------------------------------

    def _tick_quietly(self) -> None:
        self._ticks = _TICKS_A_SECOND
        self.tick()

    def _rest(self) -> None:
        """Look once a second from now on."""
        if self.resting or self._clock is None or self._quiet_clock is None:
            return
        self.resting = True
        self._clock.pause()
        self._quiet_clock.resume()
        if self._screen.session.state is not self.seen:  # it was told just before one listened for it
            self._wake()

    def _wake(self) -> None:
        """Look often again: something happened."""
        if self.resting and self._clock is not None and self._quiet_clock is not None:
            self.resting = False
            self._quiet_seconds = 0
            self._quiet_clock.pause()
            self._clock.resume()

    def _hear(self) -> None:
        """Take in that the engine has something to tell; on its thread."""
        if self.resting and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody looks any more
                self._loop.call_soon_threadsafe(self._wake)

    # -- looking ------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        screen = self._screen
        state, before = screen.session.state, self.seen if self._looked else None
        if state is before:
            return
        self.seen, self._looked = state, True
        self._take_run(state)
        if before is None or state.definition != before.definition:
            self._take_definition(state)
        else:
            screen.step_tree.set_steps(state.steps)
        if screen.has_class("-map"):
            screen.step_map.show_steps(state.steps)
        screen.header.set_state(state)
        screen.header.set_facts(broken=bool(state.broken))
        self._tell_notices(state, before)
        self._tell_end(state, before)
        cursor = screen.step_tree.cursor
        if before is None or (cursor is not None and _differ(state.steps.get(cursor), before.steps.get(cursor))):
            screen.detail.refresh_tab()
        screen.detail.take_state(screen.session)
        screen.update_footer()

    def _take_run(self, state: ViewState) -> None:
        """Let the tree know which run goes on, and which environments are being made ready."""
        tree = self._screen.step_tree
        number = state.run.number if state.run is not None and state.run.finished is None else None
        preparing = frozenset(state.environments)
        if (number, preparing) != (tree.run_going_on, tree.preparing):
            tree.run_going_on, tree.preparing = number, preparing
            tree.refresh()

    def _take_definition(self, state: ViewState) -> None:
        """Hand another definition to all who show it."""
        screen, opened = self._screen, self._screen.session.opened
        self._tree_controller.pipeline = opened.pipeline
        screen.step_tree.problems = {
            problem.step: problem.what for problem in reversed(opened.problems) if problem.step and problem.is_error
        }
        screen.step_tree.set_pipeline(opened.pipeline, state.steps)
        screen.divide(screen.size.width)
        if screen.has_class("-map"):
            screen.draw_map()
        screen.header.set_facts(pipeline=opened.pipeline.name, problems=len(opened.problems))
        screen.detail.refresh_tab()

    def _tell_notices(self, state: ViewState, before: ViewState | None) -> None:
        """Tell what the engine had to say since the last look."""
        old = set(map(id, before.notices)) if before else set()
        for notice in state.notices:
            if id(notice) not in old:
                severity = "information" if notice.level == "info" else notice.level
                self._screen.notify(plain(notice.text), severity=severity, markup=False)

    def _tell_end(self, state: ViewState, before: ViewState | None) -> None:
        """Ring when a long run ends that nobody looks at."""
        run, old = state.run, before.run if before else None
        if run is None or run.finished is None or before is None:
            return
        if old is not None and old.number == run.number and old.finished is not None:
            return
        settings = self._screen.session.target.settings
        if settings.bell_after and run.finished - run.started >= settings.bell_after:
            look, pipeline = look_of_status(run.status), self._screen.header.facts.pipeline
            words = f"{look.sign(unicode=False)} {pipeline}: run {run.number} {look.word}"
            text = f"{words} after {human_seconds(run.finished - run.started)}"
            self._screen.attention.call(text, settings.attention)

    def _look_at_machine(self) -> None:
        """Show what runs steps, and ask how full the output cache is; seldom where it can't have changed."""
        session, header = self._screen.session, self._screen.header
        header.set_facts(executor=session.executor_name, spares=session.warm_spares)
        self._usage_in -= 1
        if self._usage_in <= 0 or session.running or self._usage_of is not session.state:
            self._usage_in, self._usage_of = _USAGE_EVERY, session.state
            # A callable: a worker that is replaced before it starts leaves no coroutine behind.
            self._screen.run_worker(self._look_at_cache, exclusive=True, group="machine")  # type: ignore[arg-type]
        self._holder_watch.look()

    async def _look_at_cache(self) -> None:
        session = self._screen.session
        if session.is_open:
            usage = await session.usage()
            self._screen.header.set_facts(memory=usage.memory_bytes, budget=usage.budget)


def _differ(step: StepView | None, before: StepView | None) -> bool:
    """Return whether a step changed in more than what it uses, which no tab shows."""
    if step is before or step is None or before is None:
        return step is not before
    return replace(step, cpu=before.cpu, memory=before.memory) != before
