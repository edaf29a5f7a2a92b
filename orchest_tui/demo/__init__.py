"""The packaged demo project."""
