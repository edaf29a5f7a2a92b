"""Orchest pipelines in a terminal: the step graph, containers, live logs and an output cache in one process."""

__version__ = "0.1.0"
