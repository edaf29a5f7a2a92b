"""A view of log files for Textual programs: any size, followed live, searched, filtered, merged, made harmless.

``LogView`` is the widget, ``ViewedLog`` names a file for it. Nothing here knows steps or pipelines. A host shows logs
by ``LogView.show`` and may handle its messages: ``Followed``, ``Copied``, and what a key asks of the host,
``MergeRequested``, ``EarlierRequested``, ``OpenRequested``; an answer in a few words goes into the title by ``tell``.
Keys are bindings with ids ``log.*``, so that a keymap can change them.
``python -m orchest_tui.ui.log FILE...`` shows any files.
"""

from orchest_tui.ui.log.log_view import LogView
from orchest_tui.ui.log.model import ViewedLog

__all__ = ["LogView", "ViewedLog"]
