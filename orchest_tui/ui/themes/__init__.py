"""Themes: how the app looks, from YAML files, on terminals that can show more or less of it."""
