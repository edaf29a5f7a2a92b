"""Measurements of the program's budgets, each beside its baseline in the same run; see ``docs/benchmarks.md``."""
