"""The graph map: the pipeline drawn as boxes and lines, alive, to walk about in."""

from orchest_tui.ui.map.step_map import StepMap

__all__ = ["StepMap"]
