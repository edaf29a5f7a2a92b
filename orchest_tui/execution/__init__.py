"""Turning one step into an isolated process: protocol, executors, spares, image builds."""
