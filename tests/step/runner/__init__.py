"""The runner, driven as the engine drives it: a subprocess, a line of JSON at a time."""
