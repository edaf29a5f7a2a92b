"""The tabs with text to read: Data, Source (of a notebook: Notebook), Properties. What they show is made here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widget import Widget

from orchest_tui.commands.command import Scope
from orchest_tui.project.layout import state_dir
from orchest_tui.ui.detail.data import output_lines
from orchest_tui.ui.detail.notebook_view import NotebookRun, NotebookView
from orchest_tui.ui.detail.properties import property_lines
from orchest_tui.ui.detail.source import failing_line, source_lines
from orchest_tui.ui.pictures import Gallery
from orchest_tui.ui.reader import Reader
from orchest_tui.ui.reading_view import ReadingView

if TYPE_CHECKING:
    from orchest_tui.project.definition import Step
    from orchest_tui.ui.session import Session


class ReadingTabs:
    """Makes and fills the readers.

    Args:
        unicode: Whether the terminal has more than ASCII.
        gallery: Makes lines of pictures.
        syntax: Returns the Pygments style in force.
    """

    def __init__(self, *, unicode: bool, gallery: Gallery, syntax: Callable[[], str]) -> None:
        self._gallery = gallery
        self._syntax = syntax
        self._notebook = NotebookView(gallery, unicode=unicode)
        self._readers = {
            tab: Reader(view, clip_file=state_dir() / "clip.txt", id=tab)
            for tab, view in (
                ("data", ReadingView(gallery)), ("source", ReadingView(gallery)), ("notebook", self._notebook),
                ("properties", ReadingView(gallery)),
            )
        }  # fmt: skip
        self._source: tuple[object, ...] = ()

    def shown(self, tab: str, session: Session | None, step: str | None) -> str:
        """Return the id of the widget that a tab shows of a step: its own, but ``notebook`` for a notebook's source."""
        if tab != "source" or session is None or not session.is_open:
            return tab
        definition = session.opened.pipeline.steps.get(step or "")
        return "notebook" if definition is not None and definition.suffix == "ipynb" else tab

    def widgets(self) -> Iterator[Widget]:
        """Yield every reader."""
        yield from self._readers.values()

    def scope(self, tab: str) -> Scope:
        """Return the scope of a tab's keys; ``tab`` may be any."""
        if tab not in self._readers:
            return Scope.TEXT
        return Scope.NOTEBOOK if tab == "notebook" else Scope.READING

    def status(self, tab: str) -> str:
        """Return what is to be told of a tab beside its name: which hit of a search is looked at."""
        return self._readers[tab].view.status if tab in self._readers else ""

    async def fill(self, tab: str, session: Session, step: str) -> None:
        """Show a step in one of the tabs."""
        pipeline, reader = session.opened.pipeline, self._readers[tab]
        definition = pipeline.steps[step]
        match tab:
            case "data":
                size = reader.parent.size if isinstance(reader.parent, Widget) else reader.size
                entries = await session.outputs(step)
                height = max(8, size.height - 2)
                made = asyncio.to_thread(output_lines, entries, size.width, self._gallery, height)
                reader.show(await made, step)
            case "source":
                await self._fill_source(reader, session, definition)
            case "notebook":
                view = session.state.steps.get(step)
                path = pipeline.step_path(definition, session.opened.data_dir)
                running = view is not None and view.status == "STARTED"
                run, cells = (view.run, view.cells) if view is not None else (None, {})
                self._notebook.show_notebook(NotebookRun(path, run, running, cells), self._syntax())
            case _:
                lines = property_lines(step, pipeline, session.opened.environments, session.opened.problems)
                reader.show(lines, step)

    # -- source -------------------------------------------------------------------------------------------------

    async def _fill_source(self, reader: Reader, session: Session, step: Step) -> None:
        """Show a step's file; after a failure the line that failed is marked and, the first time, in sight."""
        path = session.opened.pipeline.step_path(step, session.opened.data_dir)
        view = session.state.steps.get(step.uuid)
        failed = view.run if view is not None and view.status == "FAILURE" else None
        state = (path, _stamp(path), self._syntax(), failed)
        if state == self._source:
            return
        log = session.opened.layout.log_file(failed, step.uuid) if failed is not None else None
        failing = await asyncio.to_thread(failing_line, log, path.name) if log is not None else None
        lines = await asyncio.to_thread(source_lines, path, self._syntax(), failing)
        known = self._source[:1] == (path,) and self._source[3:] == (failed,)
        self._source = state
        reader.show(lines, path)
        if failing is not None and not known:
            reader.view.go_to(failing - 1)

    def file_changed(self, tab: str) -> bool:
        """Return whether the tab is Source and its file has been saved since it was read."""
        return tab == "source" and bool(self._source) and self._source[1] != _stamp(Path(str(self._source[0])))

    def line_to_edit(self, tab: str, session: Session, step: str, path: Path) -> int | None:
        """Return the line at which an editor is to open a step's file: where it failed, or where one was reading.

        Args:
            tab: The tab that is shown.
            session: The open pipeline.
            step: The step.
            path: Its file.
        """
        state = session.state.steps.get(step)
        failed = state.run if state is not None and state.status == "FAILURE" else None
        log = session.opened.layout.log_file(failed, step) if failed is not None else None
        failing = failing_line(log, path.name) if log is not None else None
        view = self._readers["source"].view
        if tab != "source" or self._readers["source"].subject != path or not view.lines:
            return failing
        if failing is not None and view.top < failing <= view.top + view.size.height:
            return failing
        return view.top + 1 if view.top else failing


def _stamp(path: Path) -> tuple[int, int]:
    """Return what tells versions of a file apart: time of change and size; zeros where there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
