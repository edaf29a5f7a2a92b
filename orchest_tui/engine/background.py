"""A run that goes on without the program that began it: a process of its own looks after it until its end.

It is ``orchest-tui run --resume``, cut loose from the terminal. It adopts what was left (``EngineCore.adopt``), says in
the lock file that nobody sits before it, and hands over to the first newcomer that asks.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchest_tui.engine.target import Target


def go_on_in_background(target: Target) -> None:
    """Start the process that looks after the pipeline's unfinished run; the pipeline's lock must be free by now.

    Args:
        target: The pipeline; the settings in force come from where this process's came from.

    Raises:
        OSError: No process can be started.
    """
    command = [sys.executable, "-m", "orchest_tui", "run", str(target.path), "--resume", "--json"]
    null = subprocess.DEVNULL
    subprocess.Popen(
        command, cwd=target.project_dir, stdin=null, stdout=null, stderr=null, start_new_session=True, close_fds=True
    )
