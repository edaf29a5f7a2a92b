"""The searches that go on in one log: what one looks for, what one filters by, and the errors."""

from __future__ import annotations

from orchest_tui.ui.log.reader import LogSource
from orchest_tui.ui.log.search import ERRORS, LineScan, Query


class Searches:
    """At most one search of each kind.

    Args:
        source: The log.
    """

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self.search: LineScan | None = None
        self.filter: LineScan | None = None
        self.errors: LineScan | None = None

    def find(self, query: Query | None) -> None:
        """Look for ``query`` from now on, or for nothing."""
        self.search = self._instead_of(self.search, query)

    def only(self, query: Query | None) -> None:
        """Filter by ``query`` from now on, or not at all."""
        self.filter = self._instead_of(self.filter, query)

    def find_errors(self) -> LineScan:
        """Look for errors, if that is not done yet."""
        if self.errors is None:
            self.errors = LineScan(self._source, ERRORS)
        return self.errors

    def found(self, line: int) -> bool:
        """Return whether the search found a line."""
        return self.search is not None and line in self.search.hits

    def advance(self) -> None:
        """Go on where the log has grown."""
        for scan in self._going_on():
            scan.advance()

    def start_anew(self) -> None:
        """Search a log that is another one now."""
        self.find(None if self.search is None else self.search.query)
        self.only(None if self.filter is None else self.filter.query)
        self.errors = self._instead_of(self.errors, None)

    def progress(self) -> tuple[tuple[int, int], ...]:
        """Return how far each search has come and what it found, to see whether that changed."""
        return tuple((scan.scanned, len(scan.hits)) for scan in self._going_on())

    def close(self) -> None:
        """End all searches."""
        for scan in self._going_on():
            scan.close()
        self.search = self.filter = self.errors = None

    def _instead_of(self, scan: LineScan | None, query: Query | None) -> LineScan | None:
        """End ``scan`` and begin another one for ``query``."""
        if scan is not None:
            scan.close()
        return None if query is None else LineScan(self._source, query)

    def _going_on(self) -> list[LineScan]:
        """Return the searches that there are."""
        return [scan for scan in (self.search, self.filter, self.errors) if scan is not None]
