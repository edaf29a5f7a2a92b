"""Labels on everything that is made in the container engine.

Whatever carries these labels belongs to this program: adoption finds it by them, and ``clean`` removes it by them.
``OWNER`` names the process that made a thing (``execution/owner.py``), so that another can tell whether it still lives.
"""

from __future__ import annotations

from typing import Literal

PROJECT = "orchest-tui.project"
PIPELINE = "orchest-tui.pipeline"
STEP = "orchest-tui.step"
SESSION = "orchest-tui.session"
ROLE = "orchest-tui.role"
WORKER = "orchest-tui.worker"
SERVICE = "orchest-tui.service"
OWNER = "orchest-tui.owner"

Role = Literal["worker", "pause", "service", "build", "probe"]

IMAGE_ROLE = "image"
"""The role of images. A container that a user starts from one by hand inherits its labels, and is not ours."""
