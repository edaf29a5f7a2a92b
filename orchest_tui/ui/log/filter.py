"""Only those lines of a log that match: the lines that a scan finds, as a sequence of lines of their own."""

from __future__ import annotations

from orchest_tui.ui.log.search import LineScan


class FilteredLines:
    """The lines that a scan has found so far.

    Args:
        scan: Finds the lines, and goes on doing so.
    """

    def __init__(self, scan: LineScan) -> None:
        self.scan = scan

    @property
    def count(self) -> int | None:
        """How many lines match; nothing while not all of the log has been gone through."""
        return len(self.scan.hits) if self.scan.done else None

    def first(self) -> int | None:
        """Return the first line that matches."""
        return self._hit(0)

    def last(self) -> int | None:
        """Return the last line that matches."""
        return self._hit(len(self.scan.hits) - 1)

    def after(self, offset: int) -> int | None:
        """Return the first matching line after the one at ``offset``, which need not match."""
        return self._hit(self.scan.hits.rank(offset + 1))

    def before(self, offset: int) -> int | None:
        """Return the last matching line before the one at ``offset``, which need not match."""
        return self._hit(self.scan.hits.rank(offset) - 1)

    def nearest(self, offset: int) -> int | None:
        """Return the last matching line at or before ``offset``, or else the first one."""
        return self._hit(max(0, self.scan.hits.rank(offset + 1) - 1))

    def number(self, offset: int) -> int | None:
        """Return the number of the line at ``offset`` among those that match."""
        return self.scan.hits.rank(offset)

    def _hit(self, rank: int) -> int | None:
        """Return the line of a rank, where there is one."""
        return self.scan.hits[rank] if 0 <= rank < len(self.scan.hits) else None
