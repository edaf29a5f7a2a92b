"""A view of log files for Textual programs: any size, followed live, searched, filtered, merged, made harmless.

``LogView`` is the widget, ``ViewedLog`` names a file for it. Nothing here knows steps or pipelines.
``python -m orchest_tui.ui.log FILE...`` shows any files.
"""

from orchest_tui.ui.log.log_view import LogView
from orchest_tui.ui.log.model import ViewedLog

__all__ = ["LogView", "ViewedLog"]
