"""Exceptions of the step's code, without the runner's own frames in them."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

HERE = os.path.dirname(os.path.abspath(__file__))


def forget_frames(error: BaseException | None) -> None:
    """Cut the runner's frames out of the traceback of an exception, its causes and its contexts."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if current is not None and id(current) not in seen:
            seen.add(id(current))
            current.__traceback__ = _without_runner(current.__traceback__)
            waiting += [current.__cause__, current.__context__]


def _without_runner(trace: TracebackType | None) -> TracebackType | None:
    kept = []
    while trace is not None:
        if os.path.dirname(trace.tb_frame.f_code.co_filename) != HERE:
            kept.append(trace)
        trace = trace.tb_next
    following = None
    for entry in reversed(kept):
        entry.tb_next = following
        following = entry
    return following
