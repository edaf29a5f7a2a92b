"""What lies on disk: pipeline definitions, environments, settings, environment variables and the layout of paths."""
