"""Long blocking work beside the loop, a thread for each."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


async def in_thread(function: Callable[[], _T], name: str) -> _T:
    """Return what ``function`` returns in a thread of its own; the loop's shared pool stays free.

    The thread does not keep the process alive, and cancelling the wait does not end it.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[_T] = loop.create_future()

    def settle(value: _T | None, error: BaseException | None) -> None:
        if result.done():
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type] # None only where _T allows it

    def work() -> None:
        value: _T | None = None
        error: BaseException | None = None
        try:
            value = function()
        except BaseException as caught:
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await result
