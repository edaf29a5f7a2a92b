"""The pane with one step's tabs; a tab's content is made when it is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from orchest_tui.commands.command import Scope
from orchest_tui.project.layout import state_dir
from orchest_tui.terminal_text import plain
from orchest_tui.ui.bindings import bindings_of
from orchest_tui.ui.choice_list import ChoiceList
from orchest_tui.ui.detail.data import output_lines
from orchest_tui.ui.detail.params import ParamsPane
from orchest_tui.ui.detail.properties import property_lines
from orchest_tui.ui.detail.runs import RunsPane
from orchest_tui.ui.detail.source import source_lines
from orchest_tui.ui.log import LogView, ViewedLog
from orchest_tui.ui.text_view import TextView

if TYPE_CHECKING:
    from orchest_tui.ui.session import Session

TABS = ("logs", "data", "source", "params", "runs", "properties")


_ROOMY = 50
"""Columns from which the tabs' names stand in the border whole."""


class DetailPane(Vertical):
    """One step's tabs.

    Args:
        unicode: Whether the terminal has more than ASCII.
        pictures: Whether the terminal shows half blocks in colour.
        syntax: Returns the Pygments style in force.
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

    def __init__(self, *, unicode: bool, pictures: bool, syntax: Callable[[], str]) -> None:
        super().__init__(id="detail")
        self.tab = TABS[0]
        self.step: str | None = None
        self.log_run: int | None = None
        self._unicode = unicode
        self._pictures = pictures
        self._syntax = syntax
        self._session: Session | None = None

    def compose(self) -> ComposeResult:
        """Make the tabs."""
        with ContentSwitcher(initial="logs"):
            yield LogView(clip_file=state_dir() / "clip.txt", id="logs")
            yield TextView(id="data")
            yield TextView(id="source")
            yield ParamsPane(id="params")
            yield RunsPane(unicode=self._unicode, id="runs")
            yield TextView(id="properties")

    def on_mount(self) -> None:
        """Show the tabs' names."""
        self._retitle()

    def on_resize(self) -> None:
        """Write the tabs' names as they fit."""
        self._retitle()

    def set_session(self, session: Session) -> None:
        """Take the open pipeline."""
        self._session = session

    def show_step(self, step: str | None) -> None:
        """Show another step, in the same tab."""
        if step != self.step:
            self.step, self.log_run = step, None
            self.refresh_tab()

    def show_tab(self, tab: str) -> None:
        """Show another tab; the focus stays in the pane where it was there."""
        had_focus = self.has_focus_within
        self.tab = tab
        self.query_one(ContentSwitcher).current = tab
        self._retitle()
        self.refresh_tab()
        if had_focus:
            self.focus_tab()
        self.post_message(self.TabShown())

    def turn(self, places: int) -> None:
        """Go some tabs to the right, or to the left where ``places`` is negative."""
        self.show_tab(TABS[(TABS.index(self.tab) + places) % len(TABS)])

    def focus_tab(self) -> None:
        """Give the shown tab the focus."""
        pane = self.query_one(f"#{self.tab}", Widget)
        target = pane.query_one(ChoiceList) if self.tab in {"params", "runs"} else pane
        target.focus()

    def refresh_tab(self) -> None:
        """Make the content of the shown tab again."""
        if self._session is not None and self._session.is_open:
            # A callable: a worker that is replaced before it starts leaves no coroutine behind.
            fill = partial(self._fill, self._session)
            self.run_worker(fill, exclusive=True, group="detail")  # type: ignore[arg-type]

    async def _fill(self, session: Session) -> None:
        step, pipeline = self.step, session.opened.pipeline
        if step is None or step not in pipeline.steps:
            return
        definition = pipeline.steps[step]
        match self.tab:
            case "logs":
                self._show_log(session, [step])
            case "data":
                target = self.query_one("#data", TextView)
                entries = await session.outputs(step)
                target.show(output_lines(entries, target.size.width or 80, pictures=self._pictures))
            case "source":
                path = pipeline.step_path(definition, session.opened.data_dir)
                lines = await asyncio.to_thread(source_lines, path, self._syntax())
                self.query_one("#source", TextView).show(lines)
            case "params":
                self.query_one(ParamsPane).show(pipeline, step)
            case "runs":
                self.query_one(RunsPane).show(session.history, step)
            case _:
                lines = property_lines(step, pipeline, session.opened.environments, session.opened.problems)
                self.query_one("#properties", TextView).show(lines)

    def _show_log(self, session: Session, steps: Sequence[str]) -> None:
        """Show the log of one step, or those of several steps as one."""
        logs = []
        for step in steps:
            view = session.state.steps.get(step)
            run = (self.log_run if len(steps) == 1 else None) or (view.run if view else None)
            if run is not None:
                logs.append(ViewedLog(session.opened.layout.log_file(run, step), plain(view.title) if view else ""))
        log_view = self.query_one(LogView)
        if tuple(logs) != log_view.logs:
            log_view.show(logs, merged=len(logs) > 1)
        self._retitle()

    def merge_logs(self, steps: Sequence[str]) -> None:
        """Show the logs of several steps as one."""
        if self._session is not None and len(steps) > 1:
            self._show_log(self._session, steps)

    def _retitle(self) -> None:
        """Write the tabs' names into the border: the shown one in brackets and bold."""
        names = []
        for tab in TABS:
            name = "Props" if tab == "properties" and self.outer_size.width < _ROOMY else tab.capitalize()
            names.append(f"[b]\\[{name}][/]" if tab == self.tab else f"[@click=screen.show_tab('{tab}')]{name}[/]")
        self.border_title = " ".join(names)
        old = f"run {self.log_run}" if self.tab == "logs" and self.log_run else ""
        self.border_subtitle = plain(old)

    def on_runs_pane_opened(self, event: RunsPane.Opened) -> None:
        """Show the log of an old run."""
        event.stop()
        self.log_run = event.run
        self.show_tab("logs")
