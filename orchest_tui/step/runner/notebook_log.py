"""A notebook's outputs as text in a step's log."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class NotebookLog:
    """Writes outputs as they come: ``[n] `` before the first of each cell, then the text as the kernel sent it.

    Args:
        descriptor: Where to write.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._in_cell = False
        self._at_line_start = True

    def message(self, kind: str, content: dict[str, Any], execution_count: int | None) -> None:
        """Write what a message of the kernel has of text: streams, ``text/plain`` of results, tracebacks."""
        if kind == "stream":
            self._write(content.get("text", ""), execution_count)
        elif kind in ("execute_result", "display_data"):
            self._write_block(content.get("data", {}).get("text/plain", ""), execution_count)
        elif kind == "error":
            self._write_block("\n".join(content.get("traceback", [])), execution_count)

    def end_cell(self) -> None:
        """Let the next output be another cell's."""
        self._in_cell = False

    def _write_block(self, text: str, execution_count: int | None) -> None:
        """Write ``text`` on lines of its own."""
        if text:
            lead = "\n" if self._in_cell and not self._at_line_start else ""
            self._write(lead + text.rstrip("\n") + "\n", execution_count)

    def _write(self, text: str, execution_count: int | None) -> None:
        if not text:
            return
        if not self._in_cell:
            self._in_cell = True
            number = " " if execution_count is None else execution_count
            text = ("" if self._at_line_start else "\n") + f"[{number}] " + text
        self._at_line_start = text.endswith("\n")
        data = text.encode("utf-8", "replace")
        while data:
            data = data[os.write(self._descriptor, data) :]
