"""Searching a log: a query, and the process that looks for it while the screen goes on.

Hits are lines and come in the log's order as they are found. A log that grows is searched on. Letters of other
alphabets than English are compared as they are written, and in a regular expression stand for their UTF-8 bytes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from orchest_tui.errors import OrchestTuiError
from orchest_tui.ui.log import scan_process
from orchest_tui.ui.log.hits import HitList
from orchest_tui.ui.log.reader import Extent, LogSource

_META = frozenset("\\^$*+?()[]{}|")
"""Characters that make a text a regular expression; a full stop alone does not, since numbers have it."""

_ALLOCATE_ONCE = {"MALLOC_MMAP_THRESHOLD_": "67108864", "MALLOC_TRIM_THRESHOLD_": "67108864"}
"""Keeps glibc from giving each chunk's memory back to the kernel and asking for it again: half of the time."""


class InvalidQueryError(OrchestTuiError):
    """What was typed is no regular expression."""


@dataclass(frozen=True)
class Query:
    """What is looked for.

    Attributes:
        patterns: Texts or regular expressions, any of which may match.
        regex: Whether they are regular expressions.
        ignore_case: Whether a and A are the same.
    """

    patterns: tuple[str, ...]
    regex: bool = False
    ignore_case: bool = False

    @classmethod
    def parse(cls, text: str, *, literal: bool = False) -> Query:
        """Return what a person means who typed ``text``.

        A text with an upper-case letter is compared exactly, one without in any case. One with a character that has
        a meaning in regular expressions (but the full stop) is one, unless ``literal``.

        Raises:
            InvalidQueryError: It should be a regular expression and is none.
        """
        query = cls((text,), regex=not literal and not _META.isdisjoint(text), ignore_case=text == text.lower())
        try:
            scan_process.finder(query.patterns, regex=query.regex, ignore_case=query.ignore_case)
            _ = query.pattern
        except (re.error, RecursionError, OverflowError) as error:
            message = f"{text!r} is no regular expression: {error}."
            raise InvalidQueryError(message, "Mend it, or press ctrl+r to look for the text as it stands.") from None
        return query

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The query as one regular expression, to find the places within a line."""
        parts = self.patterns if self.regex else map(re.escape, self.patterns)
        return re.compile("|".join(parts), re.IGNORECASE if self.ignore_case else 0)


ERRORS = Query(("ERROR", "Traceback", "Exception"))
"""Lines where something went wrong: what loggers write for an error, and the first line of a Python traceback."""


class LineScan:
    """Finds the lines of a log that match a query, in a process of its own.

    The log's earlier bytes must stay what they are; a log of a new generation wants a new scan.

    Args:
        source: The log.
        query: What is looked for.
    """

    def __init__(self, source: LogSource, query: Query) -> None:
        self.query = query
        self.hits = HitList()
        self.scanned = 0
        self._source = source
        self._wanted = threading.Event()
        self._closed = False
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(scan_process.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=source.descriptors(),
            env=os.environ | _ALLOCATE_ONCE,
            start_new_session=True,  # ctrl+c in the terminal is the screen's business
        )
        self._thread = threading.Thread(target=self._converse, name="log-search", daemon=True)
        self._thread.start()

    @property
    def fraction(self) -> float:
        """How much of the log has been gone through, from 0 to 1."""
        return self.scanned / max(1, self._source.size)

    @property
    def done(self) -> bool:
        """Whether all of the log that is known has been gone through."""
        return self.scanned >= self._source.size

    @property
    def alive(self) -> bool:
        """Whether the search goes on; one whose process was killed by someone else never gets done."""
        return self._thread.is_alive()

    def advance(self) -> None:
        """Go on where the log has grown."""
        if not self.done:
            self._wanted.set()

    def close(self) -> None:
        """End the search, however deep it is in a line."""
        self._closed = True
        self._wanted.set()
        self._process.kill()
        self._thread.join()

    def _converse(self) -> None:
        """Give orders and take answers; runs in a thread."""
        with self._process as process:
            orders, answers = process.stdin, process.stdout
            assert orders is not None
            assert answers is not None
            try:
                query = self.query
                keys = {"patterns": query.patterns, "regex": query.regex, "ignore_case": query.ignore_case}
                self._send(orders, json.dumps(keys))
                while not self._closed:
                    self._wanted.clear()
                    for extent in self._source.extents(self.scanned):
                        self._send(orders, f"{extent.descriptor} {extent.start} {extent.end} {extent.offset}")
                        if not self._collect(answers, extent):
                            return
                    if self.done:
                        self._wanted.wait()
            except BrokenPipeError:
                return  # the process was ended, by us or by someone else
            finally:
                process.kill()

    def _send(self, orders: IO[bytes], line: str) -> None:
        """Write one line to the process."""
        orders.write(line.encode() + b"\n")
        orders.flush()

    def _collect(self, answers: IO[bytes], extent: Extent) -> bool:
        """Take the answers to one order; return whether they are complete."""
        end = extent.offset + extent.end - extent.start
        while self.scanned < end:
            head = answers.read(scan_process.RECORD.size)
            if len(head) < scan_process.RECORD.size:
                return False
            field, count = scan_process.RECORD.unpack(head)
            if count:
                self.hits.add(field, answers.read(2 * count))
            else:
                self.scanned = field
        return True
