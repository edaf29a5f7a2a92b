"""A log view without a screen: what is shown of which logs, and what becomes of it when a key is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchest_tui.log_times import LineTimes
from orchest_tui.ui.log.filter import FilteredLines
from orchest_tui.ui.log.jumps import Jump, Outcome, resolve
from orchest_tui.ui.log.lines import LogLines
from orchest_tui.ui.log.merge import MergedLog
from orchest_tui.ui.log.painter import Appearance, Origin, Painter
from orchest_tui.ui.log.reader import LogFile
from orchest_tui.ui.log.search import LineScan, Query
from orchest_tui.ui.log.searches import Searches
from orchest_tui.ui.log.selection import Selection
from orchest_tui.ui.log.viewport import Viewport


@dataclass(frozen=True)
class ViewedLog:
    """A log that is to be shown.

    Attributes:
        path: The file; need not be there yet.
        tag: What stands before its lines where several logs are merged.
    """

    path: Path
    tag: str = ""


class LogModel:
    """One log, or several merged, and the place in it that is looked at.

    Args:
        logs: What is shown; more than one are merged. At least one.
        look: Width, wrapping and the like; kept when another log is opened.

    Attributes:
        following: Whether the end of the log stays on the screen.
        notice: One short remark about the last action; empty where there is none.
    """

    def __init__(self, logs: Sequence[ViewedLog], look: Appearance) -> None:
        self.logs = tuple(logs)
        self.look = look
        self._times = [LineTimes(log.path) for log in logs]
        files = [LogFile(log.path) for log in logs]
        self.lines = LogLines(files[0] if len(files) == 1 else MergedLog(files, self._times))
        self.searches = Searches(self.lines.source)
        self.selection = Selection()
        look.tags = [log.tag or log.path.name for log in logs] if len(logs) > 1 else ()
        look.query = look.current = look.selection = None
        look.pan = 0
        self.painter = Painter(self.lines.content, self._origin, self.searches.found, look)
        self.viewport = Viewport(self.lines, self.painter.parts)
        self.following = True
        self.notice = ""
        self._jump: Jump | None = None
        self._paused_at: int | None = None
        self._progress: tuple[object, ...] = ()
        self.refresh()

    def close(self) -> None:
        """End all searches and close the files."""
        self.searches.close()
        self.lines.close()
        for times in self._times:
            times.close()

    def refresh(self) -> bool:
        """Take in what happened since the last look; return whether the screen has to show something else."""
        generation = self.lines.source.generation
        changed = self.lines.refresh()
        if self.lines.source.generation != generation:
            self._start_anew()
        self.searches.advance()
        self._try_jump()
        before, self._progress = self._progress, (self._jump, self.searches.progress())
        return changed or before != self._progress

    def settle(self) -> None:
        """Bring the viewport to where it has to be before it is painted."""
        if self.following:
            self.viewport.to_end()
        else:
            self.viewport.settle()
        self.look.selection = self.selection.range

    @property
    def jumping(self) -> bool:
        """Whether the line to jump to is still being looked for."""
        return self._jump is not None

    @property
    def new_lines(self) -> int:
        """Lines that came since the end is no longer followed, as far as they are counted."""
        total = self.viewport.lines.count
        return 0 if self._paused_at is None or total is None else max(0, total - self._paused_at)

    def move(self, rows: int) -> None:
        """Move by ``rows``, or by so many selected lines; past the end follows again, up stops that."""
        self.settle()
        if self.selection.active:
            self._extend_by(rows)
            return
        self.follow(on=rows > 0 and (self.following or self.viewport.at_end))
        if not self.following:
            self.viewport.move(rows)

    def to_start(self) -> None:
        """Go to the first line."""
        self.follow(on=False)
        self.viewport.to_start()
        self.selection.extend(self.viewport.lines.first())

    def to_end(self) -> None:
        """Go to the last line and follow; while lines are selected, only go there."""
        self.follow(on=not self.selection.active)
        self.viewport.to_end()
        self.selection.extend(self.viewport.lines.last())

    def follow(self, *, on: bool) -> None:
        """Follow the end of the log, or stay where one is."""
        if on == self.following:
            return
        self.settle()
        self.following = on
        self._paused_at = None if on else self.viewport.lines.count

    def pan(self, cells: int) -> None:
        """Move sideways, no further than the lines on the screen reach."""
        self.settle()
        reach = max(0, self.painter.widest(self.viewport.rows()) - self.look.text_width)
        self.look.pan = 0 if self.look.wrap else max(0, min(self.look.pan + cells, max(reach, self.look.pan)))

    def toggle_wrap(self) -> None:
        """Wrap long lines, or cut them at the edge."""
        self.look.wrap = not self.look.wrap
        self.look.pan = 0

    def toggle_times(self) -> None:
        """Show when lines were written, or not."""
        self.look.times = not self.look.times and any(times.available for times in self._times)
        if not self.look.times:
            self.notice = "No times" if not any(times.available for times in self._times) else ""

    def find(self, query: Query) -> None:
        """Search for ``query`` and go to the first line from the top of the screen on that has it."""
        self.searches.find(query)
        self.look.query, self.look.current = query, None
        self._go(self.searches.search, forward=True)

    def next_hit(self, *, forward: bool) -> None:
        """Go to the next, or the previous, line that the search found."""
        self._go(self.searches.search, forward=forward)

    def next_error(self, *, forward: bool) -> None:
        """Go to the next, or the previous, line that tells of an error."""
        self._go(self.searches.find_errors(), forward=forward)

    def only(self, query: Query | None) -> None:
        """Show only lines that match ``query``; all again without one."""
        self.settle()
        self.searches.only(query)
        self._use_filter()

    def leave(self) -> None:
        """Leave the selection, else the search, else the filter."""
        if self.selection.active:
            self.selection.clear()
        elif self.searches.search is not None:
            self.searches.find(None)
            self._jump = self.look.query = self.look.current = None
        else:
            self.only(None)

    def select(self) -> None:
        """Begin to select lines: at the last jump's line, else at the last one followed, else at the topmost one."""
        self.settle()
        lines = [row.line for row in self.viewport.rows()]
        if lines:
            line = self.look.current if self.look.current in lines else lines[-1 if self.following else 0]
            self.follow(on=False)
            self.selection.begin(line)

    def _extend_by(self, count: int) -> None:
        """Move the end of the selection by ``count`` lines."""
        lines = self.viewport.lines
        step = lines.after if count > 0 else lines.before
        for _ in range(abs(count)):
            if self.selection.cursor is not None:
                self.selection.extend(step(self.selection.cursor))
        if self.selection.cursor is not None:
            self.viewport.show(self.selection.cursor)

    def _go(self, scan: LineScan | None, *, forward: bool) -> None:
        """Go to another line that ``scan`` finds, now or when it has found it."""
        if scan is None:
            self.notice = "Nothing was searched for"
            return
        self.settle()
        lines = [row.line for row in self.viewport.rows()]
        start = self.look.current
        seen = start is not None and start in lines
        top = lines[0] if lines else 0
        self._jump = Jump(scan, start if seen and start is not None else top, forward, inclusive=forward and not seen)
        self._try_jump()

    def _try_jump(self) -> None:
        """Make the jump that is wished for, if its line is known by now."""
        if self._jump is None:
            return
        outcome, line = resolve(self._jump)
        if outcome is Outcome.PENDING:
            return
        forward, self._jump = self._jump.forward, None
        if outcome is Outcome.NOTHING:
            self.notice = "Not found"
            return
        if outcome is Outcome.WRAPPED:
            self.notice = "From the start again" if forward else "From the end again"
        self.follow(on=False)
        self.look.current = line
        self.selection.extend(line)
        nearest = self.viewport.lines.nearest(line)
        if nearest is not None:
            self.viewport.show(nearest)

    def _use_filter(self) -> None:
        """Let the viewport see the lines that are not filtered out."""
        scan = self.searches.filter
        self.viewport.lines = self.lines if scan is None else FilteredLines(scan)
        self._paused_at = None if self.following else self.viewport.lines.count

    def _start_anew(self) -> None:
        """Forget what was known of a log that is another one now, and search that."""
        self.painter.forget()
        self.selection.clear()
        self.viewport.top = self._jump = self.look.current = None
        self.searches.start_anew()
        self._use_filter()

    def _origin(self, line: int) -> Origin:
        """Return where a line comes from."""
        log, offset = self.lines.source.origin(line)
        return Origin(log, self._times[log].at(offset) if self.look.times else None)
