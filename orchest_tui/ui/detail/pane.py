"""The pane with one step's tabs; a tab's content is made when it is looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from orchest_tui.commands.command import Scope
from orchest_tui.ui.bindings import bindings_of
from orchest_tui.ui.choice_list import ChoiceList
from orchest_tui.ui.detail.logs import StepLogView
from orchest_tui.ui.detail.params import ParamsPane
from orchest_tui.ui.detail.reading_tabs import ReadingTabs
from orchest_tui.ui.detail.runs import RunsPane
from orchest_tui.ui.detail.tab_line import hint_line, tab_line, title_of
from orchest_tui.ui.pictures import Gallery
from orchest_tui.ui.pins import PinnedLog, Pins
from orchest_tui.ui.reader import Reader
from orchest_tui.ui.reading_view import ReadingView

if TYPE_CHECKING:
    from orchest_tui.ui.session import Session

TABS = ("logs", "data", "source", "params", "runs", "properties")

_QUICK = 0.1
"""Seconds between two steps below which the first of them is passed over: one holds a key."""

_ROOMY = 50
"""Columns from which the tabs' names stand in the border whole."""
_FILE_TICK = 1.0
"""Seconds between two looks at the file that is shown."""


class DetailPane(Vertical):
    """One step's tabs.

    Args:
        unicode: Whether the terminal has more than ASCII.
        gallery: Makes lines of pictures.
        syntax: Returns the Pygments style in force.
        run_key: The key that runs a step; empty for none.
        tab_keys: Which keys lead about: beside the tree, and where the pane has the whole screen.
    """

    DEFAULT_CSS = """
    DetailPane { border: round $border-blurred; border-title-align: left; }
    DetailPane:focus-within { border: round $border; }
    DetailPane ContentSwitcher, DetailPane ContentSwitcher > * { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in bindings_of(Scope.TREE) if binding.id == "step.open"
    ]

    class TabShown(Message):
        """Another tab is shown."""

    def __init__(
        self,
        *,
        unicode: bool,
        gallery: Gallery,
        syntax: Callable[[], str],
        run_key: str = "",
        tab_keys: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__(id="detail")
        self.tab = TABS[0]
        self.step: str | None = None
        self.step_log = StepLogView(run_key=run_key, id="logs")
        self.pins = Pins(run_key=run_key)
        self._titles = ("", "")
        self._moved = 0.0
        self._later: Timer | None = None
        self._tab_keys = tab_keys
        self._unicode = unicode
        self.reading = ReadingTabs(unicode=unicode, gallery=gallery, syntax=syntax)
        self._session: Session | None = None

    def compose(self) -> ComposeResult:
        """Make the tabs."""
        with ContentSwitcher(initial="logs"):
            yield self.step_log
            yield ParamsPane(id="params")
            yield RunsPane(unicode=self._unicode, id="runs")
            yield from self.reading.widgets()
        yield self.pins

    def on_mount(self) -> None:
        """Show the tabs' names, and from now on what somebody else writes into the file that is shown."""
        self._retitle()

        def look() -> None:
            if self.reading.file_changed(self.shown):
                self.refresh_tab()

        self.set_interval(_FILE_TICK, look)

    @on(events.Resize)
    def fit(self) -> None:
        """Write the tabs' names as they fit, share the rows, and break lines anew."""
        self._retitle()
        self.share_rows()
        if self.tab == "data":
            self.refresh_tab()

    def on_descendant_focus(self) -> None:
        """Let the pinned log that has the focus grow."""
        self.share_rows()

    def on_descendant_blur(self) -> None:
        """Let a pinned log shrink that has the focus no longer."""
        self.call_later(self.share_rows)  # the focus may go on to another widget of the same log

    def share_rows(self) -> None:
        """Share the rows between tab and pinned logs."""
        whole = self.screen.has_class("-full")
        self._retitle()
        self.pins.share_rows(self.content_size.height, whole=whole)
        self.query_one(ContentSwitcher).display = not (whole and self.pins.focused)

    def set_session(self, session: Session) -> None:
        """Take the open pipeline."""
        self._session = session
        self.query_one(ParamsPane).read_only = session.read_only

    def show_step(self, step: str | None, *, marking: bool = False, at_once: bool = False) -> None:
        """Show another step, in the same tab; of those that are passed quickly none but the last.

        That leaves a merge, unless the cursor went on since a step was marked (``marking``). ``at_once``: not even
        the last one waits.
        """
        if step == self.step:
            if at_once and self._later is not None:
                self._end_waiting()
                self.refresh_tab()
            return
        self.step = step
        if not marking:
            self.step_log.merged_steps = ()
        moved, self._moved = self._moved, time.monotonic()
        self._end_waiting()
        if self._moved - moved < _QUICK and not at_once:
            self._later = self.set_timer(_QUICK, self.refresh_tab)
        else:
            self.refresh_tab()

    def _end_waiting(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None

    def show_tab(self, tab: str) -> None:
        """Show another tab; the focus stays in the pane where it was there."""
        had_focus = self.has_focus_within
        self.tab = tab
        self._switch()
        self.refresh_tab()
        if had_focus:
            self.focus_tab()
        self.post_message(self.TabShown())

    @property
    def shown(self) -> str:
        """The id of the widget that is shown: the tab's, but ``notebook`` in the tab ``source`` of a notebook."""
        return self.reading.shown(self.tab, self._session, self.step)

    def _switch(self) -> None:
        """Bring the widget to the front that is to be shown; it has the focus where the one before had it."""
        switcher = self.query_one(ContentSwitcher)
        if switcher.current != self.shown:
            had_focus = switcher.has_focus_within
            switcher.current = self.shown
            if had_focus:
                self.focus_tab()

    def turn(self, places: int) -> None:
        """Go some tabs to the right, or to the left where ``places`` is negative."""
        self.show_tab(TABS[(TABS.index(self.tab) + places) % len(TABS)])

    def focus_tab(self) -> None:
        """Give the shown tab the focus."""
        self.query_one(ContentSwitcher).display = True
        pane = self.query_one(f"#{self.shown}", Widget)
        target = pane.query_one(ChoiceList) if self.tab in {"params", "runs"} else pane
        if isinstance(target, StepLogView | Reader):
            target.focus()
        else:
            self.screen.set_focus(target)  # at once: the next key may be on its way already

    def refresh_tab(self) -> None:
        """Make the content of the shown tab again."""
        self._retitle()
        if self._session is None or not self._session.is_open:
            return
        if self.tab == "logs":
            if self.step is not None:
                self.step_log.show_step(self._session, self.step)
        else:
            # A callable: a worker that is replaced before it starts leaves no coroutine behind.
            fill = partial(self._fill, self._session)
            self.run_worker(fill, exclusive=True, group="detail")  # type: ignore[arg-type]

    async def _fill(self, session: Session) -> None:
        step, pipeline = self.step, session.opened.pipeline
        if step is None or step not in pipeline.steps:
            return
        self._switch()
        match self.tab:
            case "params":
                self.query_one(ParamsPane).show(pipeline, step)
            case "runs":
                self.query_one(RunsPane).show(session.history, step)
            case _:
                await self.reading.fill(self.shown, session, step)

    # -- logs ---------------------------------------------------------------------------------------------------

    @property
    def log_has_focus(self) -> bool:
        """Whether the focus is in a log: the tab's, or a pinned one."""
        return self.step_log.has_focus_within or self.pins.focused is not None

    def take_state(self, session: Session) -> None:
        """Let the logs follow newer runs."""
        if self.tab == "logs" and self.step_log.step == self.step:
            self.step_log.take_state()
        self.pins.take_state(session)

    def pin(self, number: int, step: str | None) -> bool:
        """Pin a step's log, or that of the focused pinned log, to a pane; there already, take it away.

        Returns:
            Whether a pinned log with the focus is gone.
        """
        focused = self.pins.focused
        step = focused.step if focused is not None else step
        if step is not None and self._session is not None:
            self.pins.pin(self._session, number, step, wrap=self.step_log.wrapped)
            self.call_after_refresh(self.share_rows)
        return focused is not None and focused not in self.pins.logs

    def take_marks(self, steps: Sequence[str]) -> None:
        """Let a merge be of other steps; fewer than two leave it as it is."""
        if self.step_log.merged_steps and len(steps) > 1:
            self.step_log.merge(steps)

    def panes(self) -> list[tuple[Widget, Callable[[], object]]]:
        """Return what the focus can go to, from the top, each with what gives it the focus."""
        return [
            (self.query_one(ContentSwitcher), self.focus_tab),
            *((log, partial(self.focus_pin, log)) for log in self.pins.logs),
        ]

    def focus_pin(self, log: PinnedLog) -> None:
        """Give a pinned log the focus, be it folded or out of sight."""
        log.display = True
        log.focus()

    @on(ReadingView.StatusChanged)
    def _retitle(self) -> None:
        """Write the tabs' names into the border, the shown one in brackets and bold; below, what a search found.

        Where nothing is searched for the keys that change between the tabs stand there. A pane that is alone on the
        screen begins with the step's title.
        """
        whole = self.screen.has_class("-full")
        names = {tab: tab.capitalize() for tab in TABS}
        names["source"] = self.reading.shown("source", self._session, self.step).capitalize()
        if self.outer_size.width < _ROOMY:
            names["properties"] = "Props"
        focused = self.query_one(ContentSwitcher).has_focus_within
        alone = whole or self.screen.has_class("-narrow")
        title = title_of(self._session, self.step) if alone else ""
        line = tab_line(names, self.tab, title, self.outer_size.width, unicode=self._unicode)
        titles = (
            line,
            self.reading.status(self.shown) or hint_line(self.tab, self._tab_keys, focused=focused, whole=whole),
        )
        if titles != self._titles:
            self._titles = titles
            self.border_title, self.border_subtitle = titles

    def on_runs_pane_opened(self, event: RunsPane.Opened) -> None:
        """Show the log of an old run."""
        event.stop()
        self.show_tab("logs")
        self.step_log.show_run(event.run)
