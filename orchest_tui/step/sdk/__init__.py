"""The folder that a step's container has first on PYTHONPATH; the host imports the same code as a package."""
