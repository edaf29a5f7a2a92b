"""Sweeps and schedules."""
