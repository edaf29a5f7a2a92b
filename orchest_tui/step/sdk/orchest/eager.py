"""Importing this imports all that taking inputs and handing over outputs needs: what a waiting worker does early.

The modules of the SDK import each other at first use, so that a step that hands nothing over does not pay for it.
"""

from __future__ import annotations

import mmap

from . import inputs, pickling, previews, reports, segment, transfer, writing

__all__ = ["inputs", "mmap", "pickling", "previews", "reports", "segment", "transfer", "writing"]
