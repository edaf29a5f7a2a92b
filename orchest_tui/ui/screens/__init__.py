"""Dialogs, and the screens before a pipeline is open."""
